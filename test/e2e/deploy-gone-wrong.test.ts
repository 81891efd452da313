import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { httpsVia } from '../../foundation/https';
import type { Output } from '../../foundation/process';
import { lookupVia } from '../../foundation/resolve';
import { silent } from '../../foundation/progress';
import { dockerAt, type Docker } from '../../sandbox/docker';
import { demoImages } from '../../sandbox/images/demo-app';
import { startLoad, type Load } from '../../sandbox/load/load';
import { authorityPem, cdktf, checkout, cogni, inSandbox, testWorld, textOf, upFile } from './sandbox-cli';

/**
 * Deploys that go well and that go wrong, on real parts, under load: every request is counted, and none may be lost.
 * Every test ends with the good version serving, from the very files that it was deployed with.
 */
describe('while a version serves', () => {
  const good = `preview-${'a'.repeat(40)}`;
  let docker: Docker;
  let hostName: string;

  const onHost = async (...argv: readonly string[]): Promise<string> =>
    (await docker.docker(['exec', hostName, ...argv])).trim();
  const deploy = (tag: string, ...more: string[]): Promise<Output> =>
    inSandbox(['./cogni', 'deploy', 'preview', '--image-tag', tag, ...more]);
  const publish = async (tag: string, ...more: string[]): Promise<string> => {
    const output = await cogni('sandbox', 'publish', tag, ...more);
    if (output.code !== 0) throw new Error(textOf(output));
    return tag;
  };
  const version = async (): Promise<unknown> => {
    const https = httpsVia({
      authorities: [authorityPem()],
      lookup: lookupVia(upFile().variables['COGNI_DNS'] ?? ''),
    });
    const answer = await https({ url: 'https://preview.cogni.test/version', deadline: 10_000 });
    return JSON.parse(answer.body.toString());
  };
  const serving = { version: good, buildSha: 'a'.repeat(40) };
  /** Everything that a deploy could leave behind or change. */
  const traces = (): Promise<string> =>
    onHost(
      'sh',
      '-c',
      'cd /opt/cogni && find runtime edge -type f -exec sha256sum {} + | sort; readlink /var/lib/cogni/deploy/current; ls -A /dev/shm /home/deploy/.docker 2>/dev/null; cat edge/caddy/upstream/active',
    );
  const secrets = (): string[] => {
    const settings = readFileSync(join(testWorld.folder, 'preview', 'settings.env'), 'utf8');
    const values = settings.matchAll(/^\w*(?:PASSWORD|TOKEN|SECRET)=['"]?([^'"\n]+)/gm);
    return [...values].map(([, value]) => value ?? '');
  };
  const under = async (name: string, rate: number, http2: boolean): Promise<Load> =>
    startLoad({
      docker,
      world: testWorld,
      name,
      image: (await demoImages(docker, silent)).app.reference,
      dns: upFile().variables['COGNI_DNS'] ?? '',
      authority: join(testWorld.folder, 'ca', 'root.crt'),
      url: 'https://preview.cogni.test',
      rate,
      http2,
      seconds: 900,
    });
  const lockIsFree = async (): Promise<boolean> =>
    (await onHost('sh', '-c', 'flock -n /var/lib/cogni/deploy/lock echo free || echo held')) === 'free';
  const until = async (what: string, condition: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; tries < 120; tries += 1) {
      if (await condition()) return;
      await setTimeout(500);
    }
    throw new Error(`never came true: ${what}`);
  };
  const runsOnHost = async (container: string): Promise<boolean> =>
    (await onHost('docker', 'ps', '--format={{.Names}}')).split('\n').includes(container);

  /** Arguments of every process of this machine; one that ends meanwhile has none. */
  const commandLines = (): string[] =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => {
        try {
          return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
        } catch {
          return [];
        }
      });

  /** A deploy of its own process, to be ended in the middle. */
  const begin = (tag: string): { readonly child: ChildProcess; readonly said: () => string } => {
    let text = '';
    const child = spawn('node', ['dist/cli/main.js', 'deploy', 'preview', '--image-tag', tag], {
      cwd: checkout,
      env: { ...process.env, ...upFile().variables, NO_COLOR: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    return { child, said: () => text };
  };

  beforeAll(async () => {
    docker = dockerAt(process.env['DOCKER_HOST']);
    await cogni('sandbox', 'down');
    for (const output of [await cogni('sandbox', 'up'), await cdktf('deploy', 'preview', '--auto-approve')]) {
      if (output.code !== 0) throw new Error(textOf(output));
    }
    const names = await docker.docker(['ps', '--format={{.Names}}', `--filter=label=${testWorld.label}`]);
    hostName = names.split('\n').find((name) => /-host-\d+$/.test(name)) ?? '';
    const output = await deploy(await publish(good));
    if (output.code !== 0) throw new Error(textOf(output));
  });
  afterAll(async () => {
    await cogni('sandbox', 'down');
  });

  it('a deploy leaves neither a registry login nor a copy of its files on the host', async () => {
    expect(await onHost('ls', '-A', '/dev/shm')).toBe('');
    expect(await onHost('ls', '-A', '/home/deploy')).not.toContain('.docker');
    expect(await onHost('ls', '-A', '/opt/cogni/runtime')).toBe(
      '.env\ncompose.yaml\ndb-provision\nlitellm\npostgres',
    );
  });

  it('a deploy shows no secret in the arguments of any process, here or on the host', async () => {
    const here = new Set<string>();
    const done = new AbortController();
    const watch = (async () => {
      while (!done.signal.aborted) {
        for (const line of commandLines()) here.add(line);
        await setTimeout(10);
      }
    })();
    const record =
      'while [ ! -e /tmp/seen ]; do cat /proc/[0-9]*/cmdline; echo; done 2>/dev/null >/tmp/seeing';
    await docker.docker(['exec', '--detach', hostName, 'timeout', '120', 'sh', '-c', record]);
    const output = await deploy(await publish(`preview-${'c'.repeat(40)}`));
    done.abort();
    await watch;
    const there = await onHost(
      'sh',
      '-c',
      'touch /tmp/seen; tr "\\0" " " </tmp/seeing | sort -u; rm /tmp/seeing',
    );
    expect(output.code).toBe(0);
    for (const seen of [[...here].join('\n'), there]) {
      expect(seen).toContain('--password-stdin');
      expect(seen).toContain('--name=cogni-runtime-db-provision');
      expect(secrets().filter((secret) => seen.includes(secret))).toEqual([]);
    }
    expect(secrets().length).toBeGreaterThan(3);
    expect((await deploy(good)).code).toBe(0);
  });

  describe('under load', () => {
    let loads: readonly Load[] = [];
    beforeAll(async () => {
      loads = [await under('load', 220, false), await under('load-http2', 80, true)];
    });

    it('a dry run prints every step, shows no secret, and changes nothing', async () => {
      const before = await traces();
      const tag = await publish(`preview-${'b'.repeat(40)}`);
      const output = await deploy(tag, '--dry-run');
      expect(output.code).toBe(0);
      expect(output.stdout).toContain('migrate the database');
      expect(output.stdout).toContain('[secret GHCR_DEPLOY_TOKEN]');
      expect(secrets().filter((secret) => textOf(output).includes(secret))).toEqual([]);
      expect(await traces()).toBe(before);
    });

    it('a version that exits at once is shown with its log and taken back', async () => {
      const before = await traces();
      const output = await deploy(await publish('preview-0000001', '--misbehave', 'exit-at-once'));
      expect(output.code).toBe(1);
      expect(textOf(output)).toContain('could not start the application');
      expect(textOf(output)).toContain('told to exit at once');
      expect(textOf(output)).toContain(`state: ${good} serves as before`);
      expect(textOf(output)).toContain('next:  read the log of the application above');
      expect(await version()).toEqual(serving);
      expect(await traces()).toBe(before);
    });

    it('a migration that fails is shown, and the version that serves is not touched', async () => {
      const before = await traces();
      const container = await onHost('docker', 'ps', '--quiet', '--filter=name=cogni-runtime-app');
      const output = await deploy(await publish('preview-0000002', '--migration', 'fail'));
      expect(output.code).toBe(1);
      expect(textOf(output)).toContain('could not migrate the database');
      expect(textOf(output)).toContain('9999_demo_fail.sql failed');
      expect(await onHost('docker', 'ps', '--quiet', '--filter=name=cogni-runtime-app')).toBe(container);
      expect(await traces()).toBe(before);
      expect(await version()).toEqual(serving);
    });

    it('a cancelled deploy takes back what it began and frees the lock', async () => {
      const before = await traces();
      const tag = await publish('preview-0000003', '--misbehave', 'slow-start:20s');
      const { child, said } = begin(tag);
      await until('the new version is being started', () =>
        Promise.resolve(said().includes('start the application')),
      );
      child.kill('SIGINT');
      const [code] = (await once(child, 'close')) as [number | null];
      expect(code).toBe(1);
      expect(said()).toContain('cancelled');
      expect(said()).toContain(`${good} serves as before`);
      expect(await lockIsFree()).toBe(true);
      expect(await traces()).toBe(before);
      expect(await version()).toEqual(serving);
    });

    it('a second deploy is refused with the name of the first, and a killed one holds nothing', async () => {
      const { child } = begin(await publish('preview-0000004', '--migration', 'hang'));
      await until('the migration runs', () => runsOnHost('cogni-runtime-db-migrate'));
      const refused = await deploy('preview-0000002');
      expect(refused.code).toBe(4);
      expect(textOf(refused)).toMatch(/another run holds it: \S+ on \S+, deploying preview-0000004 since 2/);
      child.kill('SIGKILL');
      await until('the lock is free', lockIsFree);
      // The hanging migration is the operator's to end; the next deploy waits for it.
      expect(await runsOnHost('cogni-runtime-db-migrate')).toBe(true);
      await onHost('docker', 'rm', '--force', 'cogni-runtime-db-migrate');
      const next = await deploy(await publish('preview-0000005'));
      expect(textOf(next)).not.toContain('state:');
      expect(next.code).toBe(0);
      expect(await version()).toMatchObject({ buildSha: '0000005' });
      expect((await deploy(good)).code).toBe(0);
      expect(await version()).toEqual(serving);
    });

    it('a new password of the database reaches the new version, and the old one ends with the old version', async () => {
      const file = join(testWorld.folder, 'preview', 'settings.env');
      const before = readFileSync(file, 'utf8');
      const old = /^APP_DB_PASSWORD=['"]?([^'"\n]+)/m.exec(before)?.[1] ?? '';
      const logsIn = async (user: string, password: string): Promise<boolean> => {
        const psql = [
          'psql',
          '--host=127.0.0.1',
          `--username=${user}`,
          '--dbname=cogni',
          '--command=SELECT 1',
        ];
        const asked = ['docker', 'exec', `--env=PGPASSWORD=${password}`, 'cogni-runtime-postgres-1', ...psql];
        return (await docker.tryDocker(['exec', hostName, ...asked])).code === 0;
      };
      expect(await logsIn('cogni_app', old)).toBe(true);
      writeFileSync(
        file,
        before.replace(/^APP_DB_PASSWORD=.*$/m, 'APP_DB_PASSWORD=another-password-of-the-app'),
      );
      const output = await deploy(good);
      expect(output.code).toBe(0);
      expect(textOf(output)).toContain('provision the database again');
      expect(await version()).toEqual(serving);
      for (const user of ['cogni_app', 'cogni_app_b']) {
        expect([await logsIn(user, old), await logsIn(user, 'another-password-of-the-app')]).toEqual([
          false,
          true,
        ]);
      }
    });

    it('not one request was lost, of 50,000 and more over six switches at least, over HTTP/1.1 and HTTP/2', async () => {
      const other = await publish(`preview-${'d'.repeat(40)}`);
      expect((await deploy(other)).code).toBe(0);
      expect((await inSandbox(['./cogni', 'rollback', 'preview'])).code).toBe(0);
      expect(await version()).toEqual(serving);
      expect((await deploy(other)).code).toBe(0);
      expect((await inSandbox(['./cogni', 'rollback', 'preview', '--to', good])).code).toBe(0);
      const reports = await Promise.all(loads.map((load) => load.stop()));
      for (const { lost, examples } of reports) expect({ lost, examples }).toEqual({ lost: 0, examples: [] });
      const sent = reports.reduce((sum, report) => sum + report.sent, 0);
      process.stderr.write(
        `load: ${sent} requests, ${JSON.stringify(reports.map(({ milliseconds }) => milliseconds))}\n`,
      );
      expect(sent).toBeGreaterThanOrEqual(50_000);
      for (const { builds } of reports)
        expect(Object.keys(builds)).toEqual(expect.arrayContaining(['a', 'd'].map((one) => one.repeat(40))));
    });
  });

  it('an application that somebody removed by hand is brought back by the same deploy', async () => {
    const container = await onHost('docker', 'ps', '--quiet', '--filter=name=cogni-runtime-app');
    await onHost('docker', 'rm', '--force', container);
    const output = await deploy(good);
    expect(output.code).toBe(0);
    expect(await version()).toEqual(serving);
  });

  it('an image without its migrator is refused before the host is touched', async () => {
    const output = await deploy('preview-0000009');
    expect(output.code).toBe(1);
    expect(textOf(output)).toContain('preview-0000009-migrate: the registry has no such image (404)');
    expect(textOf(output)).toContain('state: nothing was changed');
  });
});
