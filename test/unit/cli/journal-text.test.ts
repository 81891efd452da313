import { journalText } from '../../../cli/journal-text';
import type { JournalledRun } from '../../../deploy';

const run: JournalledRun = {
  run: '20261121T081500000Z-1f2e',
  at: '2026-11-21T08:15:00.000Z',
  begun: {
    kind: 'run-begun',
    command: 'deploy',
    environment: 'preview',
    title: 'deploy preview-0123abc to preview',
    release: '20261121T081500Z-preview-0123abc',
    app: 'a',
    migrator: 'b',
    by: { who: 'ada', from: 'laptop' },
  },
  steps: [
    { step: 'stage', state: 'done', milliseconds: 10, takenBack: true },
    { step: 'migrate', state: 'failed', why: 'exit code 1' },
  ],
  ended: { kind: 'run-ended', result: 'failed', milliseconds: 9000, engineMilliseconds: 1200, commands: 30 },
};
const textOf = (...runs: JournalledRun[]): string => journalText({ runs, torn: 0, newer: 0 }, 'preview');

describe('the journal for a person', () => {
  test('says of each run who did what from where, what came of it, and which steps went wrong', () => {
    expect(textOf(run)).toBe(
      [
        "2026-11-21T08:15:00.000Z  deploy preview-0123abc to preview: failed, by ada on laptop (9.0 s, 1.2 s of it the engine's own)",
        '  stage was taken back',
        '  migrate failed: exit code 1',
      ].join('\n'),
    );
  });

  test('says what a person let pass by a word', () => {
    const accepted = { movedTags: ['sha256:0a'], breakingMigration: true };
    expect(textOf({ ...run, begun: { ...run.begun!, accepted } })).toContain(
      '\n  was begun with --accept-moved-tag sha256:0a\n  was begun with --allow-breaking-migration\n',
    );
  });

  test('says where a run stands that has no end', () => {
    const text = textOf({ ...run, ended: undefined, steps: [{ step: 'pull', state: 'begun' }] });
    expect(text).toContain('has no end: under way, or cut off, by ada on laptop');
    expect(text).toContain('\n  pull was begun');
  });

  test('names a run by its id whose beginning is gone', () => {
    expect(textOf({ ...run, begun: undefined })).toContain('20261121T081500000Z-1f2e: failed (9.0 s');
  });

  test('says how many lines could not be read, and why', () => {
    const text = journalText({ runs: [], torn: 1, newer: 2 }, 'preview');
    expect(text.split('\n')).toEqual([
      'no run is recorded on preview',
      '1 line was not written to the end, as a full disk or a power cut leaves them',
      '2 lines were written by a newer cogni, which can read them',
    ]);
  });
});
