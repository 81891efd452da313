import { beyondArchive, fetchReceived } from '../../../../recovery/restore/received';
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
const end = {
  archived: [{ first: name(254), last: name(255), from: new Date(0), to: new Date(1) }],
  timeline: 1,
  system: '77',
};
const beyond = (...files: readonly ReceivedFile[]): readonly string[] =>
  beyondArchive(files, end).map(({ path }) => path.split('/')[1] ?? '');

describe('what a receiver has beyond the archive', () => {
  it('begins right after the last piece of the archive, and ends with the one that was being written', () => {
    expect(beyond(file(254), file(255), file(256), file(257, { partial: true }))).toEqual([
      '000000010000000100000000',
      '000000010000000100000001.partial',
    ]);
  });

  it('is nothing behind a gap: no database goes over one', () => {
    expect(beyond(file(257))).toEqual([]);
    expect(beyond(file(256), file(258))).toEqual([name(256)]);
  });

  it('is of the same timeline and of the same database', () => {
    expect(beyond(file(256, { timeline: 2 }))).toEqual([]);
    expect(beyond(file(256, { folder: '78-20261121T120000Z' }))).toEqual([]);
  });

  it('is the newest of two folders that have the same piece', () => {
    const [found] = beyondArchive(
      [file(256, { at: 1 }), file(256, { folder: '77-20261121T130000Z', at: 2 })],
      end,
    );
    expect(found?.path).toContain('T130000Z/');
  });

  it('is all of it where the archive has nothing of that timeline', () => {
    expect(beyondArchive([file(0), file(1)], { ...end, archived: [] })).toHaveLength(2);
  });

  it('is fetched in parts that fit into one command, and none of it can be shown', async () => {
    const transport = fakeTransport([
      [' list', { stdout: `${file(256).path} ${file(256).bytes} 2026-11-21T12:00:14.5000000000Z\n` }],
      [' send ', { stdout: 'H4sIdata' }],
    ]);
    const log = await fetchReceived(() => Promise.resolve(transport), 'preview', end);
    expect(log).toMatchObject({ kind: 'log', until: new Date('2026-11-21T12:00:14.500Z') });
    expect(log.kind === 'log' && log.pieces[0]?.parts.map(({ name: shown }) => shown)).toEqual(
      Array<string>(4).fill(`part of ${name(256)}`),
    );
    expect(JSON.stringify(log)).not.toContain('H4sIdata');
    expect(
      transport.log.filter((line) => line.includes(' send ')).map((line) => line.split(' ').at(-2)),
    ).toEqual([...['0', '4194304', '8388608', '12582912']]);
  });

  it('is not known where nobody answers, and why is said', async () => {
    expect(await fetchReceived(() => Promise.reject(new Error('no route')), 'preview', end)).toEqual({
      kind: 'unknown',
      why: 'no route',
    });
    const stopped = fakeTransport([['docker', { code: 1, stderr: 'is not running' }]]);
    expect(await fetchReceived(() => Promise.resolve(stopped), 'preview', end)).toMatchObject({
      kind: 'unknown',
      why: expect.stringContaining('is not running'),
    });
  });
});
