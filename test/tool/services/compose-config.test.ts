import fc from 'fast-check';
import { rmSync } from 'node:fs';
import { Bytes, OneShot, synthesize } from '../../../compose';
import { capture } from '../../../foundation/process';
import { Secret } from '../../../foundation/secret';
import {
  imageReference,
  readSettings,
  renderDotEnv,
  renderEdge,
  renderRuntime,
  runtimeVariables,
  type RuntimeProps,
} from '../../../services';
import { newProject, plain } from '../../unit/compose/example';
import { anyString, hostileStrings } from '../../unit/compose/hostile';
import { deploySettings, digest, release, resolvedLock } from '../../unit/services/example';
import { compose, resolved, writeFiles } from './compose-program';
import { edgeProps } from './running-edge';

const runtimeProps: RuntimeProps = { images: { postgres: imageReference(resolvedLock(), 'postgres') } };
const textOf = (value: string | Secret): string => (typeof value === 'string' ? value : value.reveal());

describe('what Docker Compose makes of the projects', () => {
  const folders: string[] = [];
  const written = (...files: Parameters<typeof writeFiles>[0]): string => {
    const folder = writeFiles(files);
    folders.push(folder);
    return folder;
  };
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

  const runtimeWith = (settings: Readonly<Record<string, string>>): string => {
    const values = runtimeVariables(
      readSettings({ ...deploySettings, ...settings }, 'deploy'),
      release,
      runtimeProps,
    );
    return written(...renderRuntime(runtimeProps), { path: '.env', content: renderDotEnv(values).reveal() });
  };

  it('takes the edge as it is, without any variable', async () => {
    const folder = written(...renderEdge(edgeProps));
    expect(await compose(folder, 'config', '--quiet')).toMatchObject({ code: 0, stderr: '' });
    const { name, services, networks, volumes } = await resolved(folder);
    expect(name).toBe('cogni-edge');
    expect(services['caddy']).toMatchObject({
      image: edgeProps.image,
      mem_limit: '268435456',
      stop_grace_period: '30s',
      ports: [
        { target: 80, published: '80', protocol: 'tcp' },
        { target: 443, published: '443', protocol: 'tcp' },
        { target: 443, published: '443', protocol: 'udp' },
      ],
    });
    expect(networks).toMatchObject({ edge: { name: 'cogni-edge', external: true } });
    expect(Object.values(volumes ?? {}).map(({ name: volume }) => volume)).toEqual([
      'cogni-edge_caddy_config',
      'cogni-edge_caddy_data',
    ]);
  });

  it('takes the runtime with its .env, and gives each service the values that it should see', async () => {
    const password = `p'a"s$s\\w%o#r d`.replace(' ', '{}');
    const folder = runtimeWith({ APP_DB_PASSWORD: password, METRICS_TOKEN: 'm'.repeat(32) });
    expect(await compose(folder, '--profile', 'bootstrap', 'config', '--quiet')).toMatchObject({
      code: 0,
      stderr: '',
    });
    const { services } = await resolved(folder, '--profile', 'bootstrap');
    const url = new URL(services['app-a']?.environment?.['DATABASE_URL'] ?? '');
    expect(decodeURIComponent(url.password)).toBe(password);
    expect(services['db-provision']?.environment).toMatchObject({ APP_DB_PASSWORD: password });
    expect(services['db-migrate']).toMatchObject({ image: `ghcr.test/cogni/app@${digest('2')}` });
    expect(services['app-a']).toMatchObject({
      image: `ghcr.test/cogni/app@${digest('1')}`,
      environment: {
        APP_BASE_URL: 'https://preview.cogni.test',
        METRICS_TOKEN: 'm'.repeat(32),
        PORT: '3000',
      },
    });
  });

  it('leaves an optional setting that is unset out of the container', async () => {
    const { services } = await resolved(runtimeWith({}));
    expect(services['app-a']?.environment?.['METRICS_TOKEN'] ?? null).toBeNull();
  });

  it('leaves the jobs out unless they are asked for', async () => {
    expect(Object.keys((await resolved(runtimeWith({}))).services).sort()).toEqual(['app-a', 'postgres']);
  });

  it('refuses to start without a setting, and says which and what to do', async () => {
    const folder = written(...renderRuntime(runtimeProps), { path: '.env', content: 'APP_IMAGE=\n' });
    const { code, stderr } = await compose(folder, 'config', '--quiet');
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/required variable \w+ is missing a value: see \.\/cogni settings check/);
  });
});

describe('text that reaches a container through Compose', () => {
  /** Values by the hundred in one go: starting the program is what takes the time. */
  const batches = (values: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
    fc.array(values, { minLength: 200, maxLength: 200 });
  const named = (values: readonly string[]): Readonly<Record<string, string>> =>
    Object.fromEntries(values.map((value, index) => [`V${index}`, value]));

  /** Containers cannot have a NUL in their environment, and UTF-8 no half of a surrogate pair. */
  const possible = anyString.filter((value) => !value.includes('\0') && !/[\uD800-\uDFFF]/u.test(value));

  it('is what was written in the project, however hostile', async () => {
    await fc.assert(
      fc.asyncProperty(batches(possible), async (values) => {
        const project = newProject('shop');
        const all = [...hostileStrings.filter((value) => !value.includes('\0')), ...values];
        new OneShot(project, 'job', { ...plain, memory: Bytes.mebibytes(64), environment: named(all) });
        const folder = writeFiles(synthesize(project));
        expect((await resolved(folder)).services['job']?.environment).toEqual(named(all));
        rmSync(folder, { recursive: true });
      }),
      { numRuns: 5 },
    );
  });

  it('is what was written to .env, for Compose and for a shell that sources the file', async () => {
    const writable = possible.filter((value) => {
      try {
        renderDotEnv([['V', value]]);
        return true;
      } catch {
        return false;
      }
    });
    await fc.assert(
      fc.asyncProperty(batches(writable), async (values) => {
        const content = textOf(renderDotEnv(Object.entries(named(values))));
        const references = Object.keys(named(values)).map((name) => `      ${name}: "\${${name}:?}"\n`);
        const file = `services:\n  job:\n    image: x\n    environment:\n${references.join('')}`;
        const folder = writeFiles([
          { path: 'compose.yaml', content: file },
          { path: '.env', content },
        ]);
        expect((await resolved(folder)).services['job']?.environment).toEqual(named(values));

        const sourced = await capture({
          argv: ['env', '-i', 'sh', '-c', 'set -a; . ./.env; exec env -0'],
          cwd: folder,
          deadline: 10_000,
        });
        const seen = Object.fromEntries(
          sourced.split('\0').map((entry) => entry.split(/=(.*)/s).slice(0, 2)),
        );
        expect(seen).toMatchObject(named(values));
        rmSync(folder, { recursive: true });
      }),
      { numRuns: 5 },
    );
  });
});
