import { rebuildTimeReport, type MeasuredRebuild } from '../../../scripts/bench-rebuild-report';

const measured: MeasuredRebuild = {
  madeBy: 'Made by `npm run bench:rebuild`.',
  megabytes: 1048.4,
  alone: { boot: 10_000, pull: 20_000, restore: 30_000, comparison: 4_000 },
  untilServing: 78_000,
  all: 150_000,
  stages: [{ stage: 'provision', milliseconds: 15_500 }],
};

describe('the report on how long a rebuild takes', () => {
  it('holds it against the sum of what was measured alone', () => {
    const report = rebuildTimeReport(measured);
    expect(report).toContain('| together | 60.0 s |');
    expect(report).toContain('| ratio | **1.30** (within 1.3) |');
    expect(report).toContain('a database of 1048 MB');
    expect(report).toContain('| provision | 15.5 s |');
  });

  it('says so where it is beyond the bound', () => {
    expect(rebuildTimeReport({ ...measured, untilServing: 80_000 })).toContain('**1.33** (beyond 1.3)');
  });
});
