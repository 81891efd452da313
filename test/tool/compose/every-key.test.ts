import { rmSync } from 'node:fs';
import { synthesize } from '../../../compose';
import { load } from 'js-yaml';
import { compose, writeFiles, type Resolved } from '../services/compose-program';
import { everyKey } from '../../unit/compose/every-key/project';

/** Read as YAML: its JSON breaks on a build's SSH keys. */
async function resolvedAll(folder: string): Promise<Resolved> {
  const { code, stdout, stderr } = await compose(folder, '--profile', '*', 'config');
  if (code !== 0) throw new Error(stderr);
  return load(stdout.replaceAll('$$', '$')) as Resolved;
}

describe('what Docker Compose makes of a project that writes every key', () => {
  const folder = writeFiles([
    ...synthesize(everyKey()),
    {
      path: '.env',
      content: 'DOMAIN=every.test\nTOKEN=t0ken\nSECRET=s3cret\nAPP_IMAGE=registry.test/app:1\n',
    },
    { path: 'secret.txt', content: 'kept\n' },
  ]);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is taken without an error and without a warning', async () => {
    expect(await compose(folder, '--profile', '*', 'config', '--quiet')).toMatchObject({
      code: 0,
      stderr: '',
    });
  });

  it('means what the properties said', async () => {
    const all = await resolvedAll(folder);
    const { app, db, off, built, boxed } = all.services;
    expect(app).toMatchObject({
      image: 'registry.test/app:1',
      command: ['serve', 'every.test'],
      entrypoint: [],
      environment: {
        A: '1',
        LITERAL: 'costs $5 ${NOTHING}',
        URL: 'https://every.test:443',
        SECRET: 's3cret',
        OPTIONAL: null,
      },
      mem_limit: '268435456',
      mem_reservation: '134217728',
      memswap_limit: '536870912',
      cpus: 1.5,
      ipc: 'service:db',
      pid: 'service:db',
      deploy: {
        replicas: 1,
        resources: {
          limits: { cpus: 1.5, memory: '268435456', pids: 200 },
          reservations: {
            cpus: 0.25,
            memory: '134217728',
            generic_resources: [{ discrete_resource_spec: { kind: 'gpu', value: 2 } }],
          },
        },
        update_config: { parallelism: 2, delay: '5s', monitor: '20s', max_failure_ratio: 0.25 },
      },
      depends_on: {
        db: { condition: 'service_healthy', restart: true, required: true },
        job: { condition: 'service_completed_successfully', required: false },
      },
      ports: [
        { mode: 'ingress', target: 443, published: '443', protocol: 'udp' },
        { host_ip: '127.0.0.1', target: 80, published: '8000-8010', protocol: 'tcp' },
        { target: 81, protocol: 'tcp' },
        {
          name: 'https',
          mode: 'host',
          host_ip: '::1',
          target: 443,
          published: '8443',
          app_protocol: 'https',
        },
      ],
      configs: [
        { source: 'inline', target: '/etc/inline', uid: '1001', gid: '1001', mode: '0440' },
        {},
        {},
        {},
      ],
      secrets: [{ source: 'token', mode: '0400' }, {}, {}],
    });
    expect(db).toMatchObject({ healthcheck: { test: ['CMD-SHELL', 'pg_isready || exit 1'] } });
    expect(off).toMatchObject({ healthcheck: { disable: true }, restart: 'on-failure:3' });
    expect(boxed).toMatchObject({
      privileged: true,
      network_mode: 'host',
      cpu_quota: 50_000,
      cpu_period: 100_000,
    });
    expect(built).toMatchObject({
      image: 'every/built:1',
      build: {
        target: 'final',
        args: { DOMAIN: 'every.test' },
        additional_contexts: { base: 'service:inline-built' },
      },
    });
  });

  it('has the files that it names in volumes, with their modes', async () => {
    const { services } = await resolvedAll(folder);
    expect(services['app']?.['volumes']).toContainEqual({
      type: 'tmpfs',
      target: '/tmp',
      tmpfs: { size: '16777216', mode: 0o700 },
    });
    expect(services['app']?.['volumes']).toContainEqual({
      type: 'bind',
      source: `${folder}/config`,
      target: '/config',
      read_only: true,
      bind: {},
    });
  });
});
