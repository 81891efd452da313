import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enrollmentOf } from '../../../bootstrap';
import { bootstrapTarget } from '../../../cli/bootstrap-target';
import { existingMachineFaults } from '../../../cli/enrollment';
import { hostKeyAlias, knownHostsFile } from '../../../cli/host-access';
import { diffEnvironment, renderTo, requireFitting } from '../../../cli/render-flow';
import { pinHost } from '../../../deploy/host/pin';
import { tryReadPins, writePins } from '../../../deploy/host/pins';
import type { Run } from '../../../foundation/process';
import { renderImageLock } from '../../../services';
import type { Environment } from '../../../stacks/environment';
import { loadEnvironment } from '../../../stacks/load';
import { fakeClock } from '../deploy/fake-clock';
import { fakeSsh } from '../deploy/host/fake-ssh';
import { ed25519, proofLine } from '../deploy/host/keys';
import { resolvedLock } from '../services/example';
import { record, surroundings } from '../stacks/example';

/** What this machine knows of the environment, in place of the checkout's records. */
const mockHere: { environment: Environment | undefined } = { environment: undefined };
jest.mock('../../../stacks/here', () => ({
  ...jest.requireActual<object>('../../../stacks/here'),
  findEnvironment: () => mockHere.environment,
}));

const address = '203.0.113.7';
const elsewhere = record({ host: { kind: 'existing', name: 'preview-cogni', address } });

describe('a machine that somebody else made', () => {
  let folder: string;
  const before = process.env['COGNI_SANDBOX'];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-enrollment-'));
    process.env['COGNI_SANDBOX'] = folder;
    const imageLockFile = join(folder, 'images.lock.json');
    writeFileSync(imageLockFile, renderImageLock(resolvedLock()));
    mockHere.environment = {
      ...loadEnvironment('preview', [record()], surroundings()),
      sandbox: { imageLockFile },
    };
  });
  afterEach(() => {
    if (before === undefined) delete process.env['COGNI_SANDBOX'];
    else process.env['COGNI_SANDBOX'] = before;
    rmSync(folder, { recursive: true, force: true });
  });
  const file = (): string => join(folder, 'preview', 'user-data.yaml');
  const moved = (): Environment =>
    (mockHere.environment = loadEnvironment('preview', [elsewhere], surroundings()));

  /** An agent with these keys, as `ssh-add -L` prints them. */
  const agent =
    (...keys: readonly string[]): Run =>
    () =>
      Promise.resolve({
        ...{ code: keys.length === 0 ? 1 : 0, signal: null, stderr: '', timedOut: false, milliseconds: 1 },
        stdout: keys.length === 0 ? 'The agent has no identities.\n' : `${keys.join('\n')}\n`,
      });
  const key = `${ed25519.type} ${ed25519.base64} deploy`;

  it('proves its key with the user-data that a render wrote for it, when the record has its address', async () => {
    const { result, text } = await renderTo('preview', join(folder, 'out'), { enroll: true });
    expect(result.enrolled).toBe(file());
    expect(text).toContain(`with its enrollment token: ${file()}`);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    const delivered = enrollmentOf(readFileSync(file(), 'utf8')) ?? '';
    expect(text).not.toContain(delivered);

    const environment = moved();
    // The key of the machine of before is put aside by then.
    expect(await existingMachineFaults(environment, true, agent(key))).toEqual([]);
    const target = await bootstrapTarget('preview', {});
    const { run } = fakeSsh([{ key: ed25519, stdout: proofLine(ed25519, delivered) }]);
    await pinHost({ ...target.props, run, clock: fakeClock(), deadline: 60_000 });
    expect(tryReadPins(knownHostsFile('preview'), hostKeyAlias('preview'))?.keys).toEqual([ed25519]);
    target.passed();
    expect(existsSync(file())).toBe(false);
    expect(await bootstrapTarget('preview', {})).not.toHaveProperty('props.token');
  });

  it('has its token in nothing else that is rendered, and none is made where nobody asks', async () => {
    const out = join(folder, 'out');
    await renderTo('preview', out);
    expect(existsSync(file())).toBe(false);
    expect(existsSync(join(folder, 'preview', 'enrollment'))).toBe(false);
    await renderTo('preview', out, { enroll: true });
    expect(enrollmentOf(readFileSync(join(out, 'user-data.yaml'), 'utf8'))).toBeUndefined();
    expect((await diffEnvironment('preview', out)).result.same).toBe(true);
  });

  it('is refused in the first look where nothing could prove its key behind the stage that puts the pin aside', async () => {
    const environment = moved();
    writePins(
      knownHostsFile('preview'),
      hostKeyAlias('preview'),
      { keys: [ed25519], machine: undefined },
      new Date(0),
    );
    expect(await existingMachineFaults(environment, true, agent(key))).toEqual([
      expect.stringMatching(/no enrollment token .* 203\.0\.113\.7 .*\.\/cogni render preview --enroll/),
    ]);
    // Nothing is put aside of a machine to which nothing was ever deployed.
    expect(await existingMachineFaults(environment, false, agent(key))).toEqual([]);
  });

  it('is refused there as well where the agent has no key to log in with', async () => {
    await renderTo('preview', join(folder, 'out'), { enroll: true });
    expect(await existingMachineFaults(moved(), true, agent())).toEqual([
      expect.stringContaining('the SSH agent has no key: ssh-add'),
    ]);
  });

  it('is not enrolled by a comparison', () => {
    expect(() => requireFitting({ diff: true, enroll: true })).toThrow('--enroll writes');
  });
});
