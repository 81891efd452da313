import type { OffHostQuestions } from '../../../../recovery/rebuild/off-host';
import type { CopiedRecords } from '../../../../recovery/rebuild/copy';
import { Failure } from '../../../../foundation/failure';
import { Bucket, days, now, output } from '../../deploy/backup/bucket';
import { ask, records, whole } from './off-host-asked';

describe('what a rebuild knows of what is off the host', () => {
  it('is the newest good backup, how far its log goes, and the newest whole copy with its records', async () => {
    expect(await ask(whole)).toMatchObject({
      chosen: { backup: { label: '20261120-120000F' } },
      reaches: now,
      copy: { name: '20261121-020000' },
      records,
      faults: [],
    });
  });

  it('names everything that is missing at once', async () => {
    const bare = new Bucket([{ label: 'F1', type: 'full', at: days(1), start: 4, readBack: false }]);
    const { faults } = await ask(bare);
    expect(faults).toEqual([
      'no good backup of preview leads to the newest moment: there is no good backup at all',
      expect.stringContaining('there is no portable copy that was read back; to go on without'),
    ]);
  });

  it('says that it needs the private key of a copy, and how to go on without', async () => {
    expect((await ask(whole, { records: undefined })).faults).toEqual([
      'the copy 20261121-020000 opens with the private key of one of its recipients alone: --identity <file>; to go on without certificates, ledger and records of preview: --without-files and --image-tag <tag>',
    ]);
  });

  it('says why the records do not open, with the last thing that the program said', async () => {
    const thrown = new Failure({
      what: 'the records in the copy cannot be read',
      output: 'age: error: no identity matched any of the recipients',
      next: 'name the key',
    });
    const { faults } = await ask(whole, { records: () => Promise.reject(thrown) });
    expect(faults[0]).toContain('cannot be read: age: error: no identity matched any of the recipients');
  });

  describe('where the last deploy has sent its records by itself', () => {
    const listed = (recordsAt: Date): Bucket => {
      const bucket = new Bucket(
        [{ label: '20261120-120000F', type: 'full', at: days(1), start: 4 }],
        ['20261121-020000'],
      );
      const file = { type: 'file', size: 1, time: recordsAt.getTime() / 1000 };
      const copy = { type: 'file', size: 1 };
      bucket.says.set(
        'copies --output=json',
        output(
          JSON.stringify({
            '20261121-020000/host.tar.age': copy,
            '20261121-020000/SHA256SUMS': copy,
            'records/20261121-075900/host.tar.age': file,
            'records/20261121-075900/SHA256SUMS': file,
            // This one was cut off.
            'records/20261121-090000/host.tar.age': { ...file, time: now.getTime() / 1000 },
          }),
        ),
      );
      return bucket;
    };
    const sentTo = 'records/20261121-075900';
    const later = new Date('2026-11-21T08:00:00Z');
    const newer: CopiedRecords = { serving: undefined, releases: [] };

    it('takes those: they know of a release that is younger than the copy', async () => {
      const seen = await ask(listed(later), {
        records: (folder) => Promise.resolve(folder === sentTo ? newer : records),
      });
      expect(seen).toMatchObject({
        copy: { name: '20261121-020000' },
        recordsFrom: { name: sentTo, at: later },
      });
      expect(seen.records).toBe(newer);
    });

    it('takes those of the copy where that is younger', async () => {
      const seen = await ask(listed(new Date('2026-11-20T08:00:00Z')));
      expect(seen.recordsFrom).toMatchObject({ name: '20261121-020000' });
    });

    it('says so where they cannot be read, and takes those of the copy', async () => {
      const seen = await ask(listed(later), {
        records: (folder) =>
          folder === sentTo
            ? Promise.reject(new Failure({ what: 'its checksum is another', next: 'none' }))
            : Promise.resolve(records),
      });
      expect(seen.recordsFrom).toMatchObject({ name: '20261121-020000' });
      expect(seen.faults).toEqual([]);
      expect(seen.notes.at(-1)).toMatch(/cannot be read \(its checksum is another\): .* an earlier release$/);
    });
  });

  describe('where the storage has spoilt a copy since it was made', () => {
    const two = new Bucket(whole.backups, ['20261120-020000', '20261121-020000']);
    const spoilt = (...names: readonly string[]): Partial<OffHostQuestions> => ({
      check: (copy) =>
        names.includes(copy)
          ? Promise.reject(
              new Failure({
                what: `the copy ${copy} cannot be used`,
                output: 'edge.tar.age: its checksum is another',
                next: 'none',
              }),
            )
          : Promise.resolve(),
    });

    it('takes the one before it, and says so before anything is given up', async () => {
      const { copy, recordsFrom, faults, notes } = await ask(two, spoilt('20261121-020000'));
      expect([copy?.name, recordsFrom?.name, faults]).toEqual(['20261120-020000', '20261120-020000', []]);
      expect(notes).toContain(
        'the copy 20261121-020000 cannot be used: edge.tar.age: its checksum is another: an older one is taken',
      );
    });

    it('is refused where all are, with the way that does without', async () => {
      const { copy, faults } = await ask(two, spoilt('20261120-020000', '20261121-020000'));
      expect(copy).toBeUndefined();
      expect(faults).toEqual([
        expect.stringMatching(
          /^no portable copy can be used: the copy 20261121-020000 .*; the copy 20261120-020000 .*; to go on without .*--without-files/,
        ),
      ]);
    });
  });

  it('asks for no copy where a person does without, and says what that costs', async () => {
    const { copy, faults, notes } = await ask(whole, { withoutFiles: true, records: undefined });
    expect([copy, faults]).toEqual([undefined, []]);
    expect(notes.at(-1)).toContain('certificates are asked for anew');
  });

  it('knows nothing, and says why, where the storage does not let it in', async () => {
    const closed = new Bucket([]);
    closed.says.set('info', output('', 1, 'HTTP request failed with 403 (Forbidden)'));
    const { chosen, copy, faults } = await ask(closed);
    expect([chosen, copy]).toEqual([undefined, undefined]);
    expect(faults).toEqual([
      expect.stringMatching(/^could not look at the archive of preview .*403 \(Forbidden\)$/),
    ]);
  });
});
