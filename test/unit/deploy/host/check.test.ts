import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkHost, checkText } from '../../../../deploy/host/check';
import type { Run } from '../../../../foundation/process';

const key = (text: string): string => `ssh-ed25519 ${Buffer.from(text).toString('base64')}`;
const done =
  '\x1eok\n{"time":"2026-01-01T00:00:00Z","document":"d","versions":{},"milliseconds":{}}\n\x1efail\n\x1erunning\n\x1ecloud-init\n\x1elog\n';

describe('looking at a host', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-check-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** An ssh that meets a host with `shown` as its key, and prints what that host says. */
  const meeting =
    (shown: string | undefined, stdout = ''): Run =>
    (command) => {
      const option = command.argv.find((word) => word.includes('UserKnownHostsFile=')) ?? '';
      if (shown)
        writeFileSync(
          option.replace(/^.*UserKnownHostsFile=/, '').replaceAll('"', ''),
          `cogni-preview ${shown}\n`,
        );
      const code = shown ? 0 : 255;
      return Promise.resolve({ code, signal: null, stdout, stderr: '', timedOut: false, milliseconds: 1 });
    };
  const look = (run: Run, pinned?: string) => {
    const knownHosts = join(folder, 'known_hosts');
    if (pinned) writeFileSync(knownHosts, `cogni-preview ${pinned}\n`);
    const host = {
      environment: 'preview',
      address: '192.0.2.7',
      user: 'deploy',
      knownHosts,
      hostKeyAlias: 'cogni-preview',
    };
    return checkHost({ host, run, env: { SSH_AUTH_SOCK: '/nowhere' } });
  };

  it('finds the pinned machine, bootstrapped, in order', async () => {
    const check = await look(meeting(key('a'), done), key('a'));
    expect(check).toMatchObject({ identity: 'pinned', bootstrap: 'done' });
    expect(check.evidence).toMatchObject({ marker: 'none' });
  });

  it('names both keys when another one answers, and believes nothing that it says', async () => {
    const check = await look(meeting(key('b'), done), key('a'));
    expect(check).toMatchObject({ identity: 'other key', bootstrap: 'unknown' });
    expect(check.evidence).toBeUndefined();
    expect(checkText(check).match(/SHA256:/g)).toHaveLength(2);
  });

  it('says that nothing is pinned, or that nothing answers', async () => {
    const unknown = await look(meeting(key('b'), done));
    const silent = await look(meeting(undefined), key('a'));
    expect([unknown.identity, silent.identity]).toEqual(['not pinned', 'silent']);
  });
});
