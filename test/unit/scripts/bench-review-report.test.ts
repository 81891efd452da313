import { planOfServers } from '../../../scripts/bench-review-plan';
import { reviewSpeedReport, type Run } from '../../../scripts/bench-review-report';
import { readPlan, reviewPlan } from '../../../review';

const took = (...runs: readonly (readonly [milliseconds: number, processor: number])[]): readonly Run[] =>
  runs.map(([milliseconds, processor]) => ({ milliseconds, processor }));

/** The cells of the rows that begin with a text. */
const rows = (report: string, first: string): readonly (readonly string[])[] =>
  report
    .split('\n')
    .filter((line) => line.startsWith(`| ${first} |`))
    .map((line) =>
      line
        .split('|')
        .slice(2, -1)
        .map((cell) => cell.trim()),
    );

describe('the report of the review’s speed', () => {
  const report = reviewSpeedReport({
    madeBy: 'Made by a test.',
    load: 0.25,
    cores: 2,
    terraform: 'Terraform 1.11.4',
    report: [
      {
        resources: 1_000,
        bytes: 2 ** 21,
        review: took([700, 600], [900, 800], [800, 700]),
        start: took([100, 90], [110, 95], [90, 85]),
      },
    ],
    pipeline: [
      {
        resources: 1_000,
        plan: took([1_000, 900], [3_000, 1_000], [2_000, 1_100]),
        reviewed: took([1_900, 1_800], [3_700, 1_500], [2_800, 3_300]),
      },
    ],
  });
  const [first = [], second = []] = rows(report, '1,000');

  it('has medians with their range, and the size of the plan', () => {
    expect(first).toEqual([
      '2.0 MiB',
      '800 ms (700–900)',
      '700 ms (600–800)',
      '100 ms (90–110), processor 90 ms (85–95)',
    ]);
  });

  it('takes what the review adds turn by turn, not median from median', () => {
    // 900, 700 and 800 by the clock; 900, 500 and 2,200 of processor; ratios 2, 1.5 and 3.
    expect(second.slice(2)).toEqual(['800 ms (700–900)', '900 ms (500–2200)', '2.00']);
  });

  it('says on what kind of machine it was made, and how busy that was', () => {
    expect(report).toContain('Made by a test.');
    expect(report).toContain('The load of the machine was 0.3 at the start, on 2 cores; Terraform 1.11.4.');
  });
});

describe('the plan that is measured', () => {
  it('has as many changes as were asked for, of every kind, and is reviewed as what it is', () => {
    const { changes, counts, doubts } = reviewPlan({
      plan: readPlan(JSON.stringify(planOfServers(8))),
      now: 0,
    });
    expect(changes).toHaveLength(8);
    // It contradicts itself nowhere: what it holds twice, as Terraform prints it, is held twice.
    expect(doubts).toEqual([]);
    expect(counts).toMatchObject({ WIPE: 2, UPDATE: 2, CREATE: 2, DESTROY: 2 });
  });

  it('holds documents of about 8 KiB, of which one line differs', () => {
    const { changes } = reviewPlan({ plan: readPlan(JSON.stringify(planOfServers(1))), now: 0 });
    const [document] = changes[0]!.documents;
    expect(document!.diff.split('\n').filter((line) => /^[-+]/.test(line))).toEqual([
      '-# first',
      '+# second',
    ]);
  });
});
