import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { checkHost } from '../../../deploy/host/check';
import { glanceAt, type Glance } from '../../../deploy/host/glance';
import { run } from '../../../foundation/process';
import { throwawaySshd, type ThrowawaySshd } from './throwaway-sshd';

const data = '22222222-2222-2222-2222-222222222222';

describe('a look at a host, over a real connection and by a real shell', () => {
  let sshd: ThrowawaySshd;
  let docker: string;
  beforeAll(async () => {
    const bin = mkdtempSync(join(tmpdir(), 'cogni-glance-'));
    docker = join(bin, 'docker');
    sshd = await throwawaySshd({ path: `${bin}:${process.env['PATH'] ?? ''}` });
    sshd.pin('host');
  });
  afterAll(async () => {
    await sshd.stop();
    rmSync(dirname(docker), { recursive: true });
  });

  /** The host's `docker exec`: the data's id comes, or it hangs, or there is no such container. */
  const database = (script: string): void => {
    writeFileSync(docker, `#!/bin/sh\n${script}\n`);
    chmodSync(docker, 0o755);
  };

  /** With more time than a watch has, so that a busy machine fails no test. */
  const look = (login = true): Promise<Glance> =>
    glanceAt({
      host: sshd.host,
      login,
      env: sshd.env,
      run: (command) => run({ ...command, deadline: 60_000 }),
    });

  it('reads boot, disk, data, lock and file system of the pinned machine', async () => {
    database(`cat >/dev/null; echo ${data}`);
    const { check, inside } = await look();
    expect(check).toMatchObject({ identity: 'pinned', evidence: { data: { state: 'marked', id: data } } });
    expect(check.evidence?.boot).toMatch(/^[0-9a-f-]{36}$/);
    expect(check.evidence?.disk).toMatch(/^[0-9a-f]{64}$/);
    expect(inside).toMatchObject({ deploying: false, maintenance: false });
    expect(inside!.disk!.used).toBeGreaterThan(0);
  });

  it('says what is wrong with a database, and does not wait for one that hangs', async () => {
    database('echo "Error response from daemon: No such container: x" >&2; exit 1');
    const gone = await look();
    expect(gone.check.evidence?.data).toEqual({
      state: 'silent',
      why: 'Error response from daemon: No such container: x',
    });
    database('exec sleep 60');
    const hung = await look();
    expect(hung.check.evidence?.data).toEqual({ state: 'silent', why: 'no answer in time' });
    expect(hung.inside).toBeDefined();
  });

  it('tells another machine from ours, and believes nothing of it', async () => {
    database(`cat >/dev/null; echo ${data}`);
    sshd.pin('other');
    const { check, inside } = await look();
    sshd.pin('host');
    expect(check).toMatchObject({ identity: 'other key', evidence: undefined });
    expect(inside).toBeUndefined();
  });

  it('sees the key of a host, and logs in nowhere where that was asked for, whatever the agent holds', async () => {
    const logins = (): number => sshd.log().match(/Accepted publickey/g)?.length ?? 0;
    const before = logins();
    const { check, inside } = await look(false);
    expect(check).toMatchObject({ identity: 'pinned', evidence: undefined });
    expect(inside).toBeUndefined();
    expect(logins()).toBe(before);
    await look();
    expect(logins()).toBe(before + 1);
  });

  it('reads the evidence of a longer look the same way', async () => {
    const check = await checkHost({ host: sshd.host, env: sshd.env });
    expect(check).toMatchObject({ identity: 'pinned', evidence: { data: { state: 'marked', id: data } } });
  });
});
