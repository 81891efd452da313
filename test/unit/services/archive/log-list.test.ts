import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseLog } from '../../../../deploy/backup/facts';
import { run, type Output } from '../../../../foundation/process';
import { listLogProgram } from '../../../../services';

/** A piece of log as pgBackRest lists it, in shell. */
const listing = `
list() { printf '"15-1/%s/%s%s-4305a268c803399e29721f58af833635374f7b38.zst":{"type":"file","size":768,"time":%s}' "$(echo "$1$2" | cut -c 1-16)" "$1" "$2" "$3"; }`;
const segment = (timeline: number, position: number): string =>
  [timeline, Math.floor(position / 256), position % 256]
    .map((part) => part.toString(16).toUpperCase().padStart(8, '0'))
    .join('');
const at = (seconds: number): Date => new Date(seconds * 1000);

describe('the list of the log that an archive has', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-log-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Runs the real program, with a script in the place of pgBackRest. */
  const listed = (script: string): Promise<Output> => {
    const file = join(folder, 'pgbackrest');
    writeFileSync(file, `#!/bin/sh\n${listing}\n${script}\n`);
    chmodSync(file, 0o755);
    const env = { PATH: `${folder}:${process.env['PATH'] ?? ''}` };
    return run({ argv: ['/bin/sh', '-c', listLogProgram], env, deadline: 30_000 });
  };

  it('is asked for once, and has what is without a break in one line, by timelines, with the times of both ends', async () => {
    const { stdout } = await listed(`
      [ "$*" = '--log-level-console=off --output=json --recurse repo-ls archive/cogni' ] || exit 9
      printf '{".":{"type":"path"},"15-1/archive.info":{"type":"file","size":368,"time":1},'
      list 00000001 00000000000000FE 9; printf ,
      list 00000001 00000000000000FF 10; printf ,
      list 00000001 0000000100000000 12; printf ,
      list 00000001 0000000100000003 15; printf ,
      printf '"15-1/0000000100000001/000000010000000100000003.00000028.backup":{"type":"file","size":4,"time":99},'
      list 00000002 0000000100000004 20
      printf ',"15-1/00000002.history":{"type":"file","size":4,"time":99}}\\n'`);
    expect(parseLog(stdout)).toEqual([
      { first: segment(1, 254), last: segment(1, 256), from: at(9), to: at(12) },
      { first: segment(1, 259), last: segment(1, 259), from: at(15), to: at(15) },
      { first: segment(2, 260), last: segment(2, 260), from: at(20), to: at(20) },
    ]);
  });

  it('stays as short as that of a day with the log of two months at a piece each 15 s', async () => {
    const { code, stdout } = await listed(`
      printf '{".":{"type":"path"}'
      awk 'BEGIN { for (i = 1; i <= 350000; i++) printf ",\\"15-1/x/00000001%08X%08X-4305a268c803399e29721f58af833635374f7b38.zst\\":{\\"type\\":\\"file\\",\\"size\\":768,\\"time\\":%d}", i / 256, i % 256, i * 15 }'
      echo '}'`);
    expect(code).toBe(0);
    expect(stdout.length).toBeLessThan(200);
    expect(parseLog(stdout)).toEqual([
      { first: segment(1, 1), last: segment(1, 350_000), from: at(15), to: at(350_000 * 15) },
    ]);
  });

  it('is empty where there is none', async () => {
    expect(parseLog((await listed("echo '{}'")).stdout)).toEqual([]);
  });

  it('is none where pgBackRest fails, also in the middle of it: what is cut off would look like a gap', async () => {
    const { code, stdout, stderr } = await listed(
      `printf '{'; list 00000001 0000000000000004 9; printf ,; echo 'ERROR: [103]: unable to list' >&2; exit 103`,
    );
    expect(code).toBe(1);
    expect(stderr).toContain('[103]: unable to list');
    expect(() => parseLog(stdout)).toThrow('its end is missing');
  });

  it('is refused where it is something else', () => {
    expect(() => parseLog('WARN: something\nend\n')).toThrow('a line of it is none');
  });
});
