import * as fc from 'fast-check';
import { renderLine, type RunEvent } from '../../../../deploy/journal/event';
import { parseJournal, readJournal } from '../../../../deploy/journal/reader';
import { Failure } from '../../../../foundation/failure';
import { fakeTransport } from '../fake-transport';

const begun: RunEvent = {
  kind: 'run-begun',
  command: 'deploy',
  environment: 'preview',
  title: 'deploy preview-0123abc to preview',
  release: '20261121T081500Z-preview-0123abc',
  app: 'registry.test/app@sha256:a',
  migrator: 'registry.test/app@sha256:b',
  by: { who: 'ada', from: 'laptop' },
};
const ended: RunEvent = {
  kind: 'run-ended',
  result: 'failed',
  milliseconds: 900,
  engineMilliseconds: 300,
  commands: 20,
  why: 'could not migrate the database',
};

const linesOf = (run: string, events: readonly RunEvent[]): string[] =>
  events.map((event) => renderLine({ run, at: '2026-11-21T08:15:00.000Z', event }));

const failed: readonly RunEvent[] = [
  begun,
  { kind: 'step-begun', step: 'pull' },
  { kind: 'step-done', step: 'pull', outcome: 'was done already', milliseconds: 20 },
  { kind: 'step-begun', step: 'stage' },
  { kind: 'step-done', step: 'stage', outcome: 'done', milliseconds: 30 },
  { kind: 'step-begun', step: 'migrate' },
  { kind: 'step-problem', step: 'migrate', problem: 'cleaning up failed' },
  { kind: 'step-failed', step: 'migrate', why: 'exit code 1' },
  { kind: 'step-taken-back', step: 'stage' },
  ended,
];

describe('the journal of a host', () => {
  test('tells each run with what became of its steps, the newest first', () => {
    const { runs } = parseJournal([...linesOf('1', failed), ...linesOf('2', [begun])].join(''));
    expect(runs.map(({ run }) => run)).toEqual(['2', '1']);
    expect(runs[1]).toEqual({
      run: '1',
      at: '2026-11-21T08:15:00.000Z',
      begun,
      ended,
      steps: [
        { step: 'pull', state: 'was done already', milliseconds: 20 },
        { step: 'stage', state: 'done', milliseconds: 30, takenBack: true },
        { step: 'migrate', state: 'failed', why: 'exit code 1', problems: ['cleaning up failed'] },
      ],
    });
  });

  test('tells a run that was cut off as one without an end', () => {
    const [run] = parseJournal(linesOf('1', failed.slice(0, 6)).join('')).runs;
    expect(run?.ended).toBeUndefined();
    expect(run?.steps.at(-1)).toEqual({ step: 'migrate', state: 'begun' });
  });

  test('keeps runs apart that wrote at the same time', () => {
    const [one, two] = [linesOf('1', failed), linesOf('2', failed)];
    const mixed = one.flatMap((line, index) => [line, two[index]!]).join('');
    expect(parseJournal(mixed)).toEqual(parseJournal([...one, ...two].join('')));
  });

  test('loses one line at most, and no run, wherever the text is cut off and written on', () => {
    const text = linesOf('1', failed).join('');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.length }), (length) => {
        const torn = text.slice(0, length);
        // As the writer does it: a line that was cut off is ended before the next one.
        const glue = torn === '' || torn.endsWith('\n') ? '' : '\n';
        const read = parseJournal(`${torn}${glue}${linesOf('2', failed).join('')}`);
        expect(read.runs.find(({ run }) => run === '2')?.steps).toHaveLength(3);
        expect(read.torn).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('counts the lines of a newer program, and reads the others', () => {
    const newer = linesOf('3', failed).map((line) => line.replace('"v":1', '"v":7'));
    const read = parseJournal([...linesOf('1', failed), ...newer].join(''));
    expect([read.runs.length, read.newer, read.torn]).toEqual([1, failed.length, 0]);
  });

  test('is empty on a host without one', async () => {
    const transport = fakeTransport([
      ['grep', { code: 2, stderr: 'grep: /j/journal.jsonl: No such file or directory\n' }],
    ]);
    expect(await readJournal(transport, '/j/journal.jsonl', 'preview')).toEqual({
      runs: [],
      torn: 0,
      newer: 0,
    });
  });

  test('is a failure when it is there and cannot be read', async () => {
    const transport = fakeTransport([
      ['grep', { code: 2, stderr: 'grep: /j/journal.jsonl: Permission denied\n' }],
    ]);
    const reading = readJournal(transport, '/j/journal.jsonl', 'preview');
    await expect(reading).rejects.toThrow(Failure);
    await expect(reading).rejects.toThrow(/Permission denied/);
  });
});
