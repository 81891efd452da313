import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run, type Output } from '../../../foundation/process';
import { setupEnvironments } from '../../../cli/settings-documents';
import { renderImageLock } from '../../../services';
import { commandsRun } from '../../setup-page';
import { resolvedLock } from '../../unit/services/example';

const checkout = resolve(__dirname, '..', '..', '..');

/** What a person types or pastes where a command asks for it. */
const typed = 'cherry-token-0123\n';
const byHand = "GHCR_USERNAME='cogni-bot'\nGHCR_DEPLOY_TOKEN='ghp_0123456789'\n";

const person = {
  GIT_AUTHOR_NAME: 'somebody',
  GIT_AUTHOR_EMAIL: 'somebody@cogni.test',
  GIT_COMMITTER_NAME: 'somebody',
  GIT_COMMITTER_EMAIL: 'somebody@cogni.test',
};

describe('docs/setup.md', () => {
  let folder: string;
  let agent: { readonly socket: string; readonly pid: number };

  /** A command as it stands on the page, by bash, in a checkout's place and with a home of its own. */
  const shell = (line: string, before = ''): Promise<Output> =>
    run({
      argv: ['setsid', '--wait', 'bash', '-euc', `${before}\n${line}`],
      cwd: folder,
      env: {
        HOME: join(folder, 'home'),
        COGNI_SANDBOX: join(folder, 'sandbox'),
        SSH_AUTH_SOCK: agent.socket,
        SSH_ASKPASS: undefined,
        DISPLAY: undefined,
        NO_COLOR: '1',
        ...person,
        ...Object.fromEntries(['GHCR_USERNAME', 'GHCR_DEPLOY_TOKEN'].map((name) => [name, undefined])),
      },
      stdin: line.startsWith('ssh-keygen') ? '\n\n' : typed,
      deadline: 120_000,
    });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-setup-'));
    for (const name of ['keys', 'home/.ssh', 'sandbox'])
      mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    symlinkSync(join(checkout, 'cogni'), join(folder, 'cogni'));
    await run({ argv: ['git', 'init', '-q', folder], deadline: 10_000 });
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
  });
  afterAll(() => {
    process.kill(agent.pid);
    rmSync(folder, { recursive: true, force: true });
  });

  // In the page's order: each goes on from those before it.
  it.each(commandsRun('as it stands'))('has a command that works as it stands: %s', async (line) => {
    const check = /^\.\/cogni settings check (\S+)$/.exec(line)?.[1];
    if (check !== undefined) {
      const incomplete = await shell(line);
      expect(incomplete).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('GHCR_DEPLOY_TOKEN is missing'),
      });
      appendFileSync(join(folder, 'sandbox', check, 'settings.env'), byHand);
    }
    const { code, stderr } = await shell(line);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('leads to the keys, the agent and the settings that the rest of the page needs', async () => {
    for (const { name, deployKeyFile } of setupEnvironments()) {
      expect(readFileSync(join(folder, deployKeyFile), 'utf8')).toMatch(/^ssh-ed25519 /);
      expect(existsSync(join(folder, 'sandbox', name, 'settings.env'))).toBe(true);
      expect(statSync(join(folder, 'sandbox', name, 'settings.env')).mode & 0o777).toBe(0o600);
    }
    const keys = await shell('ssh-add -l');
    expect(keys.stdout.trim().split('\n')).toHaveLength(setupEnvironments().length);
  });
});
