import fc from 'fast-check';
import { runner, runnerTagFaults, runnerTagOf } from '../../../../services/sourcecred/runner-version';

const today = new Date('2026-11-21T23:30:00Z');

describe('the tag of a runner', () => {
  it('is sc<version>-node<major>-<date>', () => {
    expect(runnerTagOf(today)).toBe(`sc${runner.sourcecred}-node18-2026-11-21`);
  });

  it('is sound for every day up to today', () => {
    const day = fc.date({ min: new Date('2020-01-01'), max: today, noInvalidDate: true });
    fc.assert(fc.property(day, (date) => runnerTagFaults(runnerTagOf(date), today).length === 0));
  });

  it.each(['latest', 'sc0.11-node18-2026-11-21', 'sc0.11.2-node18-2026-1-2', 'sc0.11.2-node18', ''])(
    'is not "%s"',
    (tag) => {
      expect(runnerTagFaults(tag, today)).toEqual([
        `"${tag}" is not sc<version>-node<major>-<date>, such as ${runnerTagOf(today)}`,
      ]);
    },
  );

  it('must say what is in the image: every word that is not true is named', () => {
    expect(runnerTagFaults('sc9.9.9-node99-2026-02-30', today)).toEqual([
      `it names SourceCred 9.9.9, and services/sourcecred/runner/package.json pins ${runner.sourcecred}`,
      `it names Node.js 99, and services/sourcecred/runner-version.ts has ${runner.node.version}`,
      '2026-02-30 is no day',
    ]);
    expect(runnerTagFaults(`sc${runner.sourcecred}-node18-2026-11-22`, today)).toEqual([
      '2026-11-22 has not come yet: today is 2026-11-21',
    ]);
  });

  it('goes with images of Node.js of one version', () => {
    expect(runner.node.tag.startsWith(`${runner.node.version}-`)).toBe(true);
    expect(runner.node.buildTag.startsWith(`${runner.node.version}-`)).toBe(true);
    expect(runner.node.tag).toBe(`${runner.node.buildTag}-slim`);
  });
});
