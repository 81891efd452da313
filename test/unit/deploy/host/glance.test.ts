import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { glanceAt, type Glance } from '../../../../deploy/host/glance';
import { glanceCommand } from '../../../../deploy/host/glance-question';
import type { Run } from '../../../../foundation/process';

const key = (text: string): string => `ssh-ed25519 ${Buffer.from(text).toString('base64')}`;
const printed = (sections: Readonly<Record<string, string>>): string =>
  Object.entries(sections)
    .map(([name, text]) => `\x1e${name}\n${text}\n`)
    .join('');
const ticking = 'clock 1000 50.0 100';

describe('a short look at a host', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-glance-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A look at a machine that shows `shown`, where `a` is pinned, and prints `stdout`. */
  const glance = (shown: string, stdout: string, code: number | null = 0): Promise<Glance> => {
    const knownHosts = join(folder, 'known_hosts');
    writeFileSync(knownHosts, `cogni-preview ${key('a')}\n`);
    const run: Run = (command) => {
      const option = command.argv.find((word) => word.includes('UserKnownHostsFile=')) ?? '';
      const file = option.replace(/^.*UserKnownHostsFile=/, '').replaceAll('"', '');
      writeFileSync(file, `cogni-preview ${key(shown)}\n`);
      return Promise.resolve({
        code,
        signal: null,
        stdout,
        stderr: '',
        timedOut: code === null,
        milliseconds: 1,
      });
    };
    const host = {
      environment: 'preview',
      address: '192.0.2.7',
      user: 'deploy',
      knownHosts,
      hostKeyAlias: 'cogni-preview',
    };
    return glanceAt({ host, run, env: { SSH_AUTH_SOCK: '/nowhere' } });
  };

  it('sees who deploys, maintenance and how full the disk is', async () => {
    const text = printed({
      lock: `${ticking}\nfile 1 2\nholder 77 1234 sleep`,
      maintenance: 'on',
      filesystem: ' 900 100',
      inside: '',
    });
    expect((await glance('a', text)).inside).toEqual({
      deploying: true,
      // The machine started 50 s before 1000 s after 1970, and the process 12 s after that.
      held: { since: new Date(962_000), says: undefined },
      maintenance: true,
      disk: { used: 900, free: 100 },
    });
    const quiet = printed({ lock: ticking, maintenance: '', filesystem: '', inside: '' });
    expect((await glance('a', quiet)).inside).toEqual({
      deploying: false,
      maintenance: false,
      disk: undefined,
    });
  });

  it('excuses nothing on an answer that was cut off, or on that of another machine', async () => {
    const lock = `${ticking}\nfile 1 2\nholder 77 1234 sleep`;
    expect((await glance('a', printed({ lock }), 0)).inside).toBeUndefined();
    const other = await glance('b', printed({ lock, maintenance: 'on', inside: '' }));
    expect(other).toMatchObject({ check: { identity: 'other key' } });
    expect(other.inside).toBeUndefined();
  });

  it('takes a host whose database alone keeps it waiting for one that answers', async () => {
    const text = printed({ lock: ticking, inside: '' });
    const { check, inside } = await glance('a', `${text}\x1edata\n`, null);
    expect(check).toMatchObject({ login: undefined, evidence: { data: { state: 'silent' } } });
    expect(inside).toBeDefined();
    expect((await glance('a', printed({ lock: ticking }), null)).check.evidence).toBeUndefined();
    expect((await glance('b', text, null)).check.evidence).toBeUndefined();
  });

  it('logs in nowhere where only the key is asked for: neither by the agent nor by a key file', async () => {
    const asked: string[][] = [];
    const run: Run = (command) => {
      asked.push([...command.argv]);
      return Promise.resolve({
        ...{ code: 255, signal: null, stdout: '', stderr: '', timedOut: false, milliseconds: 1 },
      });
    };
    const host = { environment: 'preview', address: '192.0.2.7', user: 'deploy' };
    const known = { knownHosts: join(folder, 'known_hosts'), hostKeyAlias: 'cogni-preview' };
    await glanceAt({ host: { ...host, ...known }, run, login: false });
    await glanceAt({ host: { ...host, ...known }, run });
    expect(asked[0]).toContain('PreferredAuthentications=none');
    expect(asked[1]).toContain('PreferredAuthentications=publickey');
  });

  it('is one command of fixed words that ends within 6 s', () => {
    expect(glanceCommand.argv).toEqual(['sh', '-s']);
    expect(glanceCommand.deadline).toBe(6_000);
  });
});
