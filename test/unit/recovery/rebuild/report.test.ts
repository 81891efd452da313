import type { RebuildEvent, RebuildLine } from '../../../../recovery/rebuild/journal';
import { readStory } from '../../../../recovery/rebuild/journal';
import {
  afterwards,
  rebuildMarkdown,
  rebuildReport,
  rebuildTimeline,
  type RebuildReport,
} from '../../../../recovery/rebuild/report';
import { begun } from './sample';

/** Lines of a journal, each at its second after the beginning. */
function reportOf(...lines: readonly (readonly [number, RebuildEvent])[]): RebuildReport {
  const start = Date.parse('2026-11-21T12:30:00Z');
  const text = ([[0, begun], ...lines] as const)
    .map(([second, event]): RebuildLine => ({
      v: 1,
      at: new Date(start + second * 1000).toISOString(),
      ...event,
    }))
    .map((line) => JSON.stringify(line));
  const story = readStory(text.join('\n'));
  if (story === undefined) throw new Error('no story');
  return rebuildReport(story);
}

const done = (stage: string): RebuildEvent => ({
  kind: 'stage-done',
  stage,
  outcome: 'done',
  says: `did | ${stage}`,
});
const began = (stage: string): RebuildEvent => ({ kind: 'stage-begun', stage });

const finished = reportOf(
  [1, began('restore')],
  [1, began('pull')],
  [5, done('pull')],
  [9, done('restore')],
  [10, began('deploy')],
  [20, { kind: 'stage-failed', stage: 'deploy', why: 'the gate was not passed' }],
  [60, began('deploy')],
  [70, done('deploy')],
  [71, began('drill')],
  [90, began('drill')],
  [100, done('drill')],
  [100, { kind: 'ended', address: '192.0.2.9' }],
);

describe('the report of a rebuild', () => {
  it('measures from the first line until the release served, and what was lost before that', () => {
    expect(finished).toMatchObject({
      finished: true,
      address: '192.0.2.9',
      untilServing: 70_000,
      lostAtMost: 30_000,
      all: 100_000,
    });
  });

  it('does not count what a deploy does after the gate, for what serves already', () => {
    const report = reportOf(
      [10, began('deploy')],
      [60, { kind: 'stage-done', stage: 'deploy', outcome: 'done', servedAt: '2026-11-21T12:30:40.000Z' }],
    );
    expect(report.untilServing).toBe(40_000);
  });

  it('has every try of a stage, those that failed and those that a kill has cut off too', () => {
    expect(finished.stages.map(({ stage, outcome, milliseconds }) => [stage, outcome, milliseconds])).toEqual(
      [
        ['restore', 'done', 8_000],
        ['pull', 'done', 4_000],
        ['deploy', 'failed', 10_000],
        ['deploy', 'done', 10_000],
        ['drill', 'cut off', 0],
        ['drill', 'done', 10_000],
      ],
    );
  });

  it('does not say that it serves while it does not, and names the stage to go on from', () => {
    const stopped = reportOf(
      [1, began('plan')],
      [2, { kind: 'stage-failed', stage: 'plan', why: 'no stock' }],
    );
    expect(stopped).toMatchObject({ finished: false, address: null, untilServing: null });
    expect(rebuildMarkdown(stopped)).toContain('- the same command goes on, from "plan" on');
    expect(rebuildMarkdown(stopped)).toContain('no stock');
  });

  it('says what is left to a person: a server that is still paid for, first of all', () => {
    const page = rebuildMarkdown(finished);
    expect(page).toContain('# Rebuild of preview, 20261121T123000Z: done');
    expect(page).toContain('https://api.cherryservers.com/v1/servers/811287');
    expect(page).toContain('did \\| restore');
    expect(page).toContain('| served again after | 70.0 s |');
  });

  it('warns against switching on a server that has a key to the archive, where nobody has ended that', () => {
    const warning = /^never switch server 811287 on, .* before its key to the archive is ended/m;
    expect(afterwards(finished).join('\n')).toMatch(warning);
    const ended = reportOf(
      [1, began('revoke')],
      [2, done('revoke')],
      [9, { kind: 'ended', address: '192.0.2.9' }],
    );
    expect(afterwards(ended).join('\n')).not.toMatch(warning);
    expect(afterwards(ended).join('\n')).toContain('server 811287 is switched off');
  });

  it('says which receivers of logs have to be told or made anew, where there are any', () => {
    const errands = (report: RebuildReport): string => afterwards(report).join('\n');
    expect(errands(finished)).not.toContain('receiver');
    const receivers = { own: 'while-there', here: [{ name: 'production', waits: 'never' }] } as const;
    const text = errands({ ...finished, receivers: { own: receivers.own, here: [...receivers.here] } });
    expect(text).toContain('./cogni receiver up preview');
    expect(text).toContain('./cogni receiver key production');
  });

  it('draws what went on at the same time side by side, and a try that was cut off up to the next one', () => {
    const { spans, milliseconds } = rebuildTimeline(finished);
    expect(milliseconds).toBe(100_000);
    expect(spans.slice(0, 2)).toMatchObject([
      { id: 'restore', begun: 1_000, milliseconds: 8_000 },
      { id: 'pull', begun: 1_000, milliseconds: 4_000 },
    ]);
    expect(spans[4]).toMatchObject({ id: 'drill', begun: 71_000, milliseconds: 19_000, result: 'failed' });
  });
});
