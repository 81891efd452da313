import { begunWith, type Beginning } from '../../../../recovery/rebuild/begin';
import { begun } from './sample';

const at = new Date('2026-11-21T12:30:00Z');
const backup = { label: begun.backup.label, at: new Date(begun.backup.at) };
const copy = { ...begun.copy, at: new Date('2026-11-21T02:00:00Z') };
const beginning = (more: Partial<Beginning['offHost']> = {}): Beginning => ({
  offHost: {
    chosen: { backup, timeline: 1, target: { kind: 'end' } } as unknown as Beginning['offHost']['chosen'],
    reaches: new Date('2026-11-21T12:29:30Z'),
    copy: copy as unknown as Beginning['offHost']['copy'],
    ...more,
  },
  release: begun.release,
  by: begun.by,
  at,
});

describe('what a rebuild writes down first', () => {
  it('is what it takes from off the host, by whom, and up to which moment that goes', () => {
    const { kind, id, by, target, reaches, copy: files, release } = begun;
    expect(begunWith(beginning())).toEqual({
      ...{ kind, id, by, target, reaches, copy: files, release },
      backup: begun.backup,
    });
  });

  it('names the folder of the records where they are not those of the copy', () => {
    const sent = { name: 'records', at: new Date('2026-11-21T11:00:00Z') };
    expect(begunWith(beginning({ recordsFrom: sent }))?.records).toEqual({
      name: 'records',
      at: '2026-11-21T11:00:00.000Z',
    });
    const same = { name: copy.name ?? '', at: copy.at };
    expect(begunWith(beginning({ recordsFrom: same }))).not.toHaveProperty('records');
  });

  it('is nothing where backup or release are not known', () => {
    expect(begunWith(beginning({ chosen: undefined }))).toBeUndefined();
    expect(begunWith({ ...beginning(), release: undefined })).toBeUndefined();
  });
});
