import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../foundation/clock';
import { capture, run, type Output } from '../../../foundation/process';
import { checkout } from '../../../infra/checkout';
import { imageNames } from '../../../services/images';
import { order, project } from '../../contract/emulator/rig';
import { World } from '../../contract/provider/run';
import { processesWith } from '../../processes';
import { ed25519 } from '../../unit/infra/keys';

/** Milliseconds: on a machine that has built nothing yet, the stand-in is compiled first. */
const build = 10 * 60_000;
jest.setTimeout(3 * 60_000);

describe('cogni plan and cogni apply', () => {
  let world: World;
  let sandbox: string;
  /** A folder in memory of its own: what others plan meanwhile comes and goes in the one that all have. */
  let memory: string;

  beforeAll(async () => {
    await capture({ argv: [join(checkout, 'scripts', 'ensure-built.sh')], deadline: build });
    world = await World.start();
    sandbox = join(world.rig.folder, 'sandbox');
    memory = mkdtempSync('/dev/shm/cogni-test-');
    play('preview', 'production');
  }, 2 * build);
  afterAll(async () => {
    rmSync(memory, { recursive: true });
    await world.remove();
  });
  beforeEach(async () => {
    rmSync(join(sandbox, 'state'), { recursive: true, force: true });
    await world.rig.control('POST', 'reset');
  });

  /** A sandbox that plays these environments, in front of an emulator with machines in memory. */
  function play(...names: readonly string[]): void {
    mkdirSync(sandbox, { recursive: true });
    const locked = {
      image: 'hub.cogni.test/library/x',
      tag: '1',
      digest: `sha256:${'1'.repeat(64)}`,
      resolvedAt: '2026-11-01T00:00:00Z',
      source: 'https://hub.cogni.test',
    };
    const lock = Object.fromEntries(imageNames.map((name) => [name, locked]));
    writeFileSync(join(sandbox, 'images.lock.json'), JSON.stringify(lock));
    const environments = Object.fromEntries(
      names.map((name, index) => {
        const deployKeyFile = join(sandbox, `${name}.pub`);
        writeFileSync(deployKeyFile, ed25519(index + 1));
        return [
          name,
          {
            domain: `${name}.cogni.test`,
            projectId: project,
            deployKeyFile,
            acmeDirectory: 'https://acme.cogni.test/acme/local/directory',
            imageLockFile: join(sandbox, 'images.lock.json'),
            imageRepository: 'ghcr.cogni.test/cogni/demo',
            stateFolder: join(sandbox, 'state'),
          },
        ];
      }),
    );
    writeFileSync(join(sandbox, 'sandbox.json'), JSON.stringify({ version: 1, environments }));
  }

  const variables = (): Record<string, string | undefined> => ({
    ...world.environment,
    COGNI_SANDBOX: sandbox,
    XDG_RUNTIME_DIR: memory,
    CDKTF_OUTDIR: output(),
    CDKTF_OUTPUT: output(),
    COGNI_PLAN_SIGNING_KEY: undefined,
    COGNI_PLAN_IDENTITY: undefined,
    CI: '1',
  });
  const output = (): string => join(world.rig.folder, 'cdktf.out');
  const argv = (...args: readonly string[]): [string, ...string[]] => [
    process.execPath,
    join(checkout, 'dist', 'cli', 'main.js'),
    ...args,
  ];
  const cogni = (...args: readonly string[]): Promise<Output> =>
    run({ argv: argv(...args), cwd: checkout, env: variables(), deadline: 120_000 });
  const kept = (name: string): string => join(sandbox, name);
  const slowly = (method: string, path: string, milliseconds: number): Promise<unknown> =>
    world.rig.control('POST', 'faults', { when: { method, path }, then: { kind: 'delay', milliseconds } });
  /** Somebody has asked what is answered slowly. */
  const isAsked = async (): Promise<boolean> =>
    ((await world.rig.control('GET', 'faults')) as { seen: number }[]).some(({ seen }) => seen > 0);
  /** Processes that were given this world's sandbox: Terraform and its plugins inherit that. */
  const stillRunning = (): readonly string[] =>
    processesWith(`COGNI_SANDBOX=${sandbox}`).map(({ id, command }) => `${id} ${command}`);

  /** Starts a command, waits until it has asked what is answered slowly, and kills it outright. */
  async function killedMeanwhile(...args: readonly string[]): Promise<void> {
    const [program, ...rest] = argv(...args);
    const child = spawn(program, rest, {
      cwd: checkout,
      env: { ...process.env, ...variables() },
      stdio: 'ignore',
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await until(isAsked);
    child.kill('SIGKILL');
    await ended;
  }

  async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error('it did not come about within a minute');
      await systemClock.sleep(50);
    }
  }

  it('review a plan, keep it without a secret in clear, apply that file, and leave nothing for cdktf to do', async () => {
    const planned = await cogni('plan', 'production-address', '--out', kept('address.plan'), '--json');
    expect(planned.stderr).not.toContain('failed');
    const { report, plan } = JSON.parse(planned.stdout) as {
      report: { counts: Record<string, number> };
      plan: { file: string; manifest: { environment: string; stack: string }; apply: string };
    };
    expect([planned.code, report.counts['CREATE'], plan.manifest, plan.apply]).toEqual([
      10,
      1,
      expect.objectContaining({ environment: 'production', stack: 'production-address', state: null }),
      `./cogni apply production-address ${kept('address.plan')}`,
    ]);
    const applied = await cogni('apply', 'production-address', kept('address.plan'));
    expect(applied).toMatchObject({ code: 0 });
    expect(applied.stdout).toMatch(/is applied to production-address\n {2}address = 172\.30\.5\.2\d\d/);
    const diff = await run({
      argv: [join(checkout, 'node_modules', '.bin', 'cdktf'), 'diff', 'production-address', '--no-color'],
      cwd: checkout,
      env: variables(),
      deadline: 100_000,
    });
    expect(diff.stdout).toContain('No changes.');
    const again = await cogni('apply', 'production-address', kept('address.plan'));
    expect([again.code, again.stderr]).toEqual([3, expect.stringContaining('something was applied since')]);
  });

  it('plan a host in front of its account, and show its token nowhere', async () => {
    const planned = await cogni(
      'plan',
      'preview',
      '--out',
      kept('host.plan'),
      '--comment',
      kept('comment.md'),
    );
    expect(planned).toMatchObject({ code: 10 });
    expect(planned.stdout).toContain('CREATE  cherryservers_server.host');
    const token = readFileSync(join(sandbox, 'preview', 'enrollment'), 'utf8').trim();
    const encoded = Buffer.from(token).toString('base64').slice(2, -4);
    const shown = [
      planned.stdout,
      planned.stderr,
      ...['host.plan', 'comment.md'].map((file) => readFileSync(kept(file), 'utf8')),
    ].join();
    for (const secret of [token, encoded, world.environment['CHERRY_AUTH_TOKEN']!])
      expect(shown).not.toContain(secret);
    const other = await cogni('apply', 'production', kept('host.plan'));
    expect([other.code, other.stderr]).toEqual([
      3,
      expect.stringMatching(
        /which may not sign plans here[\s\S]*it says of itself that it is a plan for preview/,
      ),
    ]);
  });

  it('say before anything is planned, all at once, what cannot be had', async () => {
    const key = readFileSync(join(sandbox, 'preview.pub'), 'utf8');
    await world.rig.client().call('POST', '/v1/ssh-keys', { label: 'laptop', key });
    await world.rig
      .client()
      .call('POST', `/v1/projects/${project}/servers`, order({ hostname: 'preview-cogni' }));
    const refused = await cogni('plan', 'preview', '--json');
    const { failed } = JSON.parse(refused.stdout) as { failed: { faults: string[] } };
    expect([refused.code, failed.faults]).toEqual([
      3,
      [
        expect.stringContaining('the deploy key is at Cherry already'),
        expect.stringContaining('--import cherryservers_server.host='),
      ],
    ]);
  });

  it('leave one run alone in a checkout: the other is refused at once', async () => {
    await slowly('GET', '/v1/teams', 8_000);
    const first = cogni('plan', 'production-address');
    await until(isAsked);
    const second = await cogni('plan', 'preview');
    expect([second.code, second.stderr]).toEqual([4, expect.stringContaining('another run holds the lock')]);
    expect([0, 10]).toContain((await first).code);
  });

  it('leave nothing in clear and no process when they are killed while planning', async () => {
    await world.rig.client().call('POST', '/v1/ssh-keys', { label: 'other', key: ed25519(9) });
    const [left] = (await world.rig.client().call('GET', '/v1/ssh-keys')).list;
    await slowly('GET', '/v1/ssh-keys/*', 3_000);
    const adopt = `cherryservers_ssh_key.deploy_key=${left!.id}`;
    await killedMeanwhile('plan', 'preview', '--import', adopt, '--out', kept('killed.plan'));
    await until(() => readdirSync(memory).length === 0);
    expect(existsSync(kept('killed.plan'))).toBe(false);
    // Terraform and the plugins that it started.
    expect(stillRunning()).not.toEqual([]);
    await until(() => stillRunning().length === 0);
    // The state's lock went with them.
    expect(await cogni('plan', 'preview', '--out', kept('after.plan'))).toMatchObject({ code: 10 });
  });

  it('let Terraform finish when they are killed while applying, and then know what was done', async () => {
    const file = kept('cut.plan');
    expect(await cogni('plan', 'production-address', '--out', file)).toMatchObject({ code: 10 });
    await slowly('POST', '/v1/projects/*/ips', 3_000);
    await killedMeanwhile('apply', 'production-address', file);
    await until(() => readdirSync(memory).length === 0);
    const state = join(sandbox, 'state', 'cherry-base-production-address.tfstate');
    await until(() => existsSync(state) && readFileSync(state, 'utf8').includes('"cherryservers_ip"'));
    const again = await cogni('apply', 'production-address', file);
    expect([again.code, again.stderr]).toEqual([3, expect.stringContaining('something was applied since')]);
    expect(await cogni('plan', 'production-address')).toMatchObject({ code: 0 });
    await until(() => stillRunning().length === 0);
  });
});
