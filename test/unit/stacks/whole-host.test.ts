import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitCode, Failure } from '../../../foundation/failure';
import { renderImageLock } from '../../../services';
import type { Environment, EnvironmentRecord } from '../../../stacks/environment';
import { loadEnvironment } from '../../../stacks/load';
import { runtimePropsOf } from '../../../stacks/runtime';
import { requireSourcecred } from '../../../stacks/sourcecred';
import { userDataOf } from '../../../stacks/user-data';
import { requireReleaseFit } from '../../../stacks/whole-host';
import { resolvedLock } from '../services/example';
import { record, surroundings } from './example';

const release = {
  tag: 'sc0.11.2-node18-2026-01-02',
  digest: `sha256:${'e'.repeat(64)}`,
  releasedAt: '2026-01-02T03:04:05.000Z',
  base: 'docker.io/library/node@sha256:1',
  buildBase: 'docker.io/library/node@sha256:2',
};
const mockedLock: { release: typeof release | null } = { release: null };
jest.mock('../../../services/sourcecred/runner.lock.json', () => ({
  image: 'ghcr.test/cogni/runner',
  source: 'a test',
  get release() {
    return mockedLock.release;
  },
}));

describe('a release of an environment with SourceCred', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-fit-'))));
  afterEach(() => {
    mockedLock.release = null;
    rmSync(folder, { recursive: true, force: true });
  });

  const sourcecred: NonNullable<EnvironmentRecord['sourcecred']> = {
    repositories: ['cogni-dao/cogni-template'],
    currency: { name: 'Cogni', suffix: 'COG' },
  };
  /** A host of 4 GiB, which is full without SourceCred; its images have digests. */
  function environment(more: Partial<EnvironmentRecord> = { sourcecred }): Environment {
    const imageLockFile = join(folder, 'images.lock.json');
    writeFileSync(imageLockFile, renderImageLock(resolvedLock()));
    const loaded = loadEnvironment('preview', [record(more)], surroundings());
    return { ...loaded, sandbox: { imageLockFile } };
  }
  const fit = (of: Environment): readonly string[] => {
    // The memory of a host is asked about outside of a sandbox alone.
    const real = { ...of, sandbox: undefined } as unknown as Environment;
    const host = { ...of.host, kind: 'existing' } as unknown as Environment['host'];
    return requireReleaseFit({ ...real, host }, runtimePropsOf(of, resolvedLock()), []);
  };

  test('is not refused because no runner was released: SourceCred is left out, which is said', () => {
    expect(requireReleaseFit(environment(), runtimePropsOf(environment(), resolvedLock()), [])).toEqual([
      'SourceCred of preview is left out: no runner of it was released yet (./cogni sourcecred release --help)',
    ]);
  });

  test('is not refused because SourceCred does not fit beside the others, which is said', () => {
    mockedLock.release = release;
    expect(fit(environment())).toEqual([
      expect.stringMatching(
        /^SourceCred of preview is left out of what must fit: with it, services may use /,
      ),
    ]);
    const less = {
      litellm: 'with-database',
      alloy: true,
      memory: { litellm: 512, sourcecred: 256 },
    } as const;
    expect(fit(environment({ sourcecred, runtime: less }))).toEqual([]);
  });

  test('is refused where the others do not fit without it', () => {
    const large = { litellm: 'with-database', alloy: true, memory: { app: 2048 } } as const;
    expect(() => fit(environment({ sourcecred, runtime: large }))).toThrow(/does not fit together/);
  });

  test('says nothing of what the environment has not', () => {
    const without = environment({});
    expect(requireReleaseFit(without, runtimePropsOf(without, resolvedLock()), [])).toEqual([]);
  });

  test('renders the same user-data before and after a runner was released: the route is a matter of the record', () => {
    const of = environment();
    const host = of.host as Parameters<typeof userDataOf>[1];
    const before = userDataOf(of, host);
    mockedLock.release = release;
    expect(userDataOf(of, host)).toBe(before);
    expect(before).not.toBe(userDataOf(environment({}), host));
  });

  test('leaves it to the command that brings SourceCred to refuse', () => {
    const refusal = (): unknown => {
      try {
        return requireSourcecred(environment());
      } catch (thrown) {
        return thrown;
      }
    };
    expect(refusal()).toBeInstanceOf(Failure);
    expect(refusal()).toMatchObject({ exitCode: ExitCode.refused });
    mockedLock.release = release;
    expect(requireSourcecred(environment())).toMatchObject({
      image: `ghcr.test/cogni/runner@${release.digest}`,
    });
  });
});
