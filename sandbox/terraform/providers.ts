import { Failure } from '../../foundation/failure';

/** A provider that the stacks need, at the version that they pin. */
export interface Provider {
  readonly namespace: string;
  readonly type: string;
  /** Without a leading v. */
  readonly version: string;
}

/** Pinned by the committed bindings (infra/schema) and by the stand-in, which knows no other. */
export const cherryProvider: Provider = {
  namespace: 'cherryservers',
  type: 'cherryservers',
  version: '1.5.3',
};
/** The version that `@cdktf/provider-null` was generated from. */
export const nullProvider: Provider = { namespace: 'hashicorp', type: 'null', version: '3.2.4' };

export const providers: readonly Provider[] = [cherryProvider, nullProvider];

/** Terraform and OpenTofu each complete a source such as `hashicorp/null` by a registry of their own. */
export const registries = ['registry.terraform.io', 'registry.opentofu.org'] as const;
export type Registry = (typeof registries)[number];

/** Where one provider's binary comes from, on this machine: its path. */
export type ProviderBinaries = ReadonlyMap<Provider, string>;

/** File name that Terraform looks for in a provider's folder. */
export const binaryName = (provider: Provider): string =>
  `terraform-provider-${provider.type}_v${provider.version}`;

/**
 * The platform in the registry protocol's words: `linux_amd64`.
 * @throws Failure on a machine that the sandbox does not run on.
 */
export function platformOf(system: string = process.platform, architecture: string = process.arch): string {
  const known: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
  const name = known[architecture];
  if (system === 'linux' && name !== undefined) return `linux_${name}`;
  throw new Failure({
    what: `this machine is ${system}/${architecture}; the sandbox runs on linux/x64 and linux/arm64`,
    next: 'run it on such a machine',
  });
}
