import { composeReport, type Figures, type Measured } from '../../../scripts/bench-compose-report';

const took = (processor: number, milliseconds = processor): Figures => ({
  processor,
  milliseconds,
  bytes: 1,
  peak: processor * 1024,
});

const measured: Measured = {
  madeBy: 'Made by a test.',
  load: 0.25,
  cores: 2,
  byAmount: new Map([
    [1_000, { compose: [took(100), took(300), took(200)], 'js-yaml': [took(50), took(30), took(20)] }],
    [10_000, { compose: [took(1_000), took(2_000), took(3_000)], 'js-yaml': [took(10), took(20), took(30)] }],
  ]),
  startUp: { bare: [40], without: [60], with: [90], modules: 0 },
};

/** The cells of the rows that begin with a text. */
const rows = (report: string, first: string): readonly (readonly string[])[] =>
  report
    .split('\n')
    .filter((line) => line.startsWith(`| ${first} |`))
    .map((line) => line.split('|').map((cell) => cell.trim()));

describe('the report of the compose library’s figures', () => {
  const report = composeReport(measured);

  it('has medians with their range, and compares the writers turn by turn', () => {
    const [ours = [], others = []] = rows(report, '1,000');
    expect(ours.slice(2, -1)).toEqual([
      'compose',
      '200 ms (100–300)',
      '200 ms (100–300)',
      '1',
      '200 MiB (100–300)',
    ]);
    // 50/100, 30/300 and 20/200.
    expect(others.slice(2, -1)).toEqual([
      'js-yaml',
      '30 ms (20–50)',
      '30 ms (20–50)',
      '0.10 (0.10–0.50)',
      '30 MiB (20–50)',
    ]);
  });

  it('shows what one service costs of each amount, under the writers of that amount', () => {
    expect(report).toContain('| services | compose | js-yaml |');
    expect(rows(report, '10,000').at(-1)?.slice(2, -1)).toEqual([
      '0.20 ms (0.10–0.30)',
      '0.00 ms (0.00–0.00)',
    ]);
  });

  it('says of cdk8s how it was used, where it was', () => {
    expect(report).not.toContain('`cdk8s`');
    expect(composeReport({ ...measured, cdk8s: '2.70.0' })).toContain(
      '`cdk8s` (version 2.70.0) makes one object',
    );
  });

  it('says on what machine, how busy, and how to make it again', () => {
    expect(report).toContain('Made by a test.\nThe load of the machine was 0.3 at the start, on 2 cores.');
    expect(report).toContain('npm run bench:compose -- /tmp/cdk8s');
    expect(report).not.toMatch(/NaN|undefined/);
  });
});
