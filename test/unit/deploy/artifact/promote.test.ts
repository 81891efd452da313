import { approveArtifact, promoteArtifact, type ArtifactProps } from '../../../../deploy/artifact/promote';
import { ExitCode } from '../../../../foundation/failure';
import { Secret } from '../../../../foundation/secret';
import { failureOf } from '../../../failure-of';
import { fakeClock } from '../fake-clock';
import { digestOf, registryDouble, type RegistryDouble } from './registry-double';

const tested = 'a'.repeat(40);
const merged = 'b'.repeat(40);
const tree = 'c'.repeat(40);

const props = (change: Partial<ArtifactProps> = {}): ArtifactProps => ({
  repository: 'ghcr.test/cogni/app',
  prefix: 'prod',
  commit: merged,
  tree,
  login: { username: 'ada', password: Secret.of('REGISTRY_TOKEN', 'p1anted') },
  ...change,
});

let registry: RegistryDouble;
beforeEach(() => (registry = registryDouble()));

const adapters = () => ({ https: registry.https, clock: fakeClock() });
const meant = (tag: string): string | undefined => {
  const manifest = registry.manifests.get(tag);
  return manifest === undefined ? undefined : digestOf(manifest);
};

describe('promoting the images of a commit', () => {
  const haveTested = () => ({
    app: registry.image(`tested-${tree}`, tested),
    migrator: registry.image(`tested-${tree}-migrate`, tested),
  });

  it('gives those that were tested for the same tree the tag of the commit, by the same digests', async () => {
    const digests = haveTested();
    expect(await promoteArtifact(props(), adapters())).toEqual({
      tag: `prod-${merged}`,
      there: true,
      because: `they were tested for the same tree of files (${tree})`,
      digests,
      builtFrom: tested,
    });
    expect(meant(`prod-${merged}`)).toBe(digests.app);
    expect(meant(`prod-${merged}-migrate`)).toBe(digests.migrator);
  });

  it('gives the migrator its tag first: where the tag of the application is, the pair is whole', async () => {
    haveTested();
    await promoteArtifact(props(), adapters());
    expect(registry.written).toEqual([`PUT prod-${merged}-migrate`, `PUT prod-${merged}`]);
  });

  it('asks the registry for the right to write', async () => {
    haveTested();
    await promoteArtifact(props(), adapters());
    expect(registry.scopes[0]).toBe('repository:cogni/app:pull,push');
  });

  it('changes nothing the second time', async () => {
    haveTested();
    await promoteArtifact(props(), adapters());
    const before = registry.written.length;
    expect((await promoteArtifact(props(), adapters())).there).toBe(true);
    expect(registry.written).toHaveLength(before);
  });

  it('says that there are none, and writes nothing, where the tree of the merge is another one', async () => {
    haveTested();
    const other = 'd'.repeat(40);
    expect(await promoteArtifact(props({ tree: other }), adapters())).toEqual({
      tag: `prod-${merged}`,
      there: false,
      because: `no images were tested for its tree of files (${other})`,
    });
    expect(registry.written).toEqual([]);
  });

  it('takes what an earlier run has pushed for this commit: nothing is built twice', async () => {
    registry.image(`prod-${merged}`, merged);
    registry.image(`prod-${merged}-migrate`, merged);
    expect(await promoteArtifact(props(), adapters())).toMatchObject({
      there: true,
      because: 'an earlier run has given them this tag',
      builtFrom: merged,
    });
  });

  it('leaves a commit what was built for it, where the test of the same tree ends only after that', async () => {
    const app = registry.image(`prod-${merged}`, merged);
    const migrator = registry.image(`prod-${merged}-migrate`, merged);
    haveTested();
    for (const run of ['the last step of the build', 'a rerun']) {
      expect([run, await promoteArtifact(props({ version: '1.4.0' }), adapters())]).toEqual([
        run,
        expect.objectContaining({ there: true, digests: { app, migrator }, builtFrom: merged }),
      ]);
    }
    expect([meant('prod-v1.4.0'), meant('prod-v1.4.0-migrate')]).toEqual([app, migrator]);
    expect(registry.written).toEqual(['PUT prod-v1.4.0-migrate', 'PUT prod-v1.4.0']);
  });

  it('completes what a promotion that was cut off has left, and takes half a pair without a test for none', async () => {
    const { app, migrator } = haveTested();
    const half = registry.manifests.get(`tested-${tree}-migrate`) ?? '';
    registry.manifests.set(`prod-${merged}-migrate`, half);
    expect((await promoteArtifact(props(), adapters())).digests).toEqual({ app, migrator });
    expect(registry.written).toEqual([`PUT prod-${merged}`]);

    const other = props({ commit: 'f'.repeat(40), tree: 'e'.repeat(40) });
    registry.manifests.set(`prod-${other.commit}`, half);
    const failure = await failureOf(promoteArtifact(other, adapters()));
    expect(failure.what).toBe(`of the two images of one build, the registry has only prod-${other.commit}`);
  });

  it('is refused, and changes neither tag, when one of them means another image', async () => {
    haveTested();
    const other = registry.image(`prod-${merged}`, merged);
    const failure = await failureOf(promoteArtifact(props(), adapters()));
    expect(failure.exitCode).toBe(ExitCode.refused);
    expect(failure.faults).toEqual([expect.stringContaining(`prod-${merged} means ${other}`)]);
    expect(registry.written).toEqual([]);
  });

  it('gives the version as a tag too, which means one build for ever', async () => {
    const { app } = haveTested();
    await promoteArtifact(props({ version: '1.4.0' }), adapters());
    expect(meant('prod-v1.4.0')).toBe(app);

    const next = 'e'.repeat(40);
    registry.image(`tested-${next}`, tested);
    registry.image(`tested-${next}-migrate`, tested);
    const failure = await failureOf(
      promoteArtifact(props({ version: '1.4.0', tree: next, commit: 'f'.repeat(40) }), adapters()),
    );
    expect(failure.faults.join('\n')).toContain('prod-v1.4.0 means');
    expect(meant('prod-v1.4.0')).toBe(app);
  });

  it('does not take half a pair for tested', async () => {
    registry.image(`tested-${tree}`, tested);
    const failure = await failureOf(promoteArtifact(props(), adapters()));
    expect(failure.what).toContain(`has only tested-${tree}`);
  });

  it('says which of the two has its tag when the registry fails in between', async () => {
    haveTested();
    registry.before = (method, reference) =>
      method === 'PUT' && reference === `prod-${merged}` ? 500 : undefined;
    const failure = await failureOf(promoteArtifact(props(), adapters()));
    expect(failure.state).toBe('the migrator has its tag, the application has not');
    registry.before = () => undefined;
    expect((await promoteArtifact(props(), adapters())).there).toBe(true);
  });

  it('names the account and the variable when it may not write, and not the token', async () => {
    haveTested();
    registry.before = (method) => (method === 'PUT' ? 403 : undefined);
    const failure = await failureOf(promoteArtifact(props(), adapters()));
    expect(failure.message).toContain(
      'refuses the login of ada (403): is REGISTRY_TOKEN still valid, and may it write to',
    );
    expect(failure.message).not.toContain('p1anted');
  });

  it('believes the registry, not its answer to the write', async () => {
    haveTested();
    let wrote = false;
    registry.before = (method, reference) => {
      if (method === 'PUT') wrote = true;
      return wrote && method === 'GET' && reference === `prod-${merged}-migrate` ? 404 : undefined;
    };
    const failure = await failureOf(promoteArtifact(props(), adapters()));
    expect(failure.what).toContain('the registry says that it means nothing');
  });
});

describe('marking the images of a commit as tested', () => {
  const preview = () => props({ prefix: 'preview', commit: tested });

  it('gives both the tag of the tree', async () => {
    const app = registry.image(`preview-${tested}`, tested);
    const migrator = registry.image(`preview-${tested}-migrate`, tested);
    expect(await approveArtifact(preview(), adapters())).toEqual({
      tag: `preview-${tested}`,
      tested: `tested-${tree}`,
      digests: { app, migrator },
    });
    expect([meant(`tested-${tree}`), meant(`tested-${tree}-migrate`)]).toEqual([app, migrator]);
  });

  it('fails where there are none', async () => {
    const failure = await failureOf(approveArtifact(preview(), adapters()));
    expect(failure.what).toContain(`preview-${tested}-migrate that could be marked as tested`);
  });

  it('is refused where others were marked for this tree', async () => {
    registry.image(`preview-${tested}`, tested);
    registry.image(`preview-${tested}-migrate`, tested);
    registry.image(`tested-${tree}`, merged);
    registry.image(`tested-${tree}-migrate`, merged);
    expect((await failureOf(approveArtifact(preview(), adapters()))).exitCode).toBe(ExitCode.refused);
  });
});
