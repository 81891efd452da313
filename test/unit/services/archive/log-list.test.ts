import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseLog } from '../../../../deploy/backup/facts';
import { gapsOf } from '../../../../deploy/backup/segment';
import { run, type Output } from '../../../../foundation/process';
import { damagedLog, listLogAnew, listLogProgram } from '../../../../services/archive/log-list';

const segment = (timeline: number, position: number): string =>
  [timeline, Math.floor(position / 256), position % 256]
    .map((part) => part.toString(16).toUpperCase().padStart(8, '0'))
    .join('');
const at = (seconds: number): Date => new Date(seconds * 1000);
const sum = '4305a268c803399e29721f58af833635374f7b38';

/** In the place of pgBackRest: lists a folder of this machine as it lists a storage, and writes down what it was asked. */
const storage = `#!/bin/sh
echo "$*" >>"$STORAGE.asked"
json=
deep=
for word in "$@"; do
  case $word in
    --output=json) json=yes ;;
    --recurse) deep=yes ;;
  esac
  path=$word
done
case " $* " in
  *' repo-get '*)
    [ "$PGBACKREST_CIPHER_PASS" = secret ] || exit 38
    exec cat "$STORAGE/$path" ;;
esac
[ -z "$BROKEN" ] || case $path in
  *"$BROKEN"*) printf '{".":{"type":"path"},'; echo 'ERROR: [103]: unable to list' >&2; exit 103 ;;
esac
[ -d "$STORAGE/$path" ] || { [ -z "$json" ] || echo '{}'; exit 0; }
cd "$STORAGE/$path"
if [ -z "$json" ]; then exec ls; fi
printf '{".":{"type":"path"}'
if [ -n "$deep" ]; then find . -type f; else find . -maxdepth 1 -type f; fi | sort | while read -r file; do
  read -r time <"$file"
  printf ',"%s":{"type":"file","size":768,"time":%s}' "\${file#./}" "$time"
done
echo '}'
`;

describe('the list of the log that an archive has', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-log-'));
    writeFileSync(join(folder, 'pgbackrest'), storage);
    chmodSync(join(folder, 'pgbackrest'), 0o755);
    mkdirSync(join(folder, 'tmp'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const put = (path: string, text: string): void => {
    const file = join(folder, 'storage', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  const fileOf = (name: string): string => `archive/cogni/15-1/${name.slice(0, 16)}/${name}-${sum}.zst`;
  const archive = (name: string, seconds: number): void => put(fileOf(name), `${seconds}\n`);
  const lose = (name: string): void => rmSync(join(folder, 'storage', fileOf(name)));
  /** Runs the real program, in a container that stays: what it remembers is there the next time. */
  const listed = (broken = '', ...words: readonly string[]): Promise<Output> =>
    run({
      argv: ['/bin/sh', '-c', listLogProgram, 'sh', ...words],
      env: {
        PATH: `${folder}:${process.env['PATH'] ?? ''}`,
        TMPDIR: join(folder, 'tmp'),
        STORAGE: join(folder, 'storage'),
        PGBACKREST_REPO1_CIPHER_PASS: 'secret',
        BROKEN: broken,
      },
      deadline: 30_000,
    });
  const found = async (): Promise<ReturnType<typeof parseLog>> => {
    const { code, stdout, stderr } = await listed();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return parseLog(stdout);
  };
  /** What the storage was asked since the last time. */
  const asked = (): readonly string[] => {
    const file = join(folder, 'storage.asked');
    const lines = existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
    rmSync(file, { force: true });
    return lines.map((line) => line.replace('--log-level-console=off ', ''));
  };

  it('has what is without a break in one line, by timelines, with the times of both ends, and nothing that is no segment', async () => {
    put('archive/cogni/archive.info', '1\n');
    put('archive/cogni/15-1/00000002.history', '99\n');
    put('archive/cogni/15-1/0000000100000001/000000010000000100000003.00000028.backup', '99\n');
    put(`archive/cogni/15-1/0000000100000001/000000010000000100000004.partial-${sum}.zst`, '99\n');
    for (const [position, seconds] of [
      [254, 9],
      [255, 10],
      [256, 12],
      [259, 15],
    ] as const)
      archive(segment(1, position), seconds);
    archive(segment(2, 260), 20);
    expect(await found()).toEqual([
      { first: segment(1, 254), last: segment(1, 256), from: at(9), to: at(12) },
      { first: segment(1, 259), last: segment(1, 259), from: at(15), to: at(15) },
      { first: segment(2, 260), last: segment(2, 260), from: at(20), to: at(20) },
    ]);
  });

  it('asks again for no folder that it has once found full, and finds what comes after it', async () => {
    for (let position = 200; position < 600; position++) archive(segment(1, position), position);
    const whole = [{ first: segment(1, 200), last: segment(1, 599), from: at(200), to: at(599) }];
    expect(await found()).toEqual(whole);
    expect(asked().filter((line) => line.includes('/15-1/'))).toHaveLength(3);
    archive(segment(1, 600), 600);
    expect(await found()).toEqual([{ ...whole[0], last: segment(1, 600), to: at(600) }]);
    expect(asked()).toEqual([
      'repo-ls damaged/cogni',
      'repo-ls archive/cogni',
      'repo-ls archive/cogni/15-1',
      // Not full: the one that begins in the middle, and the newest.
      '--output=json repo-ls archive/cogni/15-1/0000000100000000',
      '--output=json repo-ls archive/cogni/15-1/0000000100000002',
    ]);
    // What was removed is not there, whatever is remembered of it.
    rmSync(join(folder, 'storage/archive/cogni/15-1/0000000100000001'), { recursive: true });
    expect(await found()).toEqual([
      { first: segment(1, 200), last: segment(1, 255), from: at(200), to: at(255) },
      { first: segment(1, 512), last: segment(1, 600), from: at(512), to: at(600) },
    ]);
  });

  it('asks for many folders at once, and stays as short with the log of months as with that of a day', async () => {
    for (let position = 0; position < 20 * 256; position++) archive(segment(1, position), position);
    const { stdout } = await listed();
    expect(stdout.length).toBeLessThan(200);
    expect(asked()).toContain('--output=json --recurse repo-ls archive/cogni/15-1');
    expect(parseLog(stdout)).toEqual([
      { first: segment(1, 0), last: segment(1, 5119), from: at(0), to: at(5119) },
    ]);
    archive(segment(1, 5120), 5120);
    expect(await found()).toMatchObject([{ first: segment(1, 0), last: segment(1, 5120) }]);
    expect(asked()).toHaveLength(4);
  });

  it('has no segment that was read back and is not whole, also where its folder was remembered as full', async () => {
    for (let position = 0; position < 300; position++) archive(segment(1, position), position);
    expect(await found()).toHaveLength(1);
    put(`${damagedLog.folder}/${damagedLog.file}`, `# not whole\n${segment(1, 7)}\n`);
    const runs = await found();
    expect(runs.map(({ first, last }) => [first, last])).toEqual([
      [segment(1, 0), segment(1, 6)],
      [segment(1, 8), segment(1, 299)],
    ]);
    expect(gapsOf(runs, undefined)).toEqual([{ after: segment(1, 6), before: segment(1, 8), missing: 1 }]);
  });

  it('finds what went out of a full folder when it is told to believe nothing, and knows it from then on', async () => {
    for (let position = 0; position < 300; position++) archive(segment(1, position), position);
    expect(await found()).toHaveLength(1);
    lose(segment(1, 7));
    expect(parseLog((await listed('', listLogAnew)).stdout)).toHaveLength(2);
    expect(await found()).toHaveLength(2);
  });

  it('finds a piece that is missing in a folder which is not full', async () => {
    for (let position = 256; position < 280; position++) archive(segment(1, position), position);
    lose(segment(1, 270));
    expect((await found()).map(({ first, last }) => [first, last])).toEqual([
      [segment(1, 256), segment(1, 269)],
      [segment(1, 271), segment(1, 279)],
    ]);
  });

  it('is empty where there is none', async () => {
    expect(await found()).toEqual([]);
  });

  it.each(['archive/cogni', '15-1', '0000000100000000', 'damaged'])(
    'is none where pgBackRest cannot list %s: what is cut off would look like a gap',
    async (path) => {
      archive(segment(1, 4), 9);
      const { code, stdout, stderr } = await listed(path);
      expect(code).not.toBe(0);
      expect(stderr).toContain('[103]: unable to list');
      expect(() => parseLog(stdout)).toThrow('its end is missing');
      // And leaves nothing behind that the next one would believe.
      expect(await found()).toHaveLength(1);
    },
  );

  it('is refused where it is something else', () => {
    expect(() => parseLog('WARN: something\nend\n')).toThrow('a line of it is none');
  });
});
