import { TerraformBackend, TerraformRemoteState } from 'cdktf';
import type { Construct } from 'constructs';
import { credentialsOf } from './backend-credentials';

/**
 * Where an environment's Terraform state lives. Each environment has a key of its own in it ({@link stateKey}), so that
 * none can touch another's.
 *
 * No kind has a field for credentials: Terraform reads them from its environment, and the synthesized file, which anyone
 * may read, never holds one.
 *
 * A change of any of it moves the state: run Terraform's own migration (`cdktf deploy <env> --migrate-state`).
 */
export type StateBackend = LocalState | S3State | PgState | HttpState;

/** A file on this machine. For trying things out and for one operator alone: it has no lock across machines. */
interface LocalState {
  readonly kind: 'local';
  /** Folder of the state files, relative to the checkout, or absolute. */
  readonly folder: string;
}

/**
 * An S3 bucket, with Terraform's own lock file in it (Terraform 1.10 or newer). Credentials: the usual `AWS_*`
 * variables. Switch versioning of the bucket on: it is the way back from a damaged state.
 */
interface S3State {
  readonly kind: 's3';
  readonly bucket: string;
  readonly region: string;
  /** URL of an S3-compatible server that is not Amazon's. @default - Amazon's, by region */
  readonly endpoint?: string;
}

/** A PostgreSQL database, with advisory locks. Credentials: `PG_CONN_STR`, the whole connection string. */
interface PgState {
  readonly kind: 'pg';
}

/** A server that speaks Terraform's HTTP protocol, GitLab for one. Credentials: `TF_HTTP_USERNAME`, `TF_HTTP_PASSWORD`. */
interface HttpState {
  readonly kind: 'http';
  /** URL of the folder: a state is at `<address>/<key>`, its lock at `<address>/<key>/lock`. */
  readonly address: string;
}

/** The key of a stack's state: `cherry-base-preview.tfstate`, `cherry-base-production-address.tfstate`. */
export const stateKey = (stackId: string): string => `cherry-base-${stackId}.tfstate`;

/** Type and attributes of Terraform's `backend` block. */
export interface BackendBlock {
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/**
 * The `backend` block of one stack.
 *
 * @param key of the state, from {@link stateKey}
 * @param local gives, for the folder of a local backend, the path from the stack's own folder to it
 */
export function backendBlock(
  backend: StateBackend,
  key: string,
  local: (folder: string) => string,
): BackendBlock {
  switch (backend.kind) {
    case 'local':
      return { type: 'local', attributes: { path: `${local(backend.folder)}/${key}` } };
    case 's3':
      return {
        type: 's3',
        attributes: {
          bucket: backend.bucket,
          key,
          region: backend.region,
          encrypt: true,
          use_lockfile: true,
          ...(backend.endpoint === undefined ? {} : otherS3(backend.endpoint)),
        },
      };
    case 'pg':
      // One schema an environment: the backend has no other key. PostgreSQL's names end at 63 characters.
      return { type: 'pg', attributes: { schema_name: key.replace(/\.tfstate$/, '').replaceAll('-', '_') } };
    case 'http': {
      const address = `${backend.address.replace(/\/+$/, '')}/${key}`;
      const lock = `${address}/lock`;
      return {
        type: 'http',
        attributes: {
          address,
          lock_address: lock,
          lock_method: 'POST',
          unlock_address: lock,
          unlock_method: 'DELETE',
        },
      };
    }
  }
}

/** What an S3 server that is not Amazon's lacks: accounts, metadata, regions of that name, virtual-hosted buckets. */
const otherS3 = (endpoint: string): Readonly<Record<string, unknown>> => ({
  endpoints: { s3: endpoint },
  use_path_style: true,
  skip_credentials_validation: true,
  skip_metadata_api_check: true,
  skip_region_validation: true,
  skip_requesting_account_id: true,
});

/** Writes a {@link BackendBlock} into a stack, exactly as it is. */
export class Backend extends TerraformBackend {
  constructor(
    scope: Construct,
    private readonly block: BackendBlock,
  ) {
    super(scope, 'backend', block.type);
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { ...this.block.attributes };
  }

  protected override synthesizeHclAttributes(): Record<string, unknown> {
    return this.synthesizeAttributes();
  }

  /** Lets another stack read this one's outputs: what CDKTF makes of a reference across stacks. */
  getRemoteStateDataSource(scope: Construct, name: string): TerraformRemoteState {
    return new StateOfStack(scope, name, this.block);
  }
}

class StateOfStack extends TerraformRemoteState {
  constructor(
    scope: Construct,
    id: string,
    private readonly block: BackendBlock,
  ) {
    super(scope, id, block.type, {});
  }

  override toTerraform(): unknown {
    return {
      data: {
        terraform_remote_state: {
          [this.friendlyUniqueId]: { backend: this.block.type, config: { ...this.block.attributes } },
        },
      },
    };
  }
}

const bucketName = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Everything that is wrong with a backend's own settings; each fault begins with the field's name. */
export function backendFaults(backend: StateBackend): readonly string[] {
  const known = fieldsOf[backend.kind];
  const unknown = Object.keys(backend).filter((field) => !known.includes(field));
  return [
    ...unknown.map(
      (field) =>
        `${field} is not a setting of a ${backend.kind} backend (allowed: ${known.join(', ')}); ` +
        `credentials come from the environment: ${credentialsOf[backend.kind]}`,
    ),
    ...ownFaults(backend),
  ];
}

const fieldsOf: Readonly<Record<StateBackend['kind'], readonly string[]>> = {
  local: ['kind', 'folder'],
  s3: ['kind', 'bucket', 'region', 'endpoint'],
  pg: ['kind'],
  http: ['kind', 'address'],
};

/** All kinds there are, for messages. */
export const backendKinds = Object.keys(fieldsOf) as readonly StateBackend['kind'][];

function ownFaults(backend: StateBackend): readonly string[] {
  switch (backend.kind) {
    case 'local':
      return backend.folder.trim() === '' ? ['folder is empty; write a folder relative to the checkout'] : [];
    case 's3':
      return [
        ...(bucketName.test(backend.bucket)
          ? []
          : [`bucket "${backend.bucket}" is not a bucket name (3 to 63 of a-z 0-9 . -)`]),
        ...(backend.region.trim() === ''
          ? ['region is empty; an S3-compatible server usually takes "us-east-1"']
          : []),
        ...(backend.endpoint === undefined ? [] : urlFaults('endpoint', backend.endpoint, credentialsOf.s3)),
      ];
    case 'pg':
      return [];
    case 'http':
      return urlFaults('address', backend.address, credentialsOf.http);
  }
}

function urlFaults(field: string, text: string, credentials: string): readonly string[] {
  if (!URL.canParse(text))
    return [`${field} is not a URL; write it like https://state.example.com/terraform`];
  const url = new URL(text);
  // The value itself is not shown: it may hold a password.
  if (url.username !== '' || url.password !== '') {
    return [`${field} holds credentials; take them out and set ${credentials} in the environment instead`];
  }
  if (url.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)) return [];
  return [`${field} "${text}" is not https: state holds what must not be read on the way`];
}
