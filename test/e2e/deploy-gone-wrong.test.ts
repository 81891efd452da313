import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fastIn, quantile } from '../../sandbox/load/latency';
import type { Load } from '../../sandbox/load/load';
import { DeployedWorld } from './deployed-world';
import { killAndRunAgain, stepsOf, type Victim } from './killed-deploy';
import {
  filesWithSecretsHere,
  filesWithSecretsOnHost,
  inspectedSecrets,
  plantedSecrets,
  secretsIn,
  watchArguments,
  whatIsTold,
} from './planted-secrets';
import { changeSetting, playedSetting } from './played-settings';
import { expectMaintenance, expectToBeEntered, expectToBeWell } from './operated-host';
import { applyDouble, badToken, goodToken, runnerDouble } from './sourcecred-double';
import { cogni, testWorld, textOf } from './sandbox-cli';

/**
 * Deploys that go well and that go wrong, on real parts, under load: every request is counted, and none may be lost.
 * Every test ends with the good version serving, from the very files that it was deployed with.
 */
describe('while a version serves', () => {
  const good = `preview-${'a'.repeat(40)}`;
  const other = `preview-${'d'.repeat(40)}`;
  let world: DeployedWorld;

  const serving = { version: good, buildSha: 'a'.repeat(40) };
  const runsOnHost = async (container: string): Promise<boolean> =>
    (await world.onHost('docker', 'ps', '--format={{.Names}}')).split('\n').includes(container);

  beforeAll(async () => {
    world = await DeployedWorld.withVersion(good);
    await world.publish(other);
  });
  afterAll(async () => {
    await cogni('sandbox', 'down');
  });

  it('a deploy leaves neither a registry login nor a copy of its files on the host', async () => {
    expect(await world.onHost('ls', '-A', '/dev/shm')).toBe('');
    expect(await world.onHost('ls', '-A', '/home/deploy')).not.toContain('.docker');
    expect(await world.onHost('ls', '-A', '/opt/cogni/runtime')).toBe(
      '.env\ncompose.yaml\ndb-provision\nlitellm\npostgres',
    );
  });

  it('deploys that go well and wrong, and going back, show no secret in the arguments of any process, nor in anything that they write or leave', async () => {
    const tag = await world.publish(`preview-${'c'.repeat(40)}`);
    const picture = join(testWorld.folder, 'timeline.svg');
    const dryRun = await world.deploy(tag, '--dry-run', '--json');
    const failing = await world.publish('preview-0000006', '--misbehave', 'exit-at-once');
    const stop = await watchArguments(world);
    const output = await world.deploy(tag, '--json', `--timeline=${picture}`);
    const failed = await world.deploy(failing);
    const back = await world.rollback();
    const { here, onHost } = await stop();
    const codes = [output, failed, back].map(({ code }) => code);
    expect({ codes, said: codes[0] === 0 ? '' : textOf(output) }).toEqual({ codes: [0, 1, 0], said: '' });
    for (const seen of [here, onHost]) {
      expect(seen).toContain('--password-stdin');
      expect(seen).toContain('--name=cogni-runtime-db-provision');
    }
    const told = {
      'arguments here': here,
      'arguments on the host': onHost,
      'the plan': textOf(dryRun),
      'what the deploy said': textOf(output),
      'what the failed one said': textOf(failed),
      'what going back said': textOf(back),
      'the timeline': readFileSync(picture, 'utf8'),
      ...(await whatIsTold(world)),
    };
    const found = Object.entries(told).map(([place, text]) => [place, text === '', secretsIn(text)]);
    expect(found).toEqual(Object.keys(told).map((place) => [place, false, []]));
    expect(plantedSecrets().size).toBeGreaterThan(8);
  });

  it('a secret is in the settings of the host and with the services that read it, and nowhere else', async () => {
    expect(await filesWithSecretsOnHost(world)).toEqual(['/opt/cogni/runtime/.env']);
    expect(await world.onHost('stat', '--format=%a', '/opt/cogni/runtime/.env')).toBe('600');
    // The token of the emulator, the login to the registry and the accounts of the S3 server, which keeps them in clear, are
    // the sandbox's own, and of both environments.
    expect(await filesWithSecretsHere()).toEqual([
      'emulator/config.json',
      'parts/s3/users.json',
      'preview/settings.env',
      'production/settings.env',
      'secrets/cherry-token',
      'secrets/docker-ghcr.cogni.test/config.json',
      'secrets/ghcr.json',
      'secrets/s3.json',
      'up.json',
    ]);
    const [slot] = (await world.containers()).flatMap((name) => /app-[ab]/.exec(name)?.[0] ?? []);
    expect(await inspectedSecrets(world)).toEqual({
      caddy: [],
      litellm: ['LITELLM_MASTER_KEY', 'OPENROUTER_API_KEY'],
      postgres: ['POSTGRES_ROOT_PASSWORD'],
      [slot ?? 'no application']: ['APP_DB_PASSWORD', 'AUTH_SECRET', 'LITELLM_MASTER_KEY', 'METRICS_TOKEN'],
    });
    expect((await world.deploy(good)).code).toBe(0);
  });

  describe('under load', () => {
    let loads: readonly Load[] = [];
    beforeAll(async () => {
      loads = [
        await world.load('load', 220, { http2: false }),
        await world.load('load-http2', 80, { http2: true }),
      ];
    });

    it('a dry run prints every step, shows no secret, and changes nothing', async () => {
      const before = await world.traces();
      const tag = await world.publish(`preview-${'b'.repeat(40)}`);
      const output = await world.deploy(tag, '--dry-run');
      expect(output.code).toBe(0);
      expect(output.stdout).toContain('migrate the database');
      expect(output.stdout).toContain('[secret GHCR_DEPLOY_TOKEN]');
      expect(secretsIn(textOf(output))).toEqual([]);
      expect(await world.traces()).toBe(before);
    });

    it('a version that exits at once is shown with its log and taken back', async () => {
      const before = await world.traces();
      const output = await world.deploy(
        await world.publish('preview-0000001', '--misbehave', 'exit-at-once'),
      );
      expect(output.code).toBe(1);
      expect(textOf(output)).toContain('could not start the application');
      expect(textOf(output)).toContain('told to exit at once');
      expect(textOf(output)).toContain(`state: ${good} serves as before`);
      expect(textOf(output)).toContain('next:  read the log of the application above');
      expect(await world.version()).toEqual(serving);
      expect(await world.traces()).toBe(before);
    });

    it('a migration that fails is shown, and the version that serves is not touched', async () => {
      const before = await world.traces();
      const container = await world.onHost('docker', 'ps', '--quiet', '--filter=name=cogni-runtime-app');
      const output = await world.deploy(await world.publish('preview-0000002', '--migration', 'fail'));
      expect(output.code).toBe(1);
      expect(textOf(output)).toContain('could not migrate the database');
      expect(textOf(output)).toContain('9999_demo_fail.sql failed');
      expect(await world.onHost('docker', 'ps', '--quiet', '--filter=name=cogni-runtime-app')).toBe(
        container,
      );
      expect(await world.traces()).toBe(before);
      expect(await world.version()).toEqual(serving);
    });

    it('a cancelled deploy takes back what it began and frees the lock', async () => {
      const before = await world.traces();
      const tag = await world.publish('preview-0000003', '--misbehave', 'slow-start:20s');
      const { child, said } = world.begin('deploy', 'preview', '--image-tag', tag);
      await world.until('the new version is being started', () =>
        Promise.resolve(said().includes('start the application')),
      );
      child.kill('SIGINT');
      const [code] = (await once(child, 'close')) as [number | null];
      expect(code).toBe(1);
      expect(said()).toContain('cancelled');
      expect(said()).toContain(`${good} serves as before`);
      expect(await world.lockIsFree()).toBe(true);
      expect(await world.traces()).toBe(before);
      expect(await world.version()).toEqual(serving);
    });

    it('a second deploy is refused with the name of the first, and a killed one holds nothing', async () => {
      const hanging = await world.publish('preview-0000004', '--migration', 'hang');
      const { child } = world.begin('deploy', 'preview', '--image-tag', hanging);
      await world.until('the migration runs', () => runsOnHost('cogni-runtime-db-migrate'));
      const refused = await world.deploy('preview-0000002');
      expect(refused.code).toBe(4);
      expect(textOf(refused)).toMatch(/another run holds it: \S+ on \S+, deploying preview-0000004 since 2/);
      const lock = await world.cogni('lock', 'status', 'preview', '--json');
      expect(JSON.parse(lock.stdout)).toMatchObject({
        state: 'held',
        says: expect.stringContaining('deploying preview-0000004') as string,
      });
      child.kill('SIGKILL');
      await world.until('the lock is free', () => world.lockIsFree());
      // The hanging migration is the operator's to end; the next deploy waits for it.
      expect(await runsOnHost('cogni-runtime-db-migrate')).toBe(true);
      await world.onHost('docker', 'rm', '--force', 'cogni-runtime-db-migrate');
      const next = await world.deploy(await world.publish('preview-0000005'));
      expect(textOf(next)).not.toContain('state:');
      expect(next.code).toBe(0);
      expect(await world.version()).toMatchObject({ buildSha: '0000005' });
      expect((await world.deploy(good)).code).toBe(0);
      expect(await world.version()).toEqual(serving);
    });

    it('a new password of the database reaches the new version, and the old one ends with the old version', async () => {
      const old = playedSetting('APP_DB_PASSWORD');
      expect(await world.logsIn('cogni_app', old)).toBe(true);
      changeSetting('APP_DB_PASSWORD', 'another-password-of-the-app');
      const output = await world.deploy(good);
      expect(output.code).toBe(0);
      expect(textOf(output)).toContain('provision the database again');
      expect(await world.version()).toEqual(serving);
      for (const user of ['cogni_app', 'cogni_app_b']) {
        const news = await world.logsIn(user, 'another-password-of-the-app');
        expect([await world.logsIn(user, old), news]).toEqual([false, true]);
      }
    });

    it('not one request was lost, of 50,000 and more over six switches at least, over HTTP/1.1 and HTTP/2', async () => {
      expect((await world.deploy(other)).code).toBe(0);
      expect((await world.rollback()).code).toBe(0);
      expect(await world.version()).toEqual(serving);
      expect((await world.deploy(other)).code).toBe(0);
      expect((await world.rollback('--to', good)).code).toBe(0);
      const reports = await Promise.all(loads.map((load) => load.stop()));
      for (const { lost, examples } of reports) expect({ lost, examples }).toEqual({ lost: 0, examples: [] });
      expect(await world.notesWrittenTwice()).toBe(0);
      const sent = reports.reduce((sum, report) => sum + report.sent, 0);
      const p99 = reports.map((report) =>
        quantile(
          fastIn(report, () => true),
          0.99,
        ),
      );
      process.stderr.write(`load: ${sent} requests, 99 of 100 fast ones within ${p99.join(' and ')} ms\n`);
      expect(sent).toBeGreaterThanOrEqual(50_000);
      for (const { builds } of reports)
        expect(Object.keys(builds)).toEqual(expect.arrayContaining(['a', 'd'].map((one) => one.repeat(40))));
    });
  });

  it('an operator is told what runs, reads its logs and enters its containers', async () => {
    await expectToBeWell(world, good);
    await expectToBeEntered(world);
  });

  it('visitors are told of maintenance and when to come back, while health checks are answered', async () => {
    await expectMaintenance(world);
  });

  it('an application that somebody removed by hand is brought back by the same deploy', async () => {
    const container = await world.onHost('docker', 'ps', '--quiet', '--filter=name=cogni-runtime-app');
    await world.onHost('docker', 'rm', '--force', container);
    const output = await world.deploy(good);
    expect(output.code).toBe(0);
    expect(await world.version()).toEqual(serving);
  });

  it.each<['deploy' | 'rollback', Victim, string]>([
    ['deploy', 'client', 'switch'],
    ['deploy', 'shell', 'pull'],
    ['rollback', 'client', 'drain'],
    ['deploy', 'shell', 'promote'],
    ['deploy', 'host', 'start'],
  ])('a %s whose %s is killed at the step %s is made whole by the next one', async (command, victim, id) => {
    const now = (await world.version()) as { readonly version: string };
    const tag = now.version === good ? other : good;
    const words = command === 'deploy' ? ['deploy', 'preview', '--image-tag', tag] : ['rollback', 'preview'];
    const step = (await stepsOf(words)).find((each) => each.id === id);
    expect(step).toBeDefined();
    if (step) await killAndRunAgain(world, { words, buildSha: tag.replace('preview-', ''), step, victim });
  });

  it('SourceCred is brought to its side, keeps its data, and comes back where a change of it fails', async () => {
    const served = await world.version();
    const image = await runnerDouble(world);
    const shown = async (): Promise<unknown> =>
      JSON.parse(
        await world.onHost(
          ...['docker', 'exec', 'cogni-edge-caddy-1', 'wget', '-q', '-O', '-', 'http://sourcecred:6006/'],
        ),
      );
    const apply = (repository: string, token = goodToken): ReturnType<typeof applyDouble> =>
      applyDouble(world, image, repository, token);
    const deploying = 'sleep 1234';
    await world.docker.docker([
      ...['exec', '--detach', world.hostName],
      ...['flock', '/var/lib/cogni/deploy/lock', ...deploying.split(' ')],
    ]);
    await world.until('a deploy is under way', async () => !(await world.lockIsFree()));
    expect(await apply('cogni/one')).toMatchObject({ outcome: 'applied' });
    expect(await world.lockIsFree()).toBe(false);
    await world.onHost('pkill', '--full', deploying);
    expect(await shown()).toMatchObject({ repositories: ['cogni/one'], starts: 1 });
    expect(await apply('cogni/one')).toMatchObject({ outcome: 'unchanged', steps: [] });

    expect(await apply('cogni/two')).toMatchObject({ outcome: 'applied' });
    expect(await shown()).toMatchObject({ repositories: ['cogni/two'], starts: 2 });

    await expect(apply('cogni/three', badToken)).rejects.toMatchObject({
      state: expect.stringContaining('SourceCred runs as before') as string,
      output: expect.stringContaining('GitHub does not take the token') as string,
    });
    await world.until('the old one shows again', async () => {
      const now = await shown().catch(() => undefined);
      return JSON.stringify(now) === JSON.stringify({ repositories: ['cogni/two'], starts: 3 });
    });
    const files = await world.onHost('find', '/opt/cogni/sourcecred', '-type', 'f', '-printf', '%f %m\\n');
    expect(files).toContain('.env 600');
    expect(files).not.toMatch(/next|previous/);
    expect(await world.version()).toEqual(served);
  });

  it('an image without its migrator is refused before the host is touched', async () => {
    const output = await world.deploy('preview-0000009');
    expect(output.code).toBe(1);
    expect(textOf(output)).toContain('preview-0000009-migrate: the registry has no such image (404)');
    expect(textOf(output)).toContain('state: nothing was changed');
  });
});
