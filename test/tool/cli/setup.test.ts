import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run, type Output } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { setupEnvironments } from '../../../cli/settings-documents';
import { ensurePackages } from '../../../sandbox/packages';
import { renderImageLock, settingNames } from '../../../services';
import { commandsRun } from '../../setup-page';
import { resolvedLock } from '../../unit/services/example';
import { githubDouble, type GithubDouble } from '../../unit/workflows/github/double';

const checkout = resolve(__dirname, '..', '..', '..');

/** What a person types or pastes where a command asks for it, and where it stands for what only they know. */
const typed = 'cherry-token-0123';
const project = '4711';
const repository = 'owner/name';
const byHand = "GHCR_USERNAME='cogni-bot'\nGHCR_DEPLOY_TOKEN='ghp_0123456789'\n";

/** In place of Terraform: the state of a host that was provisioned. */
const terraform = `#!/bin/sh
[ "$1" = output ] || exit 1
cat <<'END'
${JSON.stringify(
  Object.fromEntries(
    Object.entries({
      address: '192.0.2.10',
      server_id: '4242',
      host_name: 'a-cogni',
      host_key: `ssh-ed25519 ${'A'.repeat(68)}`,
    }).map(([name, value]) => [name, { value }]),
  ),
)}
END
`;

describe('docs/setup.md', () => {
  let folder: string;
  let agent: { readonly socket: string; readonly pid: number };
  let github: GithubDouble;
  /** What the page has exported: it is followed in one shell. */
  const exported: Record<string, string> = {};

  /** A command as it stands on the page, by bash, in a checkout's place and with a home of its own. */
  const shell = (line: string, stdin = ''): Promise<Output> =>
    run({
      argv: ['setsid', '--wait', 'bash', '-euc', line.replace('<owner/name>', repository)],
      cwd: folder,
      env: {
        ...Object.fromEntries(settingNames.map((name) => [name, undefined])),
        HOME: join(folder, 'home'),
        COGNI_SANDBOX: join(folder, 'sandbox'),
        CDKTF_OUTDIR: join(folder, 'out'),
        TERRAFORM_BINARY_NAME: join(folder, 'terraform'),
        SSH_AUTH_SOCK: agent.socket,
        SSH_ASKPASS: undefined,
        DISPLAY: undefined,
        NO_COLOR: '1',
        GITHUB_API_URL: github.url,
        ...exported,
      },
      stdin,
      deadline: 120_000,
    });

  /** The same, with what a person types there; what it exports is there for the lines after it. */
  async function follow(line: string): Promise<Output> {
    const name = /\bexport ([A-Z_]+)/.exec(line)?.[1];
    const stdin = line.startsWith('ssh-keygen')
      ? '\n\n'
      : `${{ GITHUB_TOKEN: github.token, CHERRY_PROJECT_ID: project }[name ?? ''] ?? typed}\n`;
    if (name === undefined) return shell(line, stdin);
    const output = await shell(`${line}\nprintenv ${name}`, stdin);
    exported[name] = output.stdout.trim();
    return output;
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-setup-'));
    for (const name of ['keys', 'home/.ssh', 'sandbox'])
      mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    symlinkSync(join(checkout, 'cogni'), join(folder, 'cogni'));
    const why = 'makes the key that settings are exported for';
    await ensurePackages([{ program: 'age-keygen', package: 'age', why }], silent);
    github = await githubDouble();
    for (const { name } of setupEnvironments()) {
      github.environments.add(name);
      mkdirSync(join(folder, 'out', 'stacks', name, '.terraform'), { recursive: true });
      writeFileSync(join(folder, 'out', 'stacks', name, 'cdk.tf.json'), '{}');
    }
    writeFileSync(join(folder, 'terraform'), terraform, { mode: 0o755 });
    const socket = join(folder, 'agent');
    const started = await run({ argv: ['ssh-agent', '-a', socket], deadline: 10_000 });
    agent = { socket, pid: Number(/SSH_AGENT_PID=(\d+)/.exec(started.stdout)?.[1]) };
    writeFileSync(join(folder, 'images.lock.json'), renderImageLock(resolvedLock()));
    const environments = setupEnvironments().map(({ name, deployKeyFile }) => [
      name,
      {
        domain: `${name}.cogni.test`,
        projectId: 1,
        deployKeyFile: join(folder, deployKeyFile),
        acmeDirectory: 'https://acme.cogni.test/directory',
        imageLockFile: join(folder, 'images.lock.json'),
        imageRepository: 'ghcr.cogni.test/cogni/app',
        stateFolder: join(folder, 'state'),
      },
    ]);
    const overrides = { version: 1, environments: Object.fromEntries(environments) as unknown };
    writeFileSync(join(folder, 'sandbox', 'sandbox.json'), JSON.stringify(overrides));
  }, 900_000);
  afterAll(async () => {
    process.kill(agent.pid);
    await github.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  // In the page's order: each goes on from those before it.
  it.each(commandsRun(['as it stands', 'for the shell', 'with a double of GitHub']))(
    'has a command that works as it stands: %s',
    async (line) => {
      const check = /^\.\/cogni settings check (\S+)$/.exec(line)?.[1];
      if (check !== undefined) {
        const incomplete = await follow(line);
        expect(incomplete).toMatchObject({
          code: 1,
          stderr: expect.stringContaining('GHCR_DEPLOY_TOKEN is missing'),
        });
        appendFileSync(join(folder, 'sandbox', check, 'settings.env'), byHand);
      }
      const { code, stderr } = await follow(line);
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    },
  );

  it('leads to the keys, the agent and the settings that the rest of the page needs', async () => {
    for (const { name, deployKeyFile } of setupEnvironments()) {
      expect(readFileSync(join(folder, deployKeyFile), 'utf8')).toMatch(/^ssh-ed25519 /);
      expect(existsSync(join(folder, 'sandbox', name, 'settings.env'))).toBe(true);
      expect(statSync(join(folder, 'sandbox', name, 'settings.env')).mode & 0o777).toBe(0o600);
    }
    const keys = await shell('ssh-add -l');
    expect(keys.stdout.trim().split('\n')).toHaveLength(setupEnvironments().length);
    expect(readFileSync(join(folder, 'home', 'cogni-exports.txt'), 'utf8')).toContain('AGE-SECRET-KEY-1');
  });

  it('leads workflows to the settings, the host and a key without a passphrase, whose copy is gone', () => {
    for (const { name, deployKeyFile } of setupEnvironments()) {
      const [type, base64] = readFileSync(join(folder, deployKeyFile), 'utf8').split(' ');
      const secret = github.secrets.get(`${name}/SSH_DEPLOY_KEY`) ?? '';
      writeFileSync(join(folder, 'secret'), secret, { mode: 0o600 });
      expect(
        execFileSync('ssh-keygen', ['-y', '-P', '', '-f', join(folder, 'secret')], { encoding: 'utf8' }),
      ).toContain(`${type ?? ''} ${base64 ?? ''}`);
      expect(github.secrets.get(`${name}/APP_DB_PASSWORD`)).toMatch(/^\S{16,}$/);
      expect(github.variables.get(`${name}/VM_HOST`)).toBe('192.0.2.10');
      expect(github.variables.get(`${name}/VM_HOST_KEY`)).toMatch(/^ssh-ed25519 /);
    }
    expect(github.secrets.get('repository/CHERRY_AUTH_TOKEN')).toBe(typed);
    expect(github.secrets.get('repository/GHCR_DEPLOY_TOKEN')).toBe('ghp_0123456789');
    expect(github.variables.get('repository/CHERRY_PROJECT_ID')).toBe(project);
    expect(github.variables.get('repository/GHCR_USERNAME')).toBe('cogni-bot');
    expect(github.violations).toEqual([]);
    expect(readdirSync(join(folder, 'home', '.ssh')).filter((file) => file.endsWith('_actions'))).toEqual([]);
  });
});
