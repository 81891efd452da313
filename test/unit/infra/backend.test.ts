import { App, TerraformStack } from 'cdktf';
import { Backend, backendBlock, backendFaults, stateKey, type StateBackend } from '../../../infra/backend';
import { synthesized } from './synthesized';

const block = (backend: StateBackend, stack = 'preview'): unknown =>
  backendBlock(backend, stateKey(stack), (folder) => `../../../${folder}`);

describe('a state backend', () => {
  it('has a key of its own for each stack', () => {
    expect(stateKey('preview')).toBe('cherry-base-preview.tfstate');
    expect(stateKey('production-address')).toBe('cherry-base-production-address.tfstate');
  });

  it('may be a file, by a path that is relative to the stack', () => {
    expect(block({ kind: 'local', folder: '.cogni/state' })).toEqual({
      type: 'local',
      attributes: { path: '../../../.cogni/state/cherry-base-preview.tfstate' },
    });
  });

  it('may be an S3 bucket, encrypted and with its own lock file', () => {
    expect(block({ kind: 's3', bucket: 'cogni-state', region: 'eu-central-1' })).toEqual({
      type: 's3',
      attributes: {
        bucket: 'cogni-state',
        key: 'cherry-base-preview.tfstate',
        region: 'eu-central-1',
        encrypt: true,
        use_lockfile: true,
      },
    });
  });

  it("may be another S3 server, which is not asked for what only Amazon's has", () => {
    expect(
      block({ kind: 's3', bucket: 'cogni-state', region: 'us-east-1', endpoint: 'https://s3.example.net' }),
    ).toMatchObject({
      attributes: {
        endpoints: { s3: 'https://s3.example.net' },
        use_path_style: true,
        skip_credentials_validation: true,
        skip_requesting_account_id: true,
        skip_region_validation: true,
        skip_metadata_api_check: true,
      },
    });
  });

  it('may be a PostgreSQL database, with a schema for each stack and no connection string', () => {
    expect(block({ kind: 'pg' }, 'production-address')).toEqual({
      type: 'pg',
      attributes: { schema_name: 'cherry_base_production_address' },
    });
  });

  it('may be an HTTP server, with a lock for each stack', () => {
    expect(block({ kind: 'http', address: 'https://state.example.net/cogni/' })).toEqual({
      type: 'http',
      attributes: {
        address: 'https://state.example.net/cogni/cherry-base-preview.tfstate',
        lock_address: 'https://state.example.net/cogni/cherry-base-preview.tfstate/lock',
        lock_method: 'POST',
        unlock_address: 'https://state.example.net/cogni/cherry-base-preview.tfstate/lock',
        unlock_method: 'DELETE',
      },
    });
  });

  it('reaches the synthesized file exactly as it is', () => {
    const attributes = { bucket: 'b', use_lockfile: true, endpoints: { s3: 'https://s3.example.net' } };
    const { document } = synthesized((app: App) => {
      new Backend(new TerraformStack(app, 'x'), { type: 's3', attributes });
    }).get('x')!;
    expect(document.terraform['backend']).toEqual({ s3: attributes });
  });
});

describe('faults of a state backend', () => {
  it.each<[StateBackend]>([
    [{ kind: 'local', folder: '.cogni/state' }],
    [{ kind: 's3', bucket: 'cogni-state', region: 'eu-central-1' }],
    [{ kind: 's3', bucket: 'cogni-state', region: 'us-east-1', endpoint: 'http://127.0.0.1:9000' }],
    [{ kind: 'pg' }],
    [{ kind: 'http', address: 'https://state.example.net/cogni' }],
  ])('are none for %j', (backend) => {
    expect(backendFaults(backend)).toEqual([]);
  });

  it('are credentials in the record, whose names are shown and whose values are not', () => {
    const faults = backendFaults({
      kind: 's3',
      bucket: 'cogni-state',
      region: 'eu-central-1',
      ...{ access_key: 'AKIAVERYSECRET' },
    });
    expect(faults).toEqual([
      'access_key is not a setting of a s3 backend (allowed: kind, bucket, region, endpoint); ' +
        'credentials come from the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY',
    ]);
  });

  it('are credentials in a URL, which is not shown', () => {
    const faults = backendFaults({ kind: 'http', address: 'https://me:hunter2@state.example.net/x' });
    expect(faults).toEqual([
      'address holds credentials; take them out and set TF_HTTP_USERNAME, TF_HTTP_PASSWORD in the environment instead',
    ]);
  });

  it('are all told at once', () => {
    expect(backendFaults({ kind: 's3', bucket: 'No', region: ' ', endpoint: 'nonsense' })).toEqual([
      expect.stringContaining('bucket "No" is not a bucket name'),
      expect.stringContaining('region is empty'),
      expect.stringContaining('endpoint is not a URL'),
    ]);
  });

  it.each<[StateBackend, RegExp]>([
    [{ kind: 'local', folder: ' ' }, /folder is empty/],
    [{ kind: 'http', address: 'http://state.example.net/x' }, /is not https/],
  ])('name the fault of %j', (backend, fault) => {
    expect(backendFaults(backend)).toEqual([expect.stringMatching(fault)]);
  });
});
