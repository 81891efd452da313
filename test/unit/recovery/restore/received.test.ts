import { fetchReceived, tooManyReceived } from '../../../../recovery/restore/received';
import { wayThrough, type WayFrom } from '../../../../recovery/restore/way';
import type { ReceivedFile } from '../../../../deploy/receiver/status';
import { fakeTransport } from '../../deploy/fake-transport';

const name = (position: number, timeline = 1): string =>
  `${timeline.toString(16).padStart(8, '0')}${Math.floor(position / 256)
    .toString(16)
    .padStart(8, '0')}${(position % 256).toString(16).padStart(8, '0')}`.toUpperCase();
const file = (
  position: number,
  { folder = '77-20261121T120000Z', timeline = 1, partial = false, at = position } = {},
): ReceivedFile => ({
  path: `${folder}/${name(position, timeline)}${partial ? '.partial' : ''}`,
  bytes: 16 * 1024 ** 2,
  at: new Date(at * 1000),
});
const run = (first: number, last = first, timeline = 1) => ({
  ...{ first: name(first, timeline), last: name(last, timeline) },
  ...{ from: new Date(0), to: new Date(1) },
});
const from = { start: name(254), timeline: 1, archived: [run(254, 255)], system: '77' };
const lacked = (files: readonly ReceivedFile[], more: Partial<WayFrom> = {}): readonly string[] =>
  wayThrough({ ...from, ...more }, files).lacked.map(({ path }) => path.split('/')[1] ?? '');

describe('the way from a backup through the log', () => {
  it('goes on with the receiver behind the last piece of the archive, and ends with the one that was being written', () => {
    const files = [file(254), file(255), file(256), file(257, { partial: true })];
    expect(lacked(files)).toEqual(['000000010000000100000000', '000000010000000100000001.partial']);
    expect(wayThrough(from, files)).toMatchObject({ last: name(257), hole: undefined });
  });

  it('fills a hole in the archive with what the receiver has, and goes on with the archive behind it', () => {
    const archived = [run(254, 255), run(258, 260)];
    const files = [file(255), file(256), file(257), file(258), file(261)];
    expect(lacked(files, { archived })).toEqual([name(256), name(257), name(261)]);
    expect(wayThrough({ ...from, archived }, files)).toMatchObject({ last: name(261), hole: undefined });
  });

  it('ends at the first piece that nobody has, and names what is behind it', () => {
    expect(wayThrough(from, [file(257), file(258)])).toEqual({
      lacked: [],
      last: name(255),
      hole: { after: name(255), before: name(257) },
    });
    expect(wayThrough({ ...from, archived: [run(254), run(257)] }, [file(255)])).toMatchObject({
      last: name(255),
      hole: { after: name(255), before: name(257) },
    });
    expect(wayThrough({ ...from, archived: [run(254), run(256)] }, [])).toMatchObject({
      last: name(254),
      hole: { before: name(256) },
    });
    expect(wayThrough(from, [])).toEqual({ lacked: [], last: name(255), hole: undefined });
  });

  it('has nothing to do with what is before the backup', () => {
    const archived = [run(1, 9), run(20, 255)];
    expect(wayThrough({ ...from, archived }, [file(10), file(11)])).toEqual({
      lacked: [],
      last: name(255),
      hole: undefined,
    });
  });

  it('is of the same timeline and of the same database', () => {
    expect(lacked([file(256, { timeline: 2 })])).toEqual([]);
    expect(lacked([file(256, { folder: '78-20261121T120000Z' })])).toEqual([]);
  });

  it('leads from an older timeline onto the one that is lived, and takes nothing that the older one wrote after that', () => {
    const archived = [run(254, 258), run(256, 257, 2)];
    const files = [file(258), file(259), file(258, { timeline: 2 })];
    expect(lacked(files, { archived, timeline: 2 })).toEqual([name(258, 2)]);
    expect(wayThrough({ ...from, archived, timeline: 2 }, [])).toMatchObject({ last: name(257, 2) });
    const short = [run(254), run(256, 257, 2)];
    expect(wayThrough({ ...from, archived: short, timeline: 2 }, [])).toMatchObject({ last: undefined });
    expect(lacked([file(255)], { archived: short, timeline: 2 })).toEqual([name(255)]);
  });

  it('takes of two files for the same piece the one that was received to its end, and else the newest', () => {
    const later = '77-20261121T130000Z';
    const path = (...files: readonly ReceivedFile[]): string | undefined =>
      wayThrough(from, files).lacked[0]?.path;
    expect(path(file(256, { at: 1 }), file(256, { folder: later, at: 2 }))).toContain('T130000Z/');
    const whole = file(256, { at: 1 });
    const cut = file(256, { folder: later, partial: true, at: 2 });
    expect([path(whole, cut), path(cut, whole)]).toEqual([whole.path, whole.path]);
  });

  it('is all of the receiver where the archive has nothing', () => {
    expect(lacked([file(254), file(255)], { archived: [] })).toHaveLength(2);
  });
});

describe('what a receiver has that the archive lacks', () => {
  it('is fetched in parts that fit into one command, and none of it can be shown', async () => {
    const transport = fakeTransport([
      [' list', { stdout: `${file(256).path} ${file(256).bytes} 2026-11-21T12:00:14.5000000000Z\n` }],
      [' send ', { stdout: 'H4sIdata' }],
    ]);
    const log = await fetchReceived(() => Promise.resolve(transport), 'preview', from);
    expect(log).toMatchObject({ kind: 'log', until: new Date('2026-11-21T12:00:14.500Z') });
    expect(log.kind === 'log' && log.pieces[0]?.parts.map(({ name: shown }) => shown)).toEqual(
      Array<string>(4).fill(`part of ${name(256)}`),
    );
    expect(JSON.stringify(log)).not.toContain('H4sIdata');
    expect(
      transport.log.filter((line) => line.includes(' send ')).map((line) => line.split(' ').at(-2)),
    ).toEqual([...['0', '4194304', '8388608', '12582912']]);
  });

  it('keeps its name while it was being written, and is no end of the log where the archive goes on', async () => {
    const listed = (one: ReceivedFile): string => `${one.path} 1 2026-11-21T12:00:14Z\n`;
    const fetched = async (archived: WayFrom['archived'], ...files: readonly ReceivedFile[]) => {
      const rules = [
        [' list', { stdout: files.map(listed).join('') }],
        [' send ', { stdout: 'H4sI' }],
      ] as const;
      const log = await fetchReceived(() => Promise.resolve(fakeTransport(rules)), 'preview', {
        ...from,
        archived,
      });
      return log.kind === 'log' ? { until: log.until, names: log.pieces.map((piece) => piece.name) } : log;
    };
    expect(await fetched([run(254, 255)], file(256, { partial: true }))).toEqual({
      until: new Date('2026-11-21T12:00:14Z'),
      names: [`${name(256)}.partial`],
    });
    expect(await fetched([run(254, 255), run(257)], file(256))).toEqual({
      until: undefined,
      names: [name(256)],
    });
  });

  it('is counted before anything is begun: what cannot be carried is known by then', () => {
    const pieces = (count: number, folder?: string): readonly ReceivedFile[] =>
      Array.from({ length: count }, (_, index) => file(256 + index, folder === undefined ? {} : { folder }));
    expect(tooManyReceived(pieces(128), from)).toBeUndefined();
    expect(tooManyReceived(pieces(129), from)).toBe(
      'it has 129 pieces that the archive lacks, and 128 can be carried',
    );
    // Which of two databases the backup is of is not known yet, and nothing is refused for the other one.
    const other = '78-20261121T120000Z';
    const { system, ...unknown } = from;
    expect(
      tooManyReceived([...pieces(129, other), ...pieces(2)], { ...unknown, system: undefined }),
    ).toBeUndefined();
    expect(tooManyReceived([...pieces(129, other), ...pieces(2)], { ...from, system })).toBeUndefined();
    expect(tooManyReceived([], from)).toBeUndefined();
  });

  it('is not known where nobody answers, and why is said', async () => {
    expect(await fetchReceived(() => Promise.reject(new Error('no route')), 'preview', from)).toEqual({
      kind: 'unknown',
      why: 'no route',
    });
    const stopped = fakeTransport([['docker', { code: 1, stderr: 'is not running' }]]);
    expect(await fetchReceived(() => Promise.resolve(stopped), 'preview', from)).toMatchObject({
      kind: 'unknown',
      why: expect.stringContaining('is not running'),
    });
  });
});
