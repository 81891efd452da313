import {
  databaseBuild,
  databaseImageChanged,
  databaseRepository,
  releaseDatabaseImage,
} from '../../../cli/database-image';
import { ExitCode, Failure } from '../../../foundation/failure';
import { renderImageLock, type ImageLock } from '../../../services';
import { environments } from '../../../stacks/environments';
import type { Repository } from '../../../workflows';
import { fakeClock } from '../deploy/fake-clock';
import { fakeTransport } from '../deploy/fake-transport';
import { digest, resolvedLock } from '../services/example';

const clock = fakeClock('2026-11-23T08:00:00.000Z');
const tag = '15-pgbackrest2.45-20261123';

function refusalOf(action: () => unknown): Failure {
  try {
    action();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
  }
  throw new Error('it did not fail');
}

describe('the repository of the image of the database', () => {
  it('lies beside the images of the application that serves', () => {
    const [preview, production] = environments;
    const records = [
      { ...preview!, imageRepository: 'ghcr.test/trials/app' },
      { ...production!, imageRepository: 'ghcr.test/team/app' },
    ];
    expect(databaseRepository(records)).toBe('ghcr.test/team/postgres-pgbackrest');
    expect(databaseRepository(records.slice(0, 1))).toBe('ghcr.test/trials/postgres-pgbackrest');
    expect(databaseBuild(undefined, resolvedLock(), clock).repository).toBe(databaseRepository());
  });
});

describe('the build of the image of the database', () => {
  it('stands on the official image that the lock pins, by its digest, and has the tag of the day', () => {
    expect(databaseBuild(undefined, resolvedLock(), clock)).toMatchObject({
      tag,
      base: `docker.io/library/postgres@${digest('b')}`,
      postgres: '15',
      pgbackrest: '2.45',
      again: `./cogni images release --tag ${tag}`,
    });
  });

  it('has a tag that is given, where it is true', () => {
    expect(databaseBuild(`${tag}.2`, resolvedLock(), clock).tag).toBe(`${tag}.2`);
    const refusal = refusalOf(() => databaseBuild('16-pgbackrest2.45-20261123', resolvedLock(), clock));
    expect(refusal).toMatchObject({
      exitCode: ExitCode.usage,
      faults: ['it names PostgreSQL 16, and services/images.lock.json has 15'],
      next: `./cogni images release --tag ${tag}`,
    });
  });

  it('is refused while the official image has no digest, and names the command that looks it up', () => {
    const { postgres, ...others } = resolvedLock();
    const unresolved = { ...others, postgres: { ...postgres, digest: null, resolvedAt: null } };
    const refusal = refusalOf(() => databaseBuild(undefined, unresolved, clock));
    expect(refusal.exitCode).toBe(ExitCode.refused);
    expect(refusal.next).toMatch(/^\.\/cogni images lock /);
  });
});

describe('a release of the image of the database', () => {
  it('gives the digest, and says where it goes and what that does', async () => {
    const transport = fakeTransport([
      ['.Config.Entrypoint', { stdout: '["docker-entrypoint.sh"] ["postgres"]\n' }],
      ['.RepoDigests', { stdout: `${databaseRepository()}@${digest('e')}\n` }],
    ]);
    const build = databaseBuild(undefined, resolvedLock(), clock);
    const { released, text } = await releaseDatabaseImage(build, { transport });
    const image = `${databaseRepository()}@${digest('e')}`;
    expect(released).toEqual({ tag, image });
    expect(text).toContain(`archive.image: '${image}'`);
    expect(text).toMatch(
      /\.\/cogni deploy <env> --image-tag <tag>[\s\S]*restarts the database once[\s\S]*--restart-database/,
    );
  });
});

describe('whether what the image of the database is made of has changed', () => {
  const changed = (
    paths: readonly string[],
    locks: readonly (string | undefined)[] = [],
  ): Promise<boolean> => {
    const repository: Repository = {
      commitOf: (name) => Promise.resolve(name === 'HEAD' ? 'after' : 'before'),
      change: (base, head) => Promise.resolve({ base, head, paths, trailers: [] }),
      fileOf: (commit) => Promise.resolve(commit === 'before' ? locks[0] : locks[1]),
    };
    return databaseImageChanged('1'.repeat(40), repository);
  };
  const lock = (change: Partial<ImageLock> = {}): string => renderImageLock({ ...resolvedLock(), ...change });
  const { caddy, postgres } = resolvedLock();
  const lockFile = 'services/images.lock.json';

  it('is so where a file of its folder has, and not where one beside it has', async () => {
    expect(await changed(['services/database/image/Dockerfile'])).toBe(true);
    expect(await changed(['services/database/image-version.ts', 'docs/backup.md'])).toBe(false);
  });

  it('is so where the lock pins another official image, and not where only other images or dates are others', async () => {
    const other = { ...postgres, digest: digest('9') };
    expect(await changed([lockFile], [lock(), lock({ postgres: other })])).toBe(true);
    const dated = { ...postgres, resolvedAt: '2026-11-23T00:00:00.000Z' };
    expect(await changed([lockFile], [lock(), lock({ postgres: dated })])).toBe(false);
    expect(await changed([lockFile], [lock(), lock({ caddy: { ...caddy, digest: digest('9') } })])).toBe(
      false,
    );
  });

  it('is so where nothing was there before that could be compared', async () => {
    expect(await changed([lockFile], [undefined, lock()])).toBe(true);
    expect(await changed([lockFile], ['{"caddy":{}}', lock()])).toBe(true);
    expect(await databaseImageChanged('0'.repeat(40), {} as Repository)).toBe(true);
  });
});
