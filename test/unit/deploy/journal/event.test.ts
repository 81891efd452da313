import * as fc from 'fast-check';
import { parseLine, renderLine, runId, type RunEvent } from '../../../../deploy/journal/event';

const at = '2026-11-21T08:15:00.000Z';
const run = '20261121T081500000Z-1f2e';
const event: RunEvent = { kind: 'step-failed', step: 'migrate', why: 'it ended with exit code 1' };

describe('a line of the journal', () => {
  test('is one JSON object with the version of its format', () => {
    expect(renderLine({ run, at, event })).toBe(
      `{"v":1,"run":"${run}","at":"${at}","kind":"step-failed","step":"migrate","why":"it ended with exit code 1"}\n`,
    );
  });

  test('is read as it was written, whatever its texts hold', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 400 }),
        fc.integer({ min: 0 }),
        (text, milliseconds) => {
          const events: RunEvent[] = [
            { kind: 'step-failed', step: text, why: text },
            { kind: 'step-taken-back', step: text, problem: text },
            { kind: 'step-done', step: text, outcome: 'done', milliseconds },
          ];
          for (const one of events) {
            const line = renderLine({ run, at, event: one });
            expect(line.indexOf('\n')).toBe(line.length - 1);
            expect(parseLine(line)).toEqual({ run, at, event: one });
          }
        },
      ),
    );
  });

  test('cuts a long text, so that one write appends it', () => {
    const long = renderLine({ run, at, event: { ...event, why: 'x'.repeat(100_000) } });
    expect(long.length).toBeLessThan(1000);
    expect(parseLine(long)).toMatchObject({ event: { why: `${'x'.repeat(500)}…` } });
  });

  test('is torn when any part of its end is missing', () => {
    const line = renderLine({ run, at, event }).trimEnd();
    for (let length = 1; length < line.length; length += 1) {
      expect(parseLine(line.slice(0, length))).toBe('torn');
    }
  });

  test('is newer when its version or its kind is not known here', () => {
    const line = renderLine({ run, at, event });
    expect(parseLine(line.replace('"v":1', '"v":2'))).toBe('newer');
    expect(parseLine(line.replace('step-failed', 'step-paused'))).toBe('newer');
  });

  test('keeps being read when a newer program adds a field', () => {
    const line = renderLine({ run, at, event }).replace('"v":1', '"v":1,"host":"a"');
    expect(parseLine(line)).toEqual({ run, at, event });
  });

  test('is read without the NUL characters that a power cut leaves before it', () => {
    expect(parseLine(`\0\0\0${renderLine({ run, at, event })}`)).toEqual({ run, at, event });
  });
});

test('ids of runs sort by time', () => {
  const ids = ['2026-11-21T08:15:00.000Z', '2026-11-21T08:15:00.001Z', '2026-12-01T00:00:00.000Z'].map(
    (time, index) => runId(new Date(time), String(9 - index)),
  );
  expect(ids).toEqual(['20261121T081500000Z-9', '20261121T081500001Z-8', '20261201T000000000Z-7']);
  expect([...ids].sort()).toEqual(ids);
});
