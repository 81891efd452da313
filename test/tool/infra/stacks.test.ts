import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, run, type Output } from '../../../foundation/process';
import { checkout } from '../../../infra/checkout';
import { imageNames } from '../../../services/images';
import { ed25519 } from '../../unit/infra/keys';
import { build, terraformHere, type TerraformHere } from './terraform-here';

/** The compiled app, the real CDKTF command line and the real Terraform, in folders of the test. */
describe('the stacks', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'cogni-stacks-'));
  const sandbox = join(scratch, 'sandbox');
  const app = JSON.parse(readFileSync(join(checkout, 'cdktf.json'), 'utf8')) as { app: string };
  let terraform: TerraformHere;

  beforeAll(async () => {
    await capture({ argv: [join(checkout, 'scripts', 'ensure-built.sh')], deadline: build });
    terraform = await terraformHere(scratch);
  }, 2 * build);
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  /** A sandbox that plays these environments. */
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
    writeFileSync(join(sandbox, 'deploy.pub'), ed25519(1));
    const environments = Object.fromEntries(
      names.map((name) => [
        name,
        {
          domain: `${name}.cogni.test`,
          projectId: 1,
          deployKeyFile: join(sandbox, 'deploy.pub'),
          acmeDirectory: 'https://acme.cogni.test/acme/local/directory',
          imageLockFile: join(sandbox, 'images.lock.json'),
          imageRepository: 'ghcr.cogni.test/cogni/demo',
          stateFolder: join(sandbox, 'state'),
        },
      ]),
    );
    writeFileSync(join(sandbox, 'sandbox.json'), JSON.stringify({ version: 1, environments }));
  }

  /** Runs the app as CDKTF does, into that folder. */
  const synth = (output: string, env: Readonly<Record<string, string | undefined>> = {}): Promise<Output> =>
    run({
      argv: ['sh', '-c', app.app],
      cwd: checkout,
      env: { COGNI_SANDBOX: sandbox, CDKTF_OUTDIR: output, ...env },
      deadline: 60_000,
    });

  const cdktf = (...args: readonly string[]): Promise<Output> =>
    run({
      argv: [join(checkout, 'node_modules', '.bin', 'cdktf'), ...args, '--no-color'],
      cwd: checkout,
      env: {
        ...terraform.env,
        COGNI_SANDBOX: sandbox,
        CDKTF_OUTPUT: join(scratch, 'cli'),
        CDKTF_SKIP_PROVIDER_LOCK: 'true',
        CDKTF_DISABLE_PLUGIN_CACHE_ENV: '1',
        DISABLE_VERSION_CHECK: '1',
        CI: '1',
      },
      deadline: 100_000,
    });

  it('are valid to Terraform, with the schemas of their providers', async () => {
    play('preview', 'production');
    const output = join(scratch, 'validated');
    expect(await synth(output)).toMatchObject({ code: 0 });
    const stacks = readdirSync(join(output, 'stacks')).sort();
    expect(stacks).toEqual(['preview', 'production', 'production-address']);
    for (const stack of stacks) {
      const folder = join(output, 'stacks', stack);
      expect(await terraform.in(folder, 'init', '-backend=false', '-no-color')).toMatchObject({ code: 0 });
      const { stdout } = await terraform.in(folder, 'validate', '-json');
      expect({ stack, ...(JSON.parse(stdout) as object) }).toMatchObject({
        stack,
        valid: true,
        error_count: 0,
        warning_count: 0,
      });
    }
  });

  it('are the same bytes in another folder and with the variables in another order', async () => {
    play('preview', 'production');
    const one = join(scratch, 'one');
    const two = join(scratch, 'two');
    const shuffled = Object.fromEntries(Object.entries(process.env).sort(([a], [b]) => (a < b ? 1 : -1)));
    await synth(one);
    await synth(two, { ...shuffled, LANG: 'tr_TR.UTF-8', TZ: 'Pacific/Chatham' });
    for (const stack of ['preview', 'production', 'production-address']) {
      const file = join('stacks', stack, 'cdk.tf.json');
      expect(readFileSync(join(two, file), 'utf8')).toBe(readFileSync(join(one, file), 'utf8'));
    }
  });

  it('hold no token, which is in a file of its own that only its owner can read', async () => {
    play('preview');
    const output = join(scratch, 'token');
    await synth(output);
    const token = readFileSync(join(sandbox, 'preview', 'enrollment'), 'utf8').trim();
    const holders = readdirSync(output, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .filter((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8').includes(token))
      .map((entry) => entry.name);
    expect(holders).toEqual(['enrollment.auto.tfvars.json']);
  });

  it('do not stop a command of CDKTF for one environment by the faults of another', async () => {
    play('preview');
    const { code, stdout } = await cdktf('diff', 'preview');
    expect(stdout).toContain('production is no part of this sandbox, which plays preview');
    expect(stdout).toContain('Plan: 4 to add, 0 to change, 0 to destroy.');
    expect(stdout).toMatch(/\+ user_data += \(sensitive value\)/);
    expect(code).toBe(0);
  });

  it.each(['diff', 'deploy', 'destroy'])(
    'fail cdktf %s of an environment with its faults',
    async (command) => {
      play('preview');
      const approve = command === 'diff' ? [] : ['--auto-approve'];
      const { code, stdout, stderr } = await cdktf(
        command,
        'production',
        ...approve,
        ...ignoreDependencies(command),
      );
      expect(stdout + stderr).toContain('production is not ready: one thing is wrong with it');
      expect(stdout + stderr).toContain('Error: Invalid value for variable');
      expect(code).not.toBe(0);
    },
  );

  it('say in our words that the sandbox is not there', async () => {
    const { code, stderr } = await synth(join(scratch, 'none'), { COGNI_SANDBOX: join(scratch, 'nowhere') });
    expect(code).toBe(1);
    expect(stderr).toMatch(/there is no sandbox: .*sandbox\.json is missing/);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});

const ignoreDependencies = (command: string): readonly string[] =>
  command === 'diff' ? [] : ['--ignore-missing-stack-dependencies'];
