import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { givenUpKeysFile } from '../../../cli/host-access';
import { requireSense, type RebuildOptions } from '../../../cli/rebuild-options';
import { unfinishedText } from '../../../cli/rebuild-text';
import {
  abandonRebuild,
  goneOnWith,
  lookAtUnfinished,
  rebuildFolder,
  type HostOf,
} from '../../../cli/rebuild-unfinished';
import { ExitCode } from '../../../foundation/failure';
import { silent } from '../../../foundation/progress';
import type { IdentityReport } from '../../../recovery/identity/look';
import { verdicts } from '../../../recovery/identity/verdicts';
import { findUnfinished, RebuildJournal } from '../../../recovery/rebuild/journal';
import { planRebuild } from '../../../recovery/rebuild/plan';
import { failureOf } from '../../failure-of';
import { begun, shape } from '../recovery/rebuild/sample';

const environment: HostOf = {
  name: 'preview',
  host: { kind: 'existing', name: 'preview-cogni', address: '192.0.2.7' },
};

/** A host that the three sources say this of. */
class Asked {
  times = 0;
  constructor(private readonly id: string) {}
  readonly identify = (): Promise<IdentityReport> => {
    this.times += 1;
    const verdict = verdicts.find((each) => each.id === this.id);
    const [host] = verdict?.when.host ?? [];
    return Promise.resolve({ verdict, case: { host } } as unknown as IdentityReport);
  };
}

describe('a rebuild that is gone on with', () => {
  let folder: string;
  let journal: RebuildJournal;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-unfinished-'));
    journal = new RebuildJournal(join(folder, 'a.jsonl'), () => new Date('2026-11-21T12:30:00Z'));
    journal.append({ ...begun, verdict: { id: 'hung', means: 'nothing answers' } });
    journal.append({ kind: 'stage-begun', stage: 'fence' });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const given: RebuildOptions = { identity: 'key.txt', replace: 'preview-cogni@811287' };

  it('is refused where the host is well again, and names the word that ends it', async () => {
    const { identify } = new Asked('well');
    const failure = await failureOf(goneOnWith(environment, journal, given, silent, identify));
    expect(failure).toMatchObject({
      exitCode: ExitCode.refused,
      faults: [expect.stringContaining('the host is not lost (well)')],
      state: expect.stringContaining('of "fence" a part may be done'),
      next: expect.stringContaining(`./cogni rebuild preview --abandon ${begun.id}`),
    });
    // A shorter command that names no host is no way around it.
    await expect(goneOnWith(environment, journal, {}, silent, identify)).rejects.toThrow('not as it was');
  });

  it('goes on while the host is as it was when it was begun', async () => {
    const { identify } = new Asked('hung');
    expect(await goneOnWith(environment, journal, given, silent, identify)).toBe(journal);
  });

  it('asks the host nothing once its key is put aside: what is well then is the new one', async () => {
    journal.append({ kind: 'stage-done', stage: 'aside', outcome: 'done' });
    const asked = new Asked('well');
    expect(await goneOnWith(environment, journal, given, silent, asked.identify)).toBe(journal);
    expect(asked.times).toBe(0);
  });

  it('asks it nothing either where it was cut off right behind that: the file says so', async () => {
    const kept = givenUpKeysFile('preview', begun.id);
    mkdirSync(dirname(kept), { recursive: true });
    writeFileSync(kept, '');
    try {
      const asked = new Asked('not-pinned');
      expect(await goneOnWith(environment, journal, given, silent, asked.identify)).toBe(journal);
      expect(asked.times).toBe(0);
    } finally {
      rmSync(kept);
    }
  });

  it('is shown by a dry run with what speaks against it, and how far it came', async () => {
    const look = await lookAtUnfinished(environment, journal, given, silent, new Asked('well').identify);
    if (look === undefined) throw new Error('it is not seen');
    expect(look.stages).toEqual([{ stage: 'fence', outcome: 'cut off' }]);
    const text = unfinishedText('preview', look, planRebuild(shape));
    expect(text).toContain(`unfinished ${begun.id}`);
    expect(text).toContain('As it is, this is refused:\n  - the host is not lost (well)');
    expect(text).toContain(`--abandon ${begun.id}`);
  });

  it('is none where no stage was begun, or another one is to take its place', async () => {
    const asked = new Asked('well');
    expect(
      await goneOnWith(environment, journal, { ...given, anew: begun.id }, silent, asked.identify),
    ).toBeUndefined();
    const fresh = new RebuildJournal(join(folder, 'b.jsonl'), () => new Date('2026-11-21T12:30:00Z'));
    fresh.append(begun);
    expect(await goneOnWith(environment, fresh, given, silent, asked.identify)).toBeUndefined();
    expect(asked.times).toBe(0);
  });
});

describe('a rebuild that is abandoned', () => {
  let sandbox: string;
  const before = process.env['COGNI_SANDBOX'];
  beforeEach(() => {
    sandbox = mkdtempSync(join(tmpdir(), 'cogni-abandon-'));
    process.env['COGNI_SANDBOX'] = sandbox;
    jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    if (before === undefined) delete process.env['COGNI_SANDBOX'];
    else process.env['COGNI_SANDBOX'] = before;
    rmSync(sandbox, { recursive: true, force: true });
  });
  const now = (): Date => new Date('2026-11-21T12:30:00Z');
  const options = { json: false } as Parameters<typeof abandonRebuild>[2];

  it('is ended by its id, and by no other', async () => {
    const journal = new RebuildJournal(join(rebuildFolder('preview'), `${begun.id}.jsonl`), now);
    journal.append(begun);
    journal.append({ kind: 'stage-begun', stage: 'fence' });
    expect((await failureOf(abandonRebuild('preview', 'another', options))).exitCode).toBe(ExitCode.refused);
    expect(findUnfinished(rebuildFolder('preview'), now)).toBeDefined();
    await abandonRebuild('preview', begun.id, options);
    expect(findUnfinished(rebuildFolder('preview'), now)).toBeUndefined();
    const again = await failureOf(abandonRebuild('preview', begun.id, options));
    expect(again.faults).toEqual([
      `--abandon ${begun.id}: no rebuild is there that was begun and is not done`,
    ]);
  });

  it('does nothing else: no other word goes with it', () => {
    expect(() => requireSense('preview', { abandon: begun.id })).not.toThrow();
    expect(() => requireSense('preview', { abandon: begun.id, replace: 'preview-cogni@1' })).toThrow(
      'no other option goes with it',
    );
    expect(() => requireSense('preview', { abandon: begun.id, dryRun: true })).toThrow('no other option');
  });
});
