import type { FoundManifest } from '../../../../deploy/registry-client';
import { lookOffHost, imageFaults, type OffHostQuestions } from '../../../../recovery/rebuild/off-host';
import type { CopiedRecords } from '../../../../recovery/rebuild/copy';
import { Failure } from '../../../../foundation/failure';
import { archive } from '../../services/archive/archive';
import { Bucket, days, now, output } from '../../deploy/backup/bucket';
import { begun } from './sample';

const records: CopiedRecords = { serving: undefined, releases: [] };
const whole = new Bucket(
  [{ label: '20261120-120000F', type: 'full', at: days(1), start: 4 }],
  ['20261121-020000'],
);
const ask = (bucket: Bucket, more: Partial<OffHostQuestions> = {}): ReturnType<typeof lookOffHost> =>
  lookOffHost({
    environment: 'preview',
    archive: { ...archive, copies: { recipients: ['age1…'] } },
    target: { kind: 'end' },
    pgbackrest: bucket.run,
    records: () => Promise.resolve(records),
    withoutFiles: false,
    now,
    again: './cogni rebuild preview',
    ...more,
  });

describe('what a rebuild knows of what is off the host', () => {
  it('is the newest good backup, how far its log goes, and the newest whole copy with its records', async () => {
    expect(await ask(whole)).toMatchObject({
      chosen: { backup: { label: '20261120-120000F' } },
      newestLog: now,
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

describe('the images of the last release', () => {
  const { images } = begun.release;
  const reference = { ...images, postgres: images.app };
  const registry = (answer: () => Promise<FoundManifest | undefined>) => () => ({ manifestIfAny: answer });

  it('are looked up by digest in the registry that they were recorded with', async () => {
    const asked: string[] = [];
    await imageFaults(reference, (repository) => ({
      manifestIfAny: (digest) => {
        asked.push(`${repository}@${digest}`);
        return Promise.resolve(undefined);
      },
    }));
    expect(asked.sort()).toEqual([images.app, images.migrator].sort());
  });

  it('are faults where the registry has them no more, or does not answer', async () => {
    expect(
      await imageFaults(
        reference,
        registry(() => Promise.resolve(undefined)),
      ),
    ).toEqual([
      expect.stringContaining(`the application ${images.app} is not in its registry any more`),
      expect.stringContaining(`the migrator ${images.migrator} is not in its registry any more`),
    ]);
    const silentRegistry = registry(() => Promise.reject(new Error('no answer within 15 s')));
    expect((await imageFaults(reference, silentRegistry))[0]).toContain('cannot be looked up: no answer');
  });
});
