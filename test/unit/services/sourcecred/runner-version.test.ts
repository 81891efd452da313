import fc from 'fast-check';
import { runnerBuild } from '../../../../cli/runner-release';
import { committedImageLock } from '../../../../services';
import {
  runner,
  runnerImages,
  runnerTagFaults,
  runnerTagOf,
} from '../../../../services/sourcecred/runner-version';
import { digest, resolvedLock } from '../example';

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
      `it names Node.js 99, and services/images.lock.json has ${runner.node}`,
      '2026-02-30 is no day',
    ]);
    expect(runnerTagFaults(`sc${runner.sourcecred}-node18-2026-11-22`, today)).toEqual([
      '2026-11-22 has not come yet: today is 2026-11-21',
    ]);
  });

  it('goes with images of Node.js of one version', () => {
    const lock = committedImageLock();
    const [base, buildBase] = [lock[runnerImages.base], lock[runnerImages.buildBase]];
    expect(base.image).toBe(buildBase.image);
    expect(base.tag).toBe(`${buildBase.tag}-slim`);
    expect(buildBase.tag.startsWith(`${runner.node}-`)).toBe(true);
  });
});

describe('the build of a runner', () => {
  const tag = `sc${runner.sourcecred}-node18-2026-11-21`;

  it('stands on the images that the lock pins, each by its digest', () => {
    expect(runnerBuild(tag, resolvedLock())).toMatchObject({
      tag,
      base: `docker.io/library/node@${digest('e')}`,
      buildBase: `docker.io/library/node@${digest('f')}`,
    });
  });

  it('is refused while one of them has no digest, and names the command that looks it up', () => {
    const lock = resolvedLock();
    const unresolved = { ...lock, 'node-build': { ...lock['node-build'], digest: null, resolvedAt: null } };
    const build = (): unknown => runnerBuild(tag, unresolved);
    expect(build).toThrow('the image node-build (docker.io/library/node:18.20.8-bookworm) has no digest yet');
    expect(build).toThrow('./cogni images lock');
  });

  it('is refused with a tag that is not true', () => {
    expect(() => runnerBuild('sc9.9.9-node18-2026-11-21', resolvedLock())).toThrow(
      'it names SourceCred 9.9.9',
    );
  });
});
