import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePins } from '../../../../deploy/host/pins';
import { BootstrapFailed, waitForBootstrap, type WaitProps } from '../../../../deploy/host/wait';
import { HostUnreachable, LoginRefused } from '../../../../deploy/ssh-failure';
import { ConnectionLost } from '../../../../deploy/transport';
import { ExitCode, Failure } from '../../../../foundation/failure';
import { progressTo } from '../../../../foundation/progress';
import { fakeClock } from '../fake-clock';
import { fakeTransport, type Answer } from '../fake-transport';
import { fakeSsh, hostAt } from './fake-ssh';
import { ed25519, proofLine, token } from './keys';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'wait-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const success = {
  time: 'T',
  document: 'ab',
  edgeDiffers: ['caddy/Caddyfile'],
  versions: { docker: '20.10' },
  milliseconds: { identity: 30, edge: 2868 },
};
const report = (sections: Record<string, string>): { stdout: string } => ({
  stdout: ['cloud-init', 'cloud-init-unit', 'running', 'ok', 'fail', 'log']
    .map((name) => `\x1e${name}\n${sections[name] ?? ''}`)
    .join(''),
});
const running = (phase: string): { stdout: string } =>
  report({ running: 'bash /opt/cogni/bootstrap/bootstrap.sh ', log: `T phase ${phase} begins\n` });
const done = report({ ok: JSON.stringify(success), log: 'T phase finished done: 1 changes, 2 ms\n' });
const failure = { what: 'x', next: 'y' };

/** @param connections what each attempt to connect meets: a failure, or the reports of that connection in turn */
async function wait(connections: readonly (Failure | Answer[])[], changes: Partial<WaitProps> = {}) {
  const notes: string[] = [];
  const left = [...connections];
  let connected = 0;
  const outcome = await waitForBootstrap({
    host: hostAt(join(folder, 'known_hosts')),
    token,
    deadline: 600_000,
    clock: fakeClock(),
    run: fakeSsh([{ key: ed25519, stdout: proofLine(ed25519) }]).run,
    progress: progressTo((event) => event.kind === 'note' && notes.push(event.text)),
    connect: () => {
      connected += 1;
      const next = (left.length > 1 ? left.shift() : left[0]) ?? [];
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(fakeTransport([['sh -s', next]]));
    },
    ...changes,
  }).catch((thrown: unknown) => thrown);
  return { outcome, failure: outcome as Failure, notes, connected };
}

describe('waiting for a bootstrap', () => {
  test('pins the key, follows the phases, and ends with the success marker', async () => {
    const { outcome, notes } = await wait([[report({}), running('packages'), running('edge'), done]]);
    expect(outcome).toEqual({ keys: [ed25519], pinnedNow: true, success });
    expect(notes.slice(1)).toEqual([
      'waiting for cloud-init to begin the bootstrap',
      'phase packages',
      'phase edge',
      'bootstrap of preview is done: identity 0.0 s, edge 2.9 s',
    ]);
  });

  test('needs no token and no first contact for a host that is pinned and done', async () => {
    writePins(
      join(folder, 'known_hosts'),
      'cogni-preview',
      { keys: [ed25519], machine: undefined },
      new Date(0),
    );
    const { outcome } = await wait([[done]], {
      token: undefined as never,
      run: () => Promise.reject(new Error('asked')),
    });
    expect(outcome).toMatchObject({ pinnedNow: false, success });
  });

  test('says every ten seconds that the same phase is still at it', async () => {
    const { notes } = await wait([[...Array.from({ length: 25 }, () => running('packages')), done]]);
    expect(notes).toContain('phase packages, still, after 10 s');
    expect(notes).toContain('phase packages, still, after 20 s');
  });

  test('connects again when the connection is lost, or the host reboots', async () => {
    const { outcome, connected } = await wait([
      [running('ssh'), new ConnectionLost(failure)],
      new HostUnreachable(failure),
      new LoginRefused(failure),
      [done],
    ]);
    expect(outcome).toMatchObject({ success });
    expect(connected).toBe(4);
  });

  test('goes on after a refused login that comes when the machine was silent for long', async () => {
    const silence = Array.from({ length: 400 }, () => new HostUnreachable(failure));
    const { outcome } = await wait([...silence, new LoginRefused(failure), [done]]);
    expect(outcome).toMatchObject({ success });
  });

  test('ends when logins stay refused for five minutes', async () => {
    const refused = new LoginRefused(failure);
    const { outcome, connected } = await wait([refused]);
    expect(outcome).toBe(refused);
    expect(connected).toBeLessThan(310);
  });

  test('ends at once when the host shows another key than the pinned one', async () => {
    const otherKey = new Failure({ ...failure, exitCode: ExitCode.refused });
    const { outcome, connected } = await wait([otherKey]);
    expect(outcome).toBe(otherKey);
    expect(connected).toBe(1);
  });

  test('ends with phase, exit code, command and the log of the host when the bootstrap failed', async () => {
    const fail = {
      time: 'T',
      document: 'ab',
      phase: 'packages',
      exitCode: 100,
      command: 'apt install docker.io',
    };
    const { failure: thrown } = await wait([
      [
        running('packages'),
        report({ fail: JSON.stringify(fail), log: 'T phase packages begins\nE: broken\n' }),
      ],
    ]);
    expect(thrown).toBeInstanceOf(BootstrapFailed);
    expect(thrown.exitCode).toBe(ExitCode.failed);
    expect(thrown.what).toBe(
      'the bootstrap of preview (203.0.113.7) failed in phase packages with exit code 100: apt install docker.io',
    );
    expect(thrown.output).toBe('T phase packages begins\nE: broken');
    expect(thrown.next).toContain('./cogni host converge preview');
  });

  test('ends when cloud-init has ended, nothing is at work, and there is no marker: the script was killed', async () => {
    const { failure: thrown } = await wait([
      [report({ 'cloud-init': '{"v1":{"errors":["scripts-user"]}}', log: 'T phase edge begins\nKilled\n' })],
    ]);
    expect(thrown).toBeInstanceOf(BootstrapFailed);
    expect(thrown.what).toContain('left no marker: it was killed in phase edge');
    expect(thrown.faults).toEqual(['cloud-init: scripts-user']);
    expect(thrown.output).toContain('Killed');
  });

  test('ends when cloud-init could not even start the script, as with a full disk', async () => {
    const { failure: thrown } = await wait([[report({ 'cloud-init-unit': 'failed\n' })]]);
    expect(thrown).toBeInstanceOf(BootstrapFailed);
    expect(thrown.what).toContain('before its first phase, or could not be written to the disk');
  });

  test('goes on while the script is at work, even though cloud-init has ended: a converge', async () => {
    const converge = report({
      'cloud-init': '{"v1":{"errors":[]}}',
      running: 'bash /opt/cogni/bootstrap/bootstrap.sh run ',
    });
    expect((await wait([[converge, done]])).outcome).toMatchObject({ success });
  });

  test('ends at the deadline with whatever could be read', async () => {
    const { failure: thrown } = await wait([[running('edge')]], { deadline: 20_000 });
    expect(thrown.what).toBe('the bootstrap of preview (203.0.113.7) was not done within 20 s: phase edge');
    expect(thrown.output).toContain('phase edge begins');
    expect(thrown.next).toBe('./cogni host wait preview');
  });

  test('ends at the deadline with the last failure of a host that does not come back', async () => {
    const gone = new HostUnreachable({ what: 'no route', next: 'y' });
    const { failure: thrown } = await wait([[new ConnectionLost(failure)], gone], { deadline: 20_000 });
    expect(thrown.faults).toEqual(['no route']);
  });

  test('takes no fault of our own for a host that boots', async () => {
    const { outcome } = await wait([[new TypeError('ours')]]);
    expect(outcome).toBeInstanceOf(TypeError);
  });
});
