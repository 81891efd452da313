import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from './checkout';

/** The Cherry provider that everything here is written for: bindings, change effects, provider lock. */
export const cherryProvider = {
  source: 'cherryservers/cherryservers',
  version: '1.5.3',
  /** Key of the provider in a schema file and in a lock file. */
  address: 'registry.terraform.io/cherryservers/cherryservers',
} as const;

/** The null provider: carries the bootstrap gate. Source and version are those of `@cdktf/provider-null` 11.0.1. */
export const nullProvider = {
  source: 'null',
  version: '3.2.4',
  address: 'registry.terraform.io/hashicorp/null',
} as const;

/** An attribute as `terraform providers schema -json` describes it; only what is read here. */
interface SchemaAttribute {
  readonly type?: unknown;
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
  readonly sensitive?: boolean;
}

interface SchemaBlock {
  readonly attributes: Readonly<Record<string, SchemaAttribute>>;
}

/** `terraform providers schema -json`, as far as it is read here. */
export interface ProviderSchemaFile {
  readonly format_version: string;
  readonly provider_versions: Readonly<Record<string, string>>;
  readonly provider_schemas: Readonly<
    Record<
      string,
      {
        readonly provider: { readonly block: SchemaBlock };
        readonly resource_schemas: Readonly<Record<string, { readonly block: SchemaBlock }>>;
        readonly data_source_schemas: Readonly<Record<string, { readonly block: SchemaBlock }>>;
      }
    >
  >;
}

/** The committed schema file: its name is the one under which the CDKTF tools look for it. */
export const schemaFile = join('infra', 'schema', `cherryservers@${cherryProvider.version}.json`);

/** The committed schema of the Cherry provider, and the SHA-256 of its bytes. */
export function readProviderSchema(): { readonly schema: ProviderSchemaFile; readonly sha256: string } {
  const bytes = readFileSync(join(checkout, schemaFile));
  return {
    schema: JSON.parse(bytes.toString('utf8')) as ProviderSchemaFile,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

/** The resource types of the Cherry provider that the constructs use; bindings are made for these alone. */
export const usedResources = ['cherryservers_ip', 'cherryservers_server', 'cherryservers_ssh_key'] as const;
