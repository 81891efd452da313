import { load } from 'js-yaml';
import { Bytes, check, variables } from '../../../../compose';
import { Secret } from '../../../../foundation/secret';
import {
  app,
  bootstrapProfile,
  declarationOf,
  edgeProject,
  hostLayout,
  imageReference,
  readSettings,
  renderRuntime,
  runtimeProject,
  runtimeServices,
  runtimeVariables,
  settingNames,
  type RuntimeProps,
} from '../../../../services';
import { models } from '../../../../services/litellm/models';
import { archive } from '../archive/archive';
import { deploySettings, digest, release, resolvedLock } from '../example';

const props: RuntimeProps = { images: { postgres: imageReference(resolvedLock(), 'postgres') } };
/** With what an environment can ask for, and with all of it. */
const proxied: RuntimeProps = {
  ...props,
  litellm: { image: imageReference(resolvedLock(), 'litellm'), database: true },
};
const watched: RuntimeProps = {
  ...props,
  alloy: { image: imageReference(resolvedLock(), 'alloy'), environment: 'preview' },
};
const whole: RuntimeProps = {
  ...proxied,
  ...watched,
  archive: { ...archive, copies: { recipients: ['age1…'] } },
};
const services = (
  more: Partial<RuntimeProps> = {},
): Readonly<Record<string, Readonly<Record<string, unknown>>>> =>
  (load(renderRuntime({ ...props, ...more })[0]?.content ?? '') as { services: never }).services;

describe('the runtime', () => {
  it('is a compose file and the files of the provisioning job', () => {
    expect(renderRuntime(props).map(({ path, mode }) => [path, mode.toString(8)])).toEqual([
      ['compose.yaml', '644'],
      ['db-provision/database.sql', '644'],
      ['db-provision/databases.sql', '644'],
      ['db-provision/marker.sql', '644'],
      ['db-provision/other-logins.sql', '644'],
      ['db-provision/password.sql', '644'],
      ['db-provision/provision.sh', '755'],
      ['db-provision/refusals.sql', '644'],
      ['db-provision/roles.sql', '644'],
      ['db-provision/verify.sql', '644'],
      ['postgres/postgresql.conf', '644'],
      ['postgres/start.sh', '755'],
    ]);
  });

  it('is the same to the byte on every run', () => {
    expect(renderRuntime(props)).toEqual(renderRuntime({ ...props }));
  });

  it('holds the services that others know it by', () => {
    expect(Object.keys(services(whole)).sort()).toEqual(
      [app.slots.a.service, ...Object.values(runtimeServices)].sort(),
    );
  });

  it('can be on one host with the edge', () => {
    const edge = edgeProject({
      domain: 'preview.cogni.test',
      www: true,
      acme: { directory: 'https://acme.cogni.test/directory' },
      image: imageReference(resolvedLock(), 'caddy'),
    });
    expect(check(edge, runtimeProject(whole))).toEqual([]);
  });

  it('publishes nothing to the world', () => {
    for (const service of Object.values(services(whole))) expect(service).not.toHaveProperty('ports');
  });

  it('lets only the application be reached from the edge, under the name that a deploy writes', () => {
    expect(services()['app-a']?.['networks']).toEqual({
      internal: { aliases: ['app'] },
      edge: { aliases: [app.slots.a.upstream] },
    });
    expect(services()['postgres']?.['networks']).toEqual({ internal: {} });
  });

  it('has a network without a way out, and one with it for those who need one', () => {
    const { networks } = load(renderRuntime(whole)[0]?.content ?? '') as { networks: unknown };
    expect(networks).toEqual({
      internal: { internal: true },
      outbound: {},
      archive: {},
      edge: { name: hostLayout.network, external: true },
    });
  });

  it('has the application in the slot that it is told, and in that one only', () => {
    const inB = services({ slot: 'b' });
    expect(Object.keys(inB)).toContain('app-b');
    expect(Object.keys(inB)).not.toContain('app-a');
    expect(inB['app-b']).toEqual({
      ...services()['app-a'],
      networks: { internal: { aliases: ['app'] }, edge: { aliases: [app.slots.b.upstream] } },
    });
  });

  it('starts the jobs only when they are asked for', () => {
    const jobs = Object.entries(services()).filter(([, service]) => service['profiles'] !== undefined);
    expect(jobs.map(([name, { profiles, restart }]) => [name, profiles, restart])).toEqual([
      ['db-migrate', [bootstrapProfile], 'no'],
      ['db-provision', [bootstrapProfile], 'no'],
    ]);
  });

  it('runs the application without rights: not as root, on a file system that it cannot write to', () => {
    expect(services()['app-a']).toMatchObject({
      user: '1001:1001',
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect(services()['app-a']).not.toHaveProperty('cap_add');
  });

  it('gives the provisioning job the server’s socket, and no way to anything but the server', () => {
    expect(services()['db-provision']).toMatchObject({
      networks: { internal: {} },
      user: 'postgres',
      read_only: true,
    });
  });

  it('tunes the server for the memory that it may use, a quarter of the machine’s', () => {
    const confOf = (more: Partial<RuntimeProps>): string =>
      renderRuntime({ ...props, ...more }).find(({ path }) => path === 'postgres/postgresql.conf')!.content;
    expect(confOf({})).toContain("shared_buffers = '128MB'\n");
    expect(confOf({ hostGibibytes: 16 })).toContain("shared_buffers = '1024MB'\n");
    expect(services({ hostGibibytes: 16 })['postgres']).toMatchObject({ mem_limit: '4g', shm_size: '1g' });
    expect(confOf({ hostGibibytes: 16, memory: { postgres: Bytes.gibibytes(1) } })).toContain("'256MB'");
  });

  it('limits the memory of each as it is told', () => {
    const limited = services({ memory: { app: Bytes.mebibytes(300), postgres: Bytes.mebibytes(400) } });
    expect([limited['app-a']?.['mem_limit'], limited['postgres']?.['mem_limit']]).toEqual(['300m', '400m']);
  });

  it('keeps secrets out of everything but the environment', () => {
    for (const { environment, ...rest } of Object.values(services(whole))) {
      const secret = settingNames.filter((name) => declarationOf(name).kind === 'secret');
      for (const name of secret) expect(JSON.stringify(rest)).not.toContain(`\${${name}:`);
      expect(environment).toBeDefined();
    }
  });
});

describe('LiteLLM', () => {
  const proxy = (more: Partial<NonNullable<RuntimeProps['litellm']>> = {}) =>
    services({ litellm: { image: imageReference(resolvedLock(), 'litellm'), database: true, ...more } });

  it('does not run unless it is asked for, and the application is then told of none', () => {
    expect(services()).not.toHaveProperty('litellm');
    expect(JSON.stringify(services())).not.toMatch(/LITELLM_(BASE_URL|MASTER_KEY)/);
  });

  it('is where the application is told that it is', () => {
    expect(proxy()['app-a']?.['environment']).toMatchObject({
      LITELLM_BASE_URL: 'http://litellm:4000',
      LITELLM_MASTER_KEY: '${LITELLM_MASTER_KEY:?see ./cogni settings check}',
    });
    expect(proxy()['litellm']?.['command']).toEqual([
      '--config',
      '/etc/litellm/config.yaml',
      '--port',
      '4000',
    ]);
  });

  it('has a way out to the providers, which the database has not', () => {
    expect(proxy()['litellm']?.['networks']).toEqual({ internal: {}, outbound: {} });
    expect(proxy()['postgres']?.['networks']).toEqual({ internal: {} });
  });

  it('is not waited for by the application', () => {
    expect(Object.keys(proxy()['app-a']?.['depends_on'] as object)).toEqual(['postgres']);
  });

  it('waits for the database and reaches it as its own role, where it has one', () => {
    expect(proxy()['litellm']).toMatchObject({ depends_on: { postgres: { condition: 'service_healthy' } } });
    expect(proxy()['litellm']?.['environment']).toHaveProperty('LITELLM_DATABASE_URL');
    expect(proxy({ database: false })['litellm']).not.toHaveProperty('depends_on');
    expect(proxy({ database: false })['litellm']?.['environment']).not.toHaveProperty('LITELLM_DATABASE_URL');
  });

  it('runs without rights, on a file system that it cannot write to', () => {
    expect(proxy()['litellm']).toMatchObject({
      user: 'nobody',
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  });

  it('mounts its configuration under a path that changes with it, and with nothing else', () => {
    const mounted = (more: Parameters<typeof proxy>[0]): string => {
      const [folder] = proxy(more)['litellm']?.['volumes'] as readonly { readonly source: string }[];
      return folder?.source ?? '';
    };
    const usual = mounted({});
    expect(usual).toMatch(/^\.\/litellm\/[0-9a-f]{12}$/);
    expect(mounted({ memory: Bytes.gibibytes(2) })).toBe(usual);
    expect(mounted({ models: models.slice(1) })).not.toBe(usual);
    expect(renderRuntime(whole).map(({ path }) => path)).toContain(`${usual.slice(2)}/config.yaml`);
  });
});

describe('Alloy', () => {
  const configOf = (asked: RuntimeProps): string =>
    renderRuntime(asked).find(({ path }) => path.startsWith('alloy/'))?.content ?? '';

  it('does not run unless it is asked for', () => {
    expect(services()).not.toHaveProperty('alloy');
    expect(services(whole)).toHaveProperty('alloy');
  });

  it('keeps the logs of every service on the host but its own, and of none that is not there', () => {
    const edge = edgeProject({
      domain: 'preview.cogni.test',
      www: true,
      acme: { directory: 'https://acme.cogni.test/directory' },
      image: imageReference(resolvedLock(), 'caddy'),
    });
    const kept = /regex = "(.*)"/.exec(configOf(whole))?.[1]?.split('|') ?? [];
    const runtime = Object.keys(services(whole)).filter((name) => name !== 'alloy');
    expect([...kept].sort()).toEqual(
      [
        ...edge.services.map(({ name }) => `cogni-edge/${name}`),
        ...runtime.map((name) => `cogni-runtime/${name}`),
        'cogni-runtime/app-b',
        'cogni-sourcecred/sourcecred',
      ].sort(),
    );
    expect(configOf(watched)).not.toContain('cogni-runtime/litellm');
  });

  it('is the same whichever slot the application is in', () => {
    expect(configOf({ ...whole, slot: 'b' })).toBe(configOf(whole));
  });

  it('asks the application for its metrics where it is', () => {
    expect(configOf(whole)).toContain(`"__address__" = "app:${app.port}"`);
    expect(configOf(whole)).toContain(`metrics_path = "${app.paths.metrics}"`);
  });

  it('answers nobody but its own health check: whoever reaches its page needs no login', () => {
    const { command, healthcheck } = services(whole)['alloy'] as {
      command: readonly string[];
      healthcheck: { test: readonly string[] };
    };
    expect(command.filter((word) => word.includes('listen-addr'))).toEqual([
      '--server.http.listen-addr=127.0.0.1:12345',
    ]);
    expect(healthcheck.test.join(' ')).toContain('/dev/tcp/127.0.0.1/12345');
  });

  it('runs without rights, and is the only one that gets the socket of the Docker engine', () => {
    expect(services(whole)['alloy']).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    const holders = Object.entries(services(whole)).filter(([, service]) =>
      JSON.stringify(service).includes('docker.sock'),
    );
    expect(holders.map(([name]) => name)).toEqual(['alloy']);
    expect(runtimeProject(whole).allow.map(({ service, power }) => [service, power])).toEqual([
      ['alloy', 'engine-socket'],
      ['copies', 'capability:DAC_READ_SEARCH'],
    ]);
    expect(runtimeProject(props).allow).toEqual([]);
  });
});

describe('the catalogue and the runtime', () => {
  const read = variables(runtimeProject(whole));

  it.each([...read])('agree on what of %s is secret and what must be there', (_, uses) => {
    for (const { variable, sensitive, required } of uses) {
      const declared = declarationOf(variable as (typeof settingNames)[number]);
      expect({ variable, sensitive }).toEqual({ variable, sensitive: declared.kind === 'secret' });
      // What only an optional service reads is optional until there is that service.
      if (declared.required === true) expect({ variable, required }).toEqual({ variable, required: true });
    }
  });
});

describe('the variables of the runtime', () => {
  const settings = readSettings({ ...deploySettings, APP_DB_PASSWORD: "p@ss'word/with?signs" }, 'deploy');
  const values = runtimeVariables(settings, release, props);

  it('are exactly those that its services read', () => {
    const read = new Set(
      [...variables(runtimeProject(props)).values()].flat().map(({ variable }) => variable),
    );
    expect([...values.keys()].sort()).toEqual([...read].filter((name) => name !== 'METRICS_TOKEN').sort());
  });

  it('hold nothing of a service that does not run, and refuse one that lacks a setting before anything is done', () => {
    const more = { LITELLM_MASTER_KEY: `sk-${'0'.repeat(32)}`, OPENROUTER_API_KEY: 'or-0123456789abcdef' };
    const complete = readSettings({ ...deploySettings, ...more }, 'deploy');
    expect(values.has('LITELLM_MASTER_KEY')).toBe(false);
    expect(runtimeVariables(complete, release, props).has('OPENROUTER_API_KEY')).toBe(false);
    const all = runtimeVariables(complete, release, proxied);
    expect((all.get('LITELLM_DATABASE_URL') as Secret).reveal()).toBe(
      'postgresql://cogni_litellm:litellm-password-0123456789@postgres:5432/litellm?sslmode=disable',
    );
    const without = readSettings(
      Object.fromEntries(Object.entries(deploySettings).filter(([name]) => !name.startsWith('LITELLM'))),
      'deploy',
    );
    expect(() => runtimeVariables(without, release, proxied)).toThrow(
      [
        'the settings do not hold what the services of this environment need',
        '  - LITELLM_MASTER_KEY is missing: Key that the application shows to LiteLLM, and whoever administers it; begins with sk-',
        '  - OPENROUTER_API_KEY is missing: Key of the OpenRouter account that pays for the models',
        '  - LITELLM_DB_USER is missing: Role that LiteLLM logs in to its own database with',
        "  - LITELLM_DB_PASSWORD is missing: LiteLLM's password",
        "  - LITELLM_DB_NAME is missing: LiteLLM's own database: keys and spending",
        'state: nothing was changed',
      ].join('\n'),
    );
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
