import { ExitCode, Failure } from '../../../../foundation/failure';
import {
  committedRunnerLock,
  parseRunnerLock,
  renderRunnerLock,
  requireRunner,
  type RunnerLock,
} from '../../../../services/sourcecred/runner-lock';
import { digest } from '../example';

const released: RunnerLock = {
  image: 'ghcr.test/cogni/runner',
  source: 'a test',
  release: {
    tag: 'sc0.11.2-node18-2026-01-02',
    digest: digest('e'),
    releasedAt: '2026-01-02T03:04:05.000Z',
    base: 'docker.io/library/node@sha256:1',
    buildBase: 'docker.io/library/node@sha256:2',
  },
};

describe('the lock of the runner', () => {
  it('is committed in a form that reads back', () => {
    const lock = committedRunnerLock();
    expect(lock.image).toBe('ghcr.io/cogni-dao/cogni-sourcecred-runner');
    expect(parseRunnerLock(renderRunnerLock(lock), 'test')).toEqual(lock);
  });

  it('gives the runner by its digest', () => {
    expect(requireRunner(released)).toBe(`ghcr.test/cogni/runner@${digest('e')}`);
  });

  it('refuses while none was released, and names the command that releases one', () => {
    expect.assertions(3);
    try {
      requireRunner({ ...released, release: null });
    } catch (refused) {
      expect(refused).toBeInstanceOf(Failure);
      expect((refused as Failure).exitCode).toBe(ExitCode.refused);
      expect((refused as Failure).next).toContain('./cogni sourcecred release');
    }
  });

  it('is refused with every fault when it was damaged', () => {
    const damaged = { ...released, image: 'runner:1', release: { ...released.release, digest: 'sha256:1' } };
    const parse = (): unknown => parseRunnerLock(JSON.stringify(damaged), 'here');
    expect(parse).toThrow('  - image: is not a registry and a repository');
    expect(parse).toThrow('  - release.digest: is not "sha256:" and 64 hex digits');
    expect(() => parseRunnerLock('{', 'here')).toThrow('the lock of the runner, here, cannot be used');
  });
});
