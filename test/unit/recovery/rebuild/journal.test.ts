import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findUnfinished, readStory, RebuildJournal } from '../../../../recovery/rebuild/journal';
import { begun } from './sample';

describe('the journal of a rebuild', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-rebuild-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const now = (): Date => new Date('2026-11-21T12:30:00Z');
  const journalAt = (name = `${begun.id}.jsonl`): RebuildJournal =>
    new RebuildJournal(join(folder, name), now);

  it('keeps a line for each thing that happens, readable by its owner alone', () => {
    const journal = journalAt();
    journal.append(begun);
    journal.append({ kind: 'stage-begun', stage: 'fence' });
    journal.append({ kind: 'stage-done', stage: 'fence', outcome: 'done', says: 'off' });
    expect(readFileSync(journal.file, 'utf8').trim().split('\n')).toHaveLength(3);
    expect(statSync(journal.file).mode & 0o777).toBe(0o600);
    expect(journal.story()).toMatchObject({
      begun: { id: begun.id, givenUp: { server: 811287 } },
      ended: false,
    });
    expect(journal.story()?.lines.map(({ kind }) => kind)).toEqual(['begun', 'stage-begun', 'stage-done']);
  });

  it('goes on after a line that a kill has cut off, and leaves that line out', () => {
    const journal = journalAt();
    journal.append(begun);
    appendFileSync(journal.file, '{"v":1,"at":"2026-11-21T12:3');
    journal.append({ kind: 'stage-begun', stage: 'plan' });
    expect(journal.story()?.lines.map(({ kind }) => kind)).toEqual(['begun', 'stage-begun']);
  });

  it('leaves out what a newer program has written, and is none where even its first line is not whole', () => {
    const lines = [
      JSON.stringify({ v: 1, at: '2026-11-21T12:30:00Z', ...begun }),
      JSON.stringify({ v: 2, at: '2026-11-21T12:30:01Z', kind: 'ended', address: '192.0.2.9' }),
      JSON.stringify({ v: 1, at: '2026-11-21T12:30:01Z', kind: 'something-new' }),
    ];
    expect(readStory(lines.join('\n'))).toMatchObject({ ended: false, lines: [{ kind: 'begun' }] });
    expect(readStory('{"v":1,"at":')).toBeUndefined();
  });

  it('says where it cannot be written, and what to do: nothing is done that nobody could go on with', () => {
    writeFileSync(join(folder, 'file'), '');
    const journal = new RebuildJournal(join(folder, 'file', 'x.jsonl'), now);
    expect(() => journal.append(begun)).toThrow(/the journal of the rebuild cannot be written: [^]*has room/);
  });

  it('is found again for as long as its rebuild has not come to its end', () => {
    expect(findUnfinished(join(folder, 'none'), now)).toBeUndefined();
    const older = journalAt('20261120T000000Z.jsonl');
    older.append(begun);
    older.append({ kind: 'ended', address: '192.0.2.8' });
    expect(findUnfinished(folder, now)).toBeUndefined();
    const newer = journalAt();
    newer.append(begun);
    expect(findUnfinished(folder, now)?.file).toBe(newer.file);
    newer.append({ kind: 'ended', address: '192.0.2.9' });
    expect(findUnfinished(folder, now)).toBeUndefined();
  });
});
