import { parseInfo } from '../../../deploy/backup/facts';
import { questions } from '../../../deploy/backup/commands';
import { lookAtBackups, type BackupReport } from '../../../deploy/backup/report';
import { localTransport } from '../../../deploy/local';
import { surveyArchive } from '../../../recovery/drill/survey';
import { backupUnderWay } from '../../../services';
import { eventually } from '../../contract/images/harness';
import { ArchivedRuntime } from '../../tool/services/archive/archived-runtime';
import { Drilled } from '../../tool/services/archive/drilled';
import { compare, heldQuestion, parseHeld, type Compared } from '../../tool/services/archive/ledger';
import { LedgerClients, loads } from '../../tool/services/archive/ledger-clients';
import { askOffHost } from '../../tool/services/archive/off-host';
import { MovingClock } from './faketime';

const none: Compared = { lost: 0, seconds: 0, untold: expect.any(Number) as number, faults: [] };

/** What of an archived database a test looks at. */
class Looked {
  private constructor(
    readonly archived: ArchivedRuntime,
    readonly drilled: Drilled,
    readonly clients: LedgerClients,
  ) {}

  static async prepare(...more: Parameters<typeof ArchivedRuntime.prepare>): Promise<Looked> {
    const archived = await ArchivedRuntime.prepare(...more);
    for (const service of ['postgres', 'backup']) {
      const { code, stderr } = await archived.runtime.up(service);
      expect({ service, code, said: code === 0 ? '' : stderr }).toEqual({ service, code: 0, said: '' });
    }
    const looked = new Looked(archived, await Drilled.of(archived), await LedgerClients.of(archived));
    await eventually(async () => {
      expect((await archived.judgement()).newestGood).toBeDefined();
    }, 180);
    return looked;
  }

  sql(statement: string): Promise<string> {
    return this.archived.runtime.asRoot(statement, 'postgres');
  }

  container(service: string): string {
    return `${this.archived.runtime.name}-${service}-1`;
  }

  docker(...argv: readonly string[]): Promise<string> {
    return this.archived.runtime.docker.docker(argv);
  }

  /** What `./cogni backup list` says. */
  async list(): Promise<BackupReport> {
    return (await lookAtBackups(this.archived.asHost(), 'test', this.archived.archive)).report;
  }

  async living(): Promise<Compared> {
    return compare(this.clients.written(), await this.clients.held());
  }

  async offHost(): Promise<Compared> {
    const { answer } = await askOffHost(this.drilled, undefined, heldQuestion);
    return compare(this.clients.written(), parseHeld(answer));
  }

  async logs(service: string): Promise<string> {
    return (await this.archived.runtime.compose('logs', '--no-color', service)).stdout;
  }

  async remove(): Promise<void> {
    await this.clients.remove();
    await this.drilled.remove();
    await this.archived.remove();
  }
}

describe('a disk that is full', () => {
  let looked: Looked;
  let disk: string;

  // One story, in order: each part begins where the one before ended.
  beforeAll(async () => {
    looked = await Looked.prepare({}, { disk: 288 });
    const { name } = looked.archived.runtime;
    disk = `${name}-disk`;
    await looked.docker(
      ...[
        'run',
        '--detach',
        '--init',
        `--name=${disk}`,
        '--network=none',
        '--user=root',
        `--volume=${name}_data:/disk`,
      ],
      ...['--entrypoint=sleep', await looked.archived.runtime.inspect('postgres', '{{.Image}}'), 'infinity'],
    );
  }, 900_000);
  afterAll(async () => {
    await looked.docker('rm', '--force', disk);
    await looked.remove();
  }, 120_000);

  /** Somebody else's file takes what is left. */
  const fill = (): Promise<string> =>
    looked.docker(
      ...['exec', disk, 'sh', '-c'],
      'dd if=/dev/zero of=/disk/ballast bs=64k oflag=append conv=notrunc 2>&1 | grep "No space left"',
    );

  it('refuses what needs room in words, while everything else is served', async () => {
    looked.clients.begin(loads.full);
    await looked.clients.acknowledges(500, 60_000);
    await fill();
    await eventually(async () => {
      await expect(
        looked.sql('CREATE TABLE more AS SELECT * FROM generate_series(1, 1000000)'),
      ).rejects.toThrow('No space left on device');
    }, 60);
    expect(await looked.living()).toMatchObject({ lost: 0, faults: [] });
  });

  it('ends the database when its log finds no room, which is said wherever one looks', async () => {
    await fill();
    await eventually(async () => {
      await expect(
        (async () => {
          for (;;)
            await looked.sql("SELECT pg_logical_emit_message(false, 'test', 'more'); SELECT pg_switch_wal()");
        })(),
      ).rejects.toThrow(/connection|server|socket/);
      await expect(looked.sql('SELECT 1')).rejects.toThrow();
    }, 120);
    await looked.clients.gone();
    expect(await looked.logs('postgres')).toMatch(/(PANIC|FATAL):.*No space left on device/);
    expect((await looked.list()).alarms.join('\n')).toMatch(/the database did not answer/);
    await eventually(async () => {
      expect(
        await looked.docker('inspect', '--format={{.State.Health.Status}}', looked.container('postgres')),
      ).not.toBe('healthy\n');
    }, 60);
  });

  it('serves again by itself as soon as there is room, with every commit that was acknowledged', async () => {
    await looked.docker('exec', disk, 'rm', '/disk/ballast');
    await eventually(async () => expect(await looked.living()).toEqual(none), 180);
  });

  it('has left no gap in the archive: what comes out of it is whole', async () => {
    looked.clients.begin(loads.few);
    await looked.clients.acknowledges(20, 60_000);
    await looked.clients.end();
    await looked.archived.ship();
    expect(await looked.offHost()).toEqual(none);
    expect(await looked.archived.program('run', 'incr')).toMatchObject({ code: 0 });
    // It is as small as before: the next one to fill it is told of beforehand.
    expect(await looked.list()).toMatchObject({
      gaps: [],
      alarms: [
        expect.stringMatching(
          /^what makes backups says: the disk of the database has \d+ MiB free, .*make room/,
        ),
      ],
    });
  });
});

describe('an archive and what goes wrong with it', () => {
  let looked: Looked;
  let clock: MovingClock;

  beforeAll(async () => {
    clock = await MovingClock.make();
    looked = await Looked.prepare({}, { clock });
    await looked.sql(
      'CREATE TABLE bulk AS SELECT n, repeat(md5(n::text), 8) AS text FROM generate_series(1, 400000) n',
    );
  }, 900_000);
  afterAll(async () => {
    await looked.remove();
    clock.remove();
  }, 120_000);

  const labels = async (): Promise<readonly string[]> =>
    (await looked.archived.judgement()).backups.map(({ label }) => label);

  it('never counts a backup that was cut off in the middle by a kill -9, and makes the next one right after', async () => {
    const before = await labels();
    const making = looked.archived.program('run', 'full');
    await eventually(async () => {
      expect(parseInfo(await looked.archived.answer(questions.info)).underWay).toBe(true);
      const { stdout } = await looked.archived.pgbackrest('repo-ls', 'backup/cogni');
      const begun = stdout.split('\n').filter((name) => /^\d{8}-\d{6}F$/.test(name));
      expect(begun.length).toBeGreaterThan(before.length);
    }, 60);
    await looked.docker('kill', '--signal=KILL', looked.container('backup'));
    expect(await making).not.toMatchObject({ code: 0 });
    const { secrets } = looked.drilled.request();
    const { host } = looked.archived.runtime.docker;
    const transport = localTransport({ env: { ...secrets, DOCKER_HOST: host } });
    const { chosen } = await surveyArchive(transport, looked.drilled.place, { kind: 'end' }, new Date());
    expect(before).toContain(chosen.backup.label);

    await looked.docker('start', looked.container('backup'));
    const next = await looked.archived.program('run', 'full');
    expect({ code: next.code, said: next.code === 0 ? '' : next.stderr }).toEqual({ code: 0, said: '' });
    const { backups, newestGood, alarms } = await looked.archived.judgement();
    expect(backups).toHaveLength(before.length + 1);
    expect({ newest: newestGood?.label, alarms }).toEqual({ newest: backups[0]?.label, alarms: [] });
  });

  it('finds log that the storage has spoilt when it is read back: nothing behind it is offered, off the host neither, and a full backup closes it', async () => {
    const { archived } = looked;
    for (let piece = 0; piece < 3; piece++) await archived.ship();
    const { newestGood } = await archived.judgement();
    const { stdout } = await archived.pgbackrest('--recurse', 'repo-ls', 'archive/cogni');
    const behind = stdout
      .split('\n')
      .map((path) => path.trim())
      .filter((path) => /\/[0-9A-F]{24}-[0-9a-f]{40}/.test(path))
      .map((path) => ({ path: `archive/cogni/${path}`, name: path.replace(/^.*\//, '').slice(0, 24) }))
      .filter(({ name }) => name > (newestGood?.log.stop ?? ''))
      .sort((one, other) => (one.name < other.name ? -1 : 1));
    const spoilt = behind[0];
    if (spoilt === undefined) throw new Error(`no log behind the newest backup in ${stdout}`);
    const inBackup = (script: string): Promise<string> =>
      looked.docker('exec', looked.container('backup'), 'sh', '-c', script, 'sh', spoilt.path);
    await inBackup(
      'set -e; pgbackrest --raw repo-get "$1" >/tmp/whole; echo spoilt | pgbackrest --raw repo-put "$1"',
    );

    const read = await archived.program('read-back');
    expect(read.code).not.toBe(0);
    expect(read.stderr).toContain('log in the archive is damaged');
    expect(read.stderr).toContain(spoilt.name);
    const found = await archived.judgement();
    expect(found.gaps).toMatchObject([{ missing: 1, closed: false }]);
    expect(found.alarms.join()).toMatch(/segments of the log are missing or damaged between/);
    expect(found.newestGood).toMatchObject({ label: newestGood?.label, until: found.gaps[0]?.from });
    const { host } = archived.runtime.docker;
    const transport = localTransport({ env: { ...looked.drilled.request().secrets, DOCKER_HOST: host } });
    const offHost = await surveyArchive(transport, looked.drilled.place, { kind: 'end' }, new Date());
    expect(offHost.newestLog).toEqual(found.gaps[0]?.from);

    // What makes backups may be at it already.
    expect([0, backupUnderWay]).toContain((await archived.program('run', 'full')).code);
    await eventually(async () => {
      expect((await archived.judgement()).alarms).toEqual([]);
      expect(await archived.program('healthy')).toMatchObject({ code: 0 });
    }, 120);
    expect((await archived.judgement()).gaps).toMatchObject([{ closed: true }]);

    // The version before is still in the bucket: once it is put back, nothing is missing any more.
    await inBackup('exec pgbackrest --raw repo-put "$1" </tmp/whole');
    expect(await archived.program('read-back')).toMatchObject({ code: 0 });
    expect(await archived.judgement()).toMatchObject({ gaps: [], alarms: [] });
  });

  it.each([
    [
      'another passphrase',
      { PGBACKREST_REPO1_CIPHER_PASS: 'x'.repeat(40) },
      /cannot be read: .*unable to load info file/,
    ],
    ['another secret', { PGBACKREST_REPO1_S3_KEY_SECRET: 'y'.repeat(40) }, /403|SignatureDoesNotMatch/],
    ['a key that is not let in', { PGBACKREST_REPO1_S3_KEY: 'nobody' }, /403|InvalidAccessKeyId/],
  ])('is not drilled with %s, and says what to look at', async (_, wrong, words) => {
    const secrets = { ...looked.drilled.request().secrets, ...wrong };
    const failure: unknown = await looked.drilled.drill({ secrets }).catch((thrown: unknown) => thrown);
    expect(String(failure)).toMatch(words);
    expect(String(failure)).toContain('ARCHIVE_KEY, ARCHIVE_SECRET and ARCHIVE_PASSPHRASE');
    for (const [name, value] of Object.entries(wrong))
      if (name !== 'PGBACKREST_REPO1_S3_KEY') expect(String(failure)).not.toContain(value);
    expect(await looked.drilled.left()).toBe('');
  });

  it('makes one backup at a time: another one that is asked for meanwhile waits for it, or is told so', async () => {
    const [newest] = await labels();
    const making = looked.archived.program('run', 'full');
    await eventually(async () => {
      expect(parseInfo(await looked.archived.answer(questions.info)).underWay).toBe(true);
    }, 60);
    const further = await looked.archived.program('run', 'incr');
    expect((await making).code).toBe(0);
    // Half a minute is waited for.
    if (further.code !== 0) {
      expect(further).toMatchObject({
        code: backupUnderWay,
        stderr: expect.stringContaining('another backup is under way') as string,
      });
      expect(await looked.archived.program('run', 'incr')).toMatchObject({ code: 0 });
    }
    const [incremental, full, before] = (await looked.archived.judgement()).backups;
    expect(before?.label).toBe(newest);
    expect(incremental).toMatchObject({ type: 'incr', reference: [full?.label], good: true });
  });

  it.each([
    ['back', -7200, /the clock of the host is 7\d{3} s behind/, /certificate is not yet valid|403/],
    ['ahead', 7200, /the clock of the host is 7\d{3} s ahead/, /403/],
  ])(
    'serves on with a clock that jumped %s by two hours, says that it is off, and is whole once it is right',
    async (_, seconds, words, refusal) => {
      looked.clients.begin(loads.few);
      await looked.clients.acknowledges(20, 60_000);
      clock.set(seconds);
      await looked.clients.acknowledges(60, 60_000);
      // The storage takes nothing that is signed by such a clock, nor is its certificate valid then.
      const said: unknown = await looked.list().catch((thrown: unknown) => thrown);
      expect(String(said)).toMatch(words);
      expect(String(said)).toMatch(refusal);
      const refused = await looked.archived.program('run', 'incr');
      expect(refused.code).not.toBe(0);
      expect(`${refused.stdout}${refused.stderr}`).toMatch(refusal);
      clock.set(0);
      await looked.clients.acknowledges(20, 60_000);
      await looked.clients.end();
      await looked.archived.ship();
      expect(await looked.offHost()).toEqual(none);
      expect(await looked.archived.program('run', 'incr')).toMatchObject({ code: 0 });
      expect(await looked.archived.program('healthy')).toMatchObject({ code: 0 });
      expect(await looked.list()).toMatchObject({ gaps: [], alarms: [] });
    },
  );

  it('makes no backup before a clock that was ahead has passed the last one again, says so, and sends log all the while', async () => {
    clock.set(600);
    expect(await looked.archived.program('run', 'incr')).toMatchObject({ code: 0 });
    const made = await labels();
    clock.set(0);
    const { code, stderr } = await looked.archived.program('run', 'incr');
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/is not later than latest backup label/);
    expect(stderr).toMatch(
      /the clock of this host ran ahead when the newest backup, \S+, was made, and none can be made before/,
    );
    expect(await looked.archived.program('healthy')).not.toMatchObject({ code: 0 });
    await looked.archived.ship();
    const { backups, gaps, alarms } = await looked.archived.judgement();
    expect(alarms.join()).toMatch(/the clock of the host ran ahead when the newest backup, \S+, was made/);
    expect(backups.map(({ label, good }) => [label, good])).toEqual(made.map((label) => [label, true]));
    expect(gaps).toEqual([]);
  });
});
