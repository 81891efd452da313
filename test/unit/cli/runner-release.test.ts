import { recordedRelease } from '../../../cli/runner-release';
import {
  committedRunnerLock,
  parseRunnerLock,
  runnerLockFile,
} from '../../../services/sourcecred/runner-lock';
import { fakeTransport } from '../deploy/fake-transport';

describe('a release of the runner', () => {
  const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
  const { image } = committedRunnerLock();
  const build = {
    repository: image,
    tag: 'sc0.11.2-node18-2026-11-21',
    context: '/checkout/services/sourcecred/runner',
    base: `docker.io/library/node@${digest('a')}`,
    buildBase: `docker.io/library/node@${digest('b')}`,
    sourcecred: '0.11.2',
    again: './cogni sourcecred release sc0.11.2-node18-2026-11-21',
  };
  const machine = (push: number) =>
    fakeTransport([
      ['sourcecred.js --version', { stdout: 'sourcecred v0.11.2\n' }],
      ['docker run', { code: 2 }],
      ['docker push', { code: push }],
      ['docker image inspect', { stdout: `${image}@${digest('e')}\n` }],
    ]);

  it('is written into the lock: its tag, its digest and the images that it stands on', async () => {
    const written: string[] = [];
    const { lock, file } = await recordedRelease(build, { transport: machine(0) }, (text) =>
      written.push(text),
    );
    expect(written.map((text) => parseRunnerLock(text, file))).toEqual([lock]);
    expect(lock).toEqual({
      ...committedRunnerLock(),
      release: {
        tag: build.tag,
        digest: digest('e'),
        base: build.base,
        buildBase: build.buildBase,
        releasedAt: expect.any(String),
      },
    });
    expect(file).toBe(runnerLockFile);
  });

  it('leaves the lock as it is where it failed', async () => {
    const written: string[] = [];
    await expect(
      recordedRelease(build, { transport: machine(1) }, (text) => written.push(text)),
    ).rejects.toThrow('docker push');
    expect(written).toEqual([]);
  });
});
