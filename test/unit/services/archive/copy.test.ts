import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyFiles, copyFolder, copyProgram } from '../../../../services/archive/copy';

const segment = '000000010000000000000007';

describe('what a copy answers its server, which asks for a piece of the log', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-copy-'));
    mkdirSync(join(folder, 'bin'));
    for (const name of ['want', 'have', 'lack']) mkdirSync(join(folder, 'mail', name), { recursive: true });
    writeFileSync(join(folder, copyFiles.program), copyProgram.replaceAll(copyFolder, folder));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** @param text what the program in its place does */
  const program = (name: string, text: string): void => {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  };
  /** pgBackRest that brings a piece, or ends with a code. */
  const archive = (code: number): void => {
    program('pgbackrest', code === 0 ? 'for last; do :; done; echo archived >"$last"' : `exit ${code}`);
  };
  const received = (name = segment): void => {
    mkdirSync(join(folder, copyFiles.received));
    writeFileSync(join(folder, copyFiles.received, name), 'received\n');
  };
  const ask = (word: 'get' | 'request', to = join(folder, 'piece')) => {
    const { status, stderr } = spawnSync('sh', [join(folder, copyFiles.program), word, segment, to], {
      env: { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}` },
      encoding: 'utf8',
    });
    return { status, stderr, piece: existsSync(to) ? readFileSync(to, 'utf8').trim() : undefined };
  };

  it('is the piece of the archive, or that of the receiver where the archive has none', () => {
    archive(0);
    expect(ask('get')).toMatchObject({ status: 0, piece: 'archived' });
    archive(1);
    received();
    expect(ask('get')).toMatchObject({ status: 0, piece: 'received' });
  });

  it('is the received piece where that of the archive is spoilt; one that was not received to its end only where the archive has none', () => {
    archive(25);
    received();
    expect(ask('get')).toMatchObject({ status: 0, piece: 'received' });
    rmSync(join(folder, copyFiles.received), { recursive: true });
    received(`${segment}.partial`);
    expect(ask('get').status).toBe(255);
    archive(1);
    expect(ask('get')).toMatchObject({ status: 0, piece: 'received' });
  });

  it('is written down where it was a piece: one that ends before the last is found by that', () => {
    const came = () =>
      spawnSync('sh', [join(folder, copyFiles.program), 'came', segment], { encoding: 'utf8' });
    writeFileSync(join(folder, copyFiles.given), '');
    writeFileSync(join(folder, 'log'), 'LOG:  invalid record length at 0/6000028\n');
    archive(1);
    ask('get');
    expect(came()).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/ended before 000000010000000000000007.*\nLOG: {2}invalid record length/),
    });
    archive(0);
    ask('get');
    expect(came().status).toBe(0);
  });

  it('is 1, which ends the log, where nobody has it', () => {
    archive(1);
    expect(ask('get')).toMatchObject({ status: 1, piece: undefined });
  });

  it.each([2, 25, 49, 103, 125, 126, 127])(
    'is 255, at which the server stops, where the archive could not be asked: pgBackRest ends with %d',
    (code) => {
      archive(code);
      const { status, stderr } = ask('get');
      expect(status).toBe(255);
      expect(stderr).toContain(
        `ERROR: the archive does not say whether it has ${segment}: pgBackRest ended with ${code}`,
      );
    },
  );

  it('is 255 where pgBackRest was killed, and where a piece cannot be put into its place', () => {
    program('pgbackrest', 'kill -9 $$');
    expect(ask('get').status).toBe(255);
    archive(1);
    received();
    expect(ask('get', join(folder, 'nowhere', 'piece')).status).toBe(255);
  });

  it('is the same through a folder, where the container has no key', () => {
    writeFileSync(join(folder, 'mail', 'have', segment), 'brought\n');
    expect(ask('request')).toMatchObject({ status: 0, piece: 'brought' });
    writeFileSync(join(folder, 'mail', 'lack', segment), '');
    expect(ask('request', join(folder, 'another'))).toMatchObject({ status: 1, piece: undefined });
    writeFileSync(join(folder, 'mail', 'have', segment), 'brought\n');
    expect(ask('request', join(folder, 'nowhere', 'piece')).status).toBe(255);
    rmSync(join(folder, 'mail'), { recursive: true });
    expect(ask('request').status).toBe(255);
  });
});

describe('a copy that is brought to a moment', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-copy-'));
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, copyFiles.program), copyProgram.replaceAll(copyFolder, folder));
    mkdirSync(join(folder, copyFiles.data));
    // It serves where nothing is aimed at, waits at a record, and else ends as PostgreSQL does when the log has no later commit.
    program(
      'postgres',
      `echo $$ >"${folder}/server"
for word; do echo "$word" >>"${folder}/words"; done
echo ${segment} >>"${folder}/${copyFiles.given}"
case "$*" in
  *recovery_target_time=*)
    echo 'LOG:  last completed transaction was at log time 2026-11-21 10:59:58.1+00'
    echo "FATAL:  $(cat "${folder}/says")"
    exit 1
    ;;
  *recovery_target_lsn=0/7000110*)
    touch "${folder}/${copyFiles.data}/postmaster.pid"
    exec sleep 60
    ;;
esac
touch "${folder}/serves"
exec sleep 60`,
    );
    program(
      'psql',
      `cat >/dev/null
[ ! -e "${folder}/${copyFiles.data}/postmaster.pid" ] || echo paused
[ ! -e "${folder}/serves" ] || echo promoted`,
    );
    program('pg_ctl', `kill "$(cat "${folder}/server")"; rm "${folder}/${copyFiles.data}/postmaster.pid"`);
    program('pgbackrest', 'for last; do :; done; echo archived >"$last"');
    program(
      'pg_waldump',
      `[ "$1" = last/${segment} ] && [ -e "$1" ]
echo 'rmgr: Standby     len (rec/tot):     50/    50, tx:          0, lsn: 0/07000098, prev 0/07000060, desc: RUNNING_XACTS nextXid 736'
echo 'rmgr: XLOG        len (rec/tot):     24/    24, tx:          0, lsn: 0/7000110, prev 0/07000098, desc: SWITCH '`,
    );
    program('pg_controldata', "echo 'Time of latest checkpoint:            Sat Nov 21 10:59:59 2026'");
  });
  afterEach(() => {
    if (existsSync(join(folder, 'serves')))
      process.kill(Number(readFileSync(join(folder, 'server'), 'utf8')));
    rmSync(folder, { recursive: true, force: true });
  });
  const program = (name: string, text: string): void => {
    writeFileSync(join(folder, 'bin', name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  };
  const unreached = 'recovery ended before configured recovery target was reached';
  const bring = (says: string, kind: string, ...last: readonly string[]) => {
    writeFileSync(join(folder, 'says'), says);
    const { status, stderr } = spawnSync(
      'sh',
      [join(folder, copyFiles.program), 'at', kind, '2026-11-21 11:00:00+00', '1', 'promote', ...last],
      {
        env: { PATH: `${join(folder, 'bin')}:${process.env['PATH'] ?? ''}`, PGBACKREST_REPO1_S3_KEY: 'KEY1' },
        encoding: 'utf8',
      },
    );
    return { status, stderr, serves: existsSync(join(folder, 'serves')) };
  };

  it('ends with the log that leads there, where no later commit is in it', () => {
    expect(bring(unreached, 'time', segment)).toMatchObject({
      status: 0,
      serves: true,
      stderr: expect.stringContaining(
        `no commit after 2026-11-21 11:00:00+00 is in the log up to ${segment}`,
      ),
    });
  });

  it('ends there with its last commit at or after what is named, where commits may be missing behind it', () => {
    expect(bring(unreached, 'time', segment, '2026-11-21 10:59:58.1+00')).toMatchObject({
      status: 0,
      serves: true,
    });
    expect(readFileSync(join(folder, 'words'), 'utf8')).not.toContain('recovery_target_lsn');
  });

  it('ends there with a checkpoint at or after what is named, without a commit: its last record was reached for that', () => {
    expect(bring(unreached, 'time', segment, '2026-11-21 10:59:59+00')).toMatchObject({
      status: 0,
      serves: true,
    });
    expect(readFileSync(join(folder, 'words'), 'utf8')).toContain('recovery_target_lsn=0/7000110');
  });

  it('is refused with both before what is named, and says which moment has all that there is', () => {
    expect(bring(unreached, 'time', segment, '2026-11-21 10:59:59.001+00')).toMatchObject({
      status: 1,
      serves: false,
      stderr: expect.stringMatching(
        /up to 000000010000000000000007 was completed at 2026-11-21 10:59:58\.1\+00, .* before 2026-11-21 11:00:00\+00 is not known: .* --to 2026-11-21T10:59:58\.101Z$/m,
      ),
    });
  });

  it('does not where it was not given all of that log, where that is not known, and where PostgreSQL ended for another reason', () => {
    expect(bring(unreached, 'time', '000000010000000000000009')).toMatchObject({
      status: 1,
      serves: false,
      stderr: expect.stringContaining('ended before 000000010000000000000009, which is there'),
    });
    expect(bring(unreached, 'time')).toMatchObject({ status: 1, serves: false });
    expect(bring('could not open file', 'time', segment)).toMatchObject({ status: 1, serves: false });
  });
});
