import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pgbackrestAway } from '../../../../deploy/backup/away';
import {
  judgeCopies,
  listCopies,
  parseCopies,
  parseSentRecords,
  type JudgedCopies,
} from '../../../../deploy/backup/copies';
import { expireBackups, type ExpireResult } from '../../../../deploy/backup/expire';
import { newIdentity, recipientOf } from '../../../../foundation/age';
import { run, type Output } from '../../../../foundation/process';
import { Secret } from '../../../../foundation/secret';
import type { S3Account } from '../../../../foundation/s3-sign';
import { copiesService } from '../../../../services';
import { copiesScript } from '../../../../services/copies/script';
import { eventually } from '../../../contract/images/harness';
import { edgeVolume } from '../running-runtime';
import { ArchivedRuntime } from './archived-runtime';

describe('what is in the bucket of an environment', () => {
  let archived: ArchivedRuntime;
  let identity: string;

  // One story, in order: each part begins where the one before ended.
  beforeAll(async () => {
    identity = await newIdentity();
    const recipient = await recipientOf(Secret.of('identity', identity));
    archived = await ArchivedRuntime.prepare({ copies: { recipients: [recipient] } });
    expect(await archived.runtime.up('postgres')).toMatchObject({ code: 0 });
    await sql("CREATE ROLE cogni_owner LOGIN PASSWORD 'planted-password'; CREATE TABLE here (what text);");
    await sql('CREATE DATABASE cogni OWNER cogni_owner');
    await archived.runtime.asRoot(
      "CREATE TABLE trace AS SELECT md5(i::text) AS what FROM generate_series(1, 1000) i; INSERT INTO trace VALUES ('planted-row');",
    );
    mkdirSync(join(archived.records, 'releases'));
    writeFileSync(join(archived.records, 'journal.jsonl'), '{"planted":"journal"}\n', { mode: 0o600 });
    await certificate('planted-certificate-key');
  }, 900_000);
  afterAll(() => archived.remove(), 60_000);

  const sql = (statement: string): Promise<string> => archived.runtime.asRoot(statement, 'postgres');
  const program = (...words: readonly string[]): Promise<Output> =>
    archived.runtime.compose('exec', '-T', copiesService.host, '/bin/sh', copiesService.program, ...words);
  const judged = async (): Promise<JudgedCopies> =>
    judgeCopies(parseCopies(await archived.answer(listCopies)), archived.archive, new Date());

  /** As Caddy keeps one: readable by its owner alone. */
  const certificate = async (text: string): Promise<string> =>
    archived.runtime.docker.docker([
      'run',
      '--rm',
      '--network=none',
      `--volume=${edgeVolume(archived.runtime.name)}:/data`,
      '--entrypoint=/bin/sh',
      await archived.runtime.inspect('postgres', '{{.Image}}'),
      '-c',
      `umask 077 && mkdir -p /data/caddy && echo ${text} >/data/caddy/key && chown -R 1000 /data/caddy`,
    ]);

  it('has a portable copy at once, read back, and listed with all its parts', async () => {
    expect(await archived.runtime.up(copiesService.host)).toMatchObject({ code: 0 });
    const { copies, alarms } = await eventually(async () => {
      const now = await judged();
      expect(now.copies).toMatchObject([{ whole: true }]);
      return now;
    }, 60);
    expect(alarms).toEqual([]);
    expect(copies[0]?.parts).toEqual([
      'cogni.dump.age',
      'edge.tar.age',
      'host.tar.age',
      'postgres.dump.age',
      'roles.sql.age',
    ]);
    expect(await program('healthy')).toMatchObject({ code: 0, stdout: '' });
  });

  it('gets a copy once a day only', async () => {
    expect(await program('look')).toMatchObject({ code: 0 });
    expect((await judged()).copies).toHaveLength(1);
  });

  it('sends the records of the host by themselves after each deploy, in a folder of their own', async () => {
    for (const release of ['first', 'second']) {
      writeFileSync(join(archived.records, 'releases', `${release}.json`), `{"release":"${release}"}\n`);
      expect(await program('records')).toMatchObject({ code: 0 });
    }
    const sent = parseSentRecords(await archived.answer(listCopies));
    expect(sent.map(({ whole }) => whole)).toEqual([true, true]);
    const script = `
      set -eu
      cd /restored
      for file in host.tar.age SHA256SUMS; do pgbackrest --raw repo-get "$1/$file" >$file; done
      sha256sum --check --quiet SHA256SUMS
      age --decrypt --identity /key host.tar.age | tar --extract --to-stdout`;
    const { code, stdout } = await inThrowAway(script, sent[0]?.name ?? '');
    expect({ code, second: stdout.includes('{"release":"second"}') }).toEqual({ code: 0, second: true });
    expect((await judged()).copies).toHaveLength(1);
  }, 60_000);

  it('opens with the private key alone, in an empty PostgreSQL, and holds no password', async () => {
    const [copy] = (await judged()).copies;
    const script = `
      set -eu
      fetch() { pgbackrest --raw repo-get "$1/$2"; }
      cd /restored
      for part in roles.sql cogni.dump edge.tar host.tar; do fetch "$1" $part.age >$part.age; done
      fetch "$1" SHA256SUMS | grep -v postgres.dump | sha256sum --check --quiet
      grep -c planted ./*.age | grep -v ':0$' && exit 9
      age --decrypt --identity /key roles.sql.age >roles.sql
      ! grep -i -E "password|planted" roles.sql
      initdb --username=postgres --auth=trust /restored/data >/dev/null
      pg_ctl --wait --pgdata=/restored/data --log=/restored/log --options='-k /tmp -c listen_addresses=' start >/dev/null
      export PGHOST=/tmp PGUSER=postgres
      psql --quiet --set=ON_ERROR_STOP=1 --dbname=postgres --file=roles.sql
      createdb --owner=cogni_owner cogni
      age --decrypt --identity /key cogni.dump.age | pg_restore --exit-on-error --dbname=cogni
      psql -At --dbname=cogni --command="SELECT count(*), max(what) FROM trace"
      for part in edge host; do age --decrypt --identity /key $part.tar.age | tar --extract --to-stdout; done`;
    const output = await inThrowAway(script, copy?.name ?? '');
    expect(output).toMatchObject({ code: 0 });
    expect(output.stdout).toContain('1001|planted-row\n');
    expect(output.stdout).toContain('planted-certificate-key\n');
    expect(output.stdout).toContain('{"planted":"journal"}\n');
  }, 60_000);

  it('counts no copy of which one part failed, says so, and leaves the database alone', async () => {
    await sql('CREATE DATABASE "no word"');
    expect(await program('make')).toMatchObject({ code: 1 });
    expect((await program('healthy')).stdout).toContain('the database no word cannot be copied');
    const { copies } = await judged();
    expect(copies.map(({ whole }) => whole)).toEqual([false, true]);
    await sql('DROP DATABASE "no word"');
    expect(await program('make')).toMatchObject({ code: 0 });
    expect(await program('healthy')).toMatchObject({ code: 0 });
  });

  it('says loudly that the key was revoked, while the database serves', async () => {
    archived.letIn([]);
    // Whoever sends the records is told, and it is no copy that failed.
    expect(await program('records')).toMatchObject({ code: 1 });
    expect(await program('healthy')).toMatchObject({ code: 0 });
    const { code, stderr, stdout } = await program('make');
    expect(code).toBe(1);
    expect(`${stdout}${stderr}`).toContain('403');
    expect((await program('healthy')).code).not.toBe(0);
    expect(await sql('SELECT 1')).toBe('1');
    archived.letIn([archived.store.uploader.key, archived.store.expirer.key]);
  });

  it('is filled by a program that shellcheck has nothing against', async () => {
    const script = copiesScript(archived.archive.copies ?? { recipients: [] }, '/etc/cogni-copies', [
      'edge',
      'host',
    ]);
    const output = await run({ argv: ['shellcheck', '--shell=sh', '-'], stdin: script, deadline: 30_000 });
    expect(output.stdout).toBe('');
    expect(output.code).toBe(0);
  });

  /** As an account does it that is not on the host. */
  const expire = async (account: S3Account, dryRun = false): Promise<ExpireResult> => {
    const archive = { ...archived.archive, image: await archived.runtime.inspect('postgres', '{{.Image}}') };
    const pgbackrest = pgbackrestAway({
      archive,
      key: account.key,
      secret: account.secret,
      passphrase: Secret.of('ARCHIVE_PASSPHRASE', archived.settings['ARCHIVE_PASSPHRASE'] ?? ''),
      authorities: join(archived.trust, 'ca-certificates.crt'),
      address: archived.address,
      runProgram: (command) =>
        run({ ...command, env: { ...command.env, DOCKER_HOST: archived.runtime.docker.host } }),
    });
    return expireBackups({ environment: 'test', archive, pgbackrest, dryRun });
  };

  it('keeps everything from an account that is on the host, also what no rule keeps', async () => {
    expect(await archived.runtime.up('backup')).toMatchObject({ code: 0 });
    await eventually(async () => {
      expect((await archived.judgement()).newestGood).toMatchObject({ type: 'full' });
    }, 60);
    expect(await archived.program('run', 'incr')).toMatchObject({ code: 0 });
    expect(await archived.program('run', 'full')).toMatchObject({ code: 0 });
    await expect(expire(archived.store.uploader)).rejects.toThrow(/could not remove[^]*403/);
    expect((await archived.judgement()).backups.map(({ good }) => good)).toEqual([true, true, true]);
  }, 120_000);

  it('loses to the expirer what no rule keeps, and nothing else', async () => {
    const { backups } = await archived.judgement();
    const [newest, incremental, first] = backups.map(({ label }) => label);
    const shown = await expire(archived.store.expirer, true);
    expect(shown.removed).toBe(false);
    expect(shown.expiry).toMatchObject({
      backups: [{ label: first, along: [incremental] }],
      stays: [newest],
      copies: [expect.stringMatching(/^\d{8}-\d{6}$/)],
    });
    expect(shown.expiry.segments).toBeGreaterThan(0);
    const { expiry, removed } = await expire(archived.store.expirer);
    expect(removed).toBe(true);
    expect(expiry).toEqual(shown.expiry);
    expect(await archived.program('read-back')).toMatchObject({ code: 0 });
    const after = await archived.judgement();
    expect(after.backups.map(({ label, good }) => [label, good])).toEqual([[newest, true]]);
    expect(after.alarms).toEqual([]);
    expect((await judged()).copies.map(({ whole }) => whole)).toEqual([true, false]);
    expect(await expire(archived.store.expirer)).toMatchObject({ removed: false, expiry: { segments: 0 } });
  }, 120_000);

  it('gives way to a change of a table that it dumps: the change is made, and the copy counts when it is made again', async () => {
    // Tables are locked in the order in which they were made: it holds the first, and waits for the second for longer than a change may.
    await sql('CREATE TABLE first_of_two (a int); CREATE TABLE second_of_two (a int)');
    const asking = (what: string): Promise<string> =>
      sql(`SELECT count(*) FROM pg_stat_activity WHERE ${what}`);
    const second = sql(
      "SET application_name = 'keeps'; BEGIN; LOCK TABLE second_of_two; SELECT pg_sleep(100); COMMIT",
    );
    await eventually(
      async () => expect(await asking("application_name = 'keeps' AND wait_event = 'PgSleep'")).toBe('1'),
      30,
    );
    const copy = program('make');
    await eventually(
      async () =>
        expect(await asking("application_name = 'cogni-copies' AND wait_event_type = 'Lock'")).toBe('1'),
      30,
    );
    await sql("SET lock_timeout = '20s'; ALTER TABLE first_of_two ADD b int");
    expect(await asking("application_name = 'keeps'")).toBe('1');
    expect(await copy).toMatchObject({ code: 1, stderr: expect.stringContaining('administrator command') });
    // It is told to end with the copy, and nobody waits for it.
    await eventually(
      async () => expect(await asking("application_name = 'cogni-copies-gives-way'")).toBe('0'),
      30,
    );
    await sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'keeps'");
    await expect(second).rejects.toThrow();
    expect(await program('make')).toMatchObject({ code: 0 });
    await sql('DROP TABLE first_of_two, second_of_two');
  }, 120_000);

  /** Runs a script of bash where nothing is but the image, the way to the bucket, and the private key. */
  const inThrowAway = async (script: string, ...words: readonly string[]): Promise<Output> => {
    const key = join(archived.records, 'key.txt');
    writeFileSync(key, `${identity}\n`);
    const environment = {
      PGBACKREST_CONFIG: '/etc/cogni-copies/pgbackrest.conf',
      PGBACKREST_STANZA: 'cogni',
      PGBACKREST_REPO1_S3_KEY: archived.settings['ARCHIVE_KEY'] ?? '',
      PGBACKREST_REPO1_S3_KEY_SECRET: archived.settings['ARCHIVE_SECRET'] ?? '',
    };
    return archived.runtime.docker.tryDocker([
      'run',
      '--rm',
      '--user=postgres',
      `--label=${archived.rig.world.label}`,
      `--network=${archived.rig.world.network}`,
      `--volume=${await archived.mounted(copiesService.host, '/etc/cogni-copies')}:/etc/cogni-copies:ro`,
      `--volume=${archived.trust}:/etc/ssl/certs:ro`,
      `--volume=${key}:/key:ro`,
      '--tmpfs=/restored:mode=0777',
      `--add-host=s3.cogni.test:${archived.address}`,
      ...Object.entries(environment).map(([name, value]) => `--env=${name}=${value}`),
      '--entrypoint=/bin/bash',
      await archived.runtime.inspect('postgres', '{{.Image}}'),
      '-c',
      script,
      'bash',
      ...words,
    ]);
  };
});
