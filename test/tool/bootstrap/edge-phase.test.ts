import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import type { Output } from '../../../foundation/process';
import { movedScript, start } from './moved-script';

const { path, read, marker, install } = movedScript();
const lock = (): string => path('var/lib/cogni/deploy/edge.at-work.lock');

/** A Docker that tells of the edge what the given shell text says, and notes whether `up` has the lock. */
function docker(running: string): string {
  mkdirSync(path('bin'));
  mkdirSync(path('var/lib/cogni/deploy'));
  mkdirSync(path('opt/edge'));
  const text = `#!/bin/sh
case "$*" in
*' ps '*) ${running} ;;
*' --images'*) echo caddy@sha256:1 ;;
*' up '*) flock --nonblock ${lock()} true || echo held >>${path('up')} ;;
esac
`;
  writeFileSync(path('bin/docker'), text, { mode: 0o755 });
  return [
    'revision=abc123',
    "edge_seeds='' edge_domain=preview.cogni.test",
    `PATH=${path('bin')}:$PATH`,
    'ss() { :; }',
    'chown() { :; }',
    'curl() { echo 503; }',
    '',
  ].join('\n');
}

const edge = (mode: string, settings: string): Promise<Output> =>
  start(install({ edge: 'real' }, settings), mode, 'edge');

describe('the edge, where Docker Compose of a run that was killed replaces its container', () => {
  test('is looked at once that has ended', async () => {
    const settings = docker(`flock --nonblock ${lock()} true && echo c1`);
    const works = spawn('flock', [lock(), 'sh', '-c', 'echo works; exec sleep 3'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(works.stdout, 'data');
    expect(await edge('check', settings)).toMatchObject({ code: 0, stdout: 'edge\tok\t\n' });
  });

  test('is a failure where that does not end', async () => {
    const settings = docker('echo c1');
    writeFileSync(lock(), '');
    const inVain = 'flock() { if [ "$1 $2" = "-w 150" ]; then return 1; fi; command flock "$@"; }\n';
    expect((await edge('run', `${settings}${inVain}`)).code).toBe(1);
    expect(marker('var/lib/cogni/bootstrap.fail')['command']).toBe('Docker Compose is at work on the edge');
  });
});

describe('the edge of a new host', () => {
  test('is not waited for, and no check makes the lock', async () => {
    expect((await edge('check', docker(':'))).stdout).toBe('edge\tacts\tstart the edge\n');
    expect(existsSync(lock())).toBe(false);
  });

  test('is started under the lock, which a later `edge apply` of the user deploy can take', async () => {
    expect(await edge('run', docker(':'))).toMatchObject({ code: 0 });
    expect(read('up')).toBe('held\n');
    expect(statSync(lock()).mode & 0o777).toBe(0o644);
  });
});
