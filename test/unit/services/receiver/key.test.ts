import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyProgram, receiverHome } from '../../../../services/receiver/script';

describe('the key of a receiver', () => {
  let folder: string;
  let home: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-key-'));
    home = join(folder, 'home');
    mkdirSync(join(folder, 'bin'));
    mkdirSync(home);
    program('install', ':');
    program('chown', `shift; for file; do [ -e "$file" ] || exit 1; done; echo "$*" >>"${folder}/owned"`);
    program(
      'ssh-keygen',
      `for last; do :; done; echo private >"$last"; echo "ssh-ed25519 AAAA made" >"$last.pub"`,
    );
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const program = (name: string, text: string): void => {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  };
  const make = () => {
    const { status, stdout } = spawnSync(
      'sh',
      ['-c', keyProgram.replaceAll(receiverHome, home), 'sh', 'test'],
      {
        env: { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` },
        encoding: 'utf8',
      },
    );
    return { status, stdout: stdout.trim() };
  };
  const owned = (): string =>
    existsSync(join(folder, 'owned')) ? readFileSync(join(folder, 'owned'), 'utf8').trim() : '';

  it('is made where there is none, belongs to the receiver, and its public half is printed', () => {
    expect(make()).toEqual({ status: 0, stdout: 'ssh-ed25519 AAAA' });
    expect(owned()).toBe(`${home}/key ${home}/key.pub`);
    expect(existsSync(join(home, 'new'))).toBe(false);
  });

  it('stays the same the next time, and is given to the receiver again where a run was killed before it was', () => {
    program('chown', 'kill -9 $PPID');
    expect(make().stdout).toBe('');
    writeFileSync(join(home, 'key'), 'private of then');
    program('chown', `shift; echo "$*" >>"${folder}/owned"`);
    expect(make()).toEqual({ status: 0, stdout: 'ssh-ed25519 AAAA' });
    expect(readFileSync(join(home, 'key'), 'utf8')).toBe('private of then');
    expect(owned()).toBe(`${home}/key ${home}/key.pub`);
  });

  it.each([
    ['its halves were made', 'ssh-keygen', 'for last; do :; done; echo half >"$last"; kill -9 $PPID'],
    [
      'both were put in their place',
      'mv',
      'case $3 in *key.pub) kill -9 $PPID ;; *) exec /bin/mv "$@" ;; esac',
    ],
  ])('is made anew where a run was killed before %s', (_, name, text) => {
    program(name, text);
    expect(make().stdout).toBe('');
    rmSync(join(folder, 'bin', name));
    program(
      'ssh-keygen',
      `for last; do :; done; echo another >"$last"; echo "ssh-ed25519 BBBB made" >"$last.pub"`,
    );
    expect(make()).toEqual({ status: 0, stdout: 'ssh-ed25519 BBBB' });
    expect(readFileSync(join(home, 'key'), 'utf8').trim()).toBe('another');
  });
});
