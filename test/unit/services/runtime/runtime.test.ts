import { load } from 'js-yaml';
import { Bytes, check, variables } from '../../../../compose';
import { Secret } from '../../../../foundation/secret';
import {
  app,
  bootstrapProfile,
  declarationOf,
  edgeProject,
  imageReference,
  readSettings,
  renderRuntime,
  runtimeProject,
  runtimeServices,
  runtimeVariables,
  settingNames,
  settingsOf,
  type Consumer,
  type RuntimeProps,
} from '../../../../services';
import { deploySettings, digest, release, resolvedLock } from '../example';

const props: RuntimeProps = { images: { postgres: imageReference(resolvedLock(), 'postgres') } };
const services = (
  more: Partial<RuntimeProps> = {},
): Readonly<Record<string, Readonly<Record<string, unknown>>>> =>
  (load(renderRuntime({ ...props, ...more })[0]?.content ?? '') as { services: never }).services;

describe('the runtime', () => {
  it('is a compose file and the files of the provisioning job', () => {
    expect(renderRuntime(props).map(({ path, mode }) => [path, mode.toString(8)])).toEqual([
      ['compose.yaml', '644'],
      ['db-provision/cluster.sql', '644'],
      ['db-provision/database.sql', '644'],
      ['db-provision/provision.sh', '755'],
    ]);
  });

  it('takes the right to connect from the application and gives it back in one transaction', () => {
    const sql = renderRuntime(props).find(({ path }) => path === 'db-provision/cluster.sql')!.content;
    const [before = '', inside = '', ...more] = sql.split(/^(?:BEGIN|COMMIT);$/m);
    expect(more).toEqual(['\n']);
    expect(before).toContain('CREATE DATABASE');
    expect(before).not.toContain('ON DATABASE');
    expect(inside).toMatch(/REVOKE ALL ON DATABASE %I FROM %I[^]*GRANT CONNECT, TEMPORARY ON DATABASE/);
  });

  it('is the same to the byte on every run', () => {
    expect(renderRuntime(props)).toEqual(renderRuntime({ ...props }));
  });

  it('holds the services that others know it by', () => {
    expect(Object.keys(services()).sort()).toEqual(Object.values(runtimeServices).sort());
  });

  it('can be on one host with the edge', () => {
    const edge = edgeProject({
      domain: 'preview.cogni.test',
      www: true,
      acme: { directory: 'https://acme.cogni.test/directory' },
      image: imageReference(resolvedLock(), 'caddy'),
    });
    expect(check(edge, runtimeProject(props))).toEqual([]);
  });

  it('publishes nothing to the world', () => {
    for (const service of Object.values(services())) expect(service).not.toHaveProperty('ports');
  });

  it('lets only the application be reached from the edge, under the name that a deploy writes', () => {
    expect(services()['app']?.['networks']).toEqual({ internal: {}, edge: { aliases: [app.upstream] } });
    expect(services()['postgres']?.['networks']).toEqual({ internal: {} });
  });

  it('starts the jobs only when they are asked for', () => {
    const jobs = Object.entries(services()).filter(([, service]) => service['profiles'] !== undefined);
    expect(jobs.map(([name, { profiles, restart }]) => [name, profiles, restart])).toEqual([
      ['db-migrate', [bootstrapProfile], 'no'],
      ['db-provision', [bootstrapProfile], 'no'],
    ]);
  });

  it('runs the application without rights: not as root, on a file system that it cannot write to', () => {
    expect(services()['app']).toMatchObject({
      user: '1001:1001',
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(services()['app']).not.toHaveProperty('cap_add');
  });

  it('gives the provisioning job the server’s socket and no network', () => {
    expect(services()['db-provision']).toMatchObject({
      network_mode: 'none',
      user: 'postgres',
      read_only: true,
    });
  });

  it('tunes the server for the memory that it may use', () => {
    const command = (megabytes: number): unknown =>
      services({ memory: { postgres: Bytes.mebibytes(megabytes) } })['postgres']?.['command'];
    expect(command(512)).toEqual(
      expect.arrayContaining(['shared_buffers=128MB', 'effective_cache_size=307MB', 'work_mem=4MB']),
    );
    expect(command(4096)).toEqual(
      expect.arrayContaining(['shared_buffers=1024MB', 'maintenance_work_mem=256MB', 'work_mem=32MB']),
    );
  });

  it('limits the memory of each as it is told', () => {
    const limited = services({ memory: { app: Bytes.mebibytes(300), postgres: Bytes.mebibytes(400) } });
    expect([limited['app']?.['mem_limit'], limited['postgres']?.['mem_limit']]).toEqual(['300m', '400m']);
  });

  it('keeps secrets out of everything but the environment', () => {
    for (const { environment, ...rest } of Object.values(services())) {
      const secret = settingNames.filter((name) => declarationOf(name).kind === 'secret');
      for (const name of secret) expect(JSON.stringify(rest)).not.toContain(`\${${name}:`);
      expect(environment).toBeDefined();
    }
  });
});

describe('the catalogue and the runtime', () => {
  const read = variables(runtimeProject(props));

  it.each([...read.keys()])('agree on what %s reads', (service) => {
    const names = read.get(service)?.map(({ variable }) => variable) ?? [];
    expect([...names].sort()).toEqual([...settingsOf(`runtime/${service}` as Consumer)].sort());
  });

  it.each([...read])('agree on what of %s is secret and what must be there', (_, uses) => {
    for (const { variable, sensitive, required } of uses) {
      const declared = declarationOf(variable as (typeof settingNames)[number]);
      expect({ variable, sensitive, required }).toEqual({
        variable,
        sensitive: declared.kind === 'secret',
        required: declared.required,
      });
    }
  });

  it('know no consumer that is not there, and no setting that nobody reads', () => {
    const consumers = new Set(settingNames.flatMap((name) => declarationOf(name).consumers));
    const others: readonly Consumer[] = [
      'cherry-provider',
      'registry-login',
      'database-url',
      'sourcecred/sourcecred',
    ];
    expect([...consumers].sort()).toEqual(
      [...[...read.keys()].map((name) => `runtime/${name}`), ...others].sort(),
    );
    for (const name of settingNames) expect(declarationOf(name).consumers.length).toBeGreaterThan(0);
  });
});

describe('the variables of the runtime', () => {
  const settings = readSettings({ ...deploySettings, APP_DB_PASSWORD: "p@ss'word/with?signs" }, 'deploy');
  const values = runtimeVariables(settings, release);

  it('are exactly those that its services read', () => {
    const read = new Set(
      [...variables(runtimeProject(props)).values()].flat().map(({ variable }) => variable),
    );
    expect([...values.keys()].sort()).toEqual([...read].filter((name) => name !== 'METRICS_TOKEN').sort());
  });

  it('hold the release by digest', () => {
    expect(values.get('APP_IMAGE')).toBe(`ghcr.test/cogni/app@${digest('1')}`);
    expect(values.get('MIGRATOR_IMAGE')).toBe(`ghcr.test/cogni/app@${digest('2')}`);
  });

  it('hold one connection URL for the application and one for the migrations, each of its own role', () => {
    const url = (name: 'DATABASE_URL' | 'OWNER_DATABASE_URL'): string =>
      (values.get(name) as Secret).reveal();
    expect(url('DATABASE_URL')).toBe(
      'postgresql://cogni_app:p%40ss%27word%2Fwith%3Fsigns@postgres:5432/cogni?sslmode=disable',
    );
    expect(url('OWNER_DATABASE_URL')).toBe(
      'postgresql://cogni_owner:owner-password-0123456789@postgres:5432/cogni?sslmode=disable',
    );
  });

  it('do not hold what only a step of ours uses, such as the registry’s token', () => {
    expect([...values.keys()].filter((name) => name.startsWith('GHCR'))).toEqual([]);
  });
});
