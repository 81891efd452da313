import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exceptionsText } from '../../../cli/exceptions-text';
import { comparedProjects, exceptionsOf, maskOf, renderEnvironment } from '../../../cli/render-environment';
import { renderImageLock } from '../../../services';
import { generatedBy } from '../../../services/defaults';
import type { Environment, EnvironmentRecord } from '../../../stacks/environment';
import { loadEnvironment } from '../../../stacks/load';
import { ed25519 } from '../infra/keys';
import { archive } from '../services/archive/archive';
import { resolvedLock } from '../services/example';
import { record, surroundings } from '../stacks/example';

const mockedRelease = {
  tag: 'sc0.11.2-node18-2026-01-02',
  digest: `sha256:${'e'.repeat(64)}`,
  releasedAt: '2026-01-02T03:04:05.000Z',
  base: 'docker.io/library/node@sha256:1',
  buildBase: 'docker.io/library/node@sha256:2',
};
jest.mock('../../../services/sourcecred/runner.lock.json', () => ({
  image: 'ghcr.test/cogni/runner',
  source: 'a test',
  get release() {
    return mockedRelease;
  },
}));

describe('rendering an environment', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-render-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** An environment whose images have digests. */
  function environment(more: Partial<EnvironmentRecord> = {}): Environment {
    const imageLockFile = join(folder, 'images.lock.json');
    writeFileSync(imageLockFile, renderImageLock(resolvedLock()));
    return { ...loadEnvironment('preview', [record(more)], surroundings()), sandbox: { imageLockFile } };
  }
  const sourcecred: NonNullable<EnvironmentRecord['sourcecred']> = {
    repositories: ['cogni-dao/cogni-template'],
    currency: { name: 'Cogni', suffix: 'COG' },
  };
  const received: EnvironmentRecord['archive'] = {
    ...archive,
    receiver: {
      ...{ address: '192.0.2.7', hostKey: ed25519(7, '').trim(), key: ed25519(8, '').trim() },
      ...{ synchronous: 'while-there', patience: 30 },
    },
  };
  const paths = (more?: Partial<EnvironmentRecord>): readonly string[] =>
    renderEnvironment(environment(more)).map(({ path }) => path);

  it('gives the user-data, and each file of a project under its path on the host, sorted', () => {
    const rendered = paths();
    expect(rendered).toEqual([...rendered].sort());
    expect(rendered).toEqual(
      expect.arrayContaining([
        'user-data.yaml',
        'host/opt/cogni/edge/compose.yaml',
        'host/opt/cogni/edge/caddy/Caddyfile',
        'host/opt/cogni/runtime/compose.yaml',
        expect.stringMatching(/^host\/opt\/cogni\/runtime\/litellm\/[0-9a-f]+\/config\.yaml$/),
      ]),
    );
  });

  it('renders nothing that the mask of a comparison would take for a secret', () => {
    const given = environment({ sourcecred });
    for (const { path, content } of renderEnvironment(given)) {
      expect({ path, content: maskOf(given, [])(content) }).toEqual({ path, content });
    }
  });

  it('hides secrets under the names that its containers know, and their programs', () => {
    const mask = maskOf(environment({ archive }), []);
    expect(mask('PGBACKREST_REPO1_CIPHER_PASS: abc')).toBe(
      'PGBACKREST_REPO1_CIPHER_PASS: [secret PGBACKREST_REPO1_CIPHER_PASS]',
    );
    expect(mask('repo1-cipher-pass=abc')).toBe('repo1-cipher-pass=[secret repo1-cipher-pass]');
  });

  it('has SourceCred where the environment has it, and a route to it then', () => {
    const caddyfile = (more?: Partial<EnvironmentRecord>): string =>
      renderEnvironment(environment(more)).find(({ path }) => path.endsWith('/Caddyfile'))?.content ?? '';
    expect(paths().filter((path) => path.includes('sourcecred'))).toEqual([]);
    expect(caddyfile()).not.toContain('sourcecred');
    expect(paths({ sourcecred })).toContain('host/opt/cogni/sourcecred/compose.yaml');
    expect(caddyfile({ sourcecred })).toContain('sourcecred:6006');
  });

  it('is the same on every run', () => {
    expect(renderEnvironment(environment({ sourcecred }))).toEqual(
      renderEnvironment(environment({ sourcecred })),
    );
  });

  it.each([
    ['by itself', {}],
    ['with everything that an environment may have', { sourcecred, archive: received }],
  ])('says in each file what made it: %s', (_what, more) => {
    // Of the user-data, what made it for one host. JSON has no comments, and a seed is state from then on.
    const maker = (path: string): string =>
      path === 'user-data.yaml' ? 'by bootstrap/ of cogni-infra' : generatedBy;
    const silent = renderEnvironment(environment(more))
      .filter(({ path, seed }) => !path.endsWith('.json') && !seed)
      .filter(({ path, content }) => !content.split('\n').slice(0, 3).join('\n').includes(maker(path)))
      .map(({ path }) => path);
    expect(silent).toEqual([]);
  });

  it('holds no secret: only references to them', () => {
    const everything = renderEnvironment(environment({ sourcecred }))
      .map(({ content }) => content)
      .join('\n');
    expect(everything).toContain('${AUTH_SECRET:?');
    expect(everything).not.toMatch(/BEGIN [A-Z ]*PRIVATE KEY|ghp_|sk-[a-z0-9]{12}/);
  });

  it('knows for each project which settings its host must have, and which it may have', () => {
    const [edge, runtime, scored, ...more] = comparedProjects(environment({ sourcecred }));
    expect(edge?.state).toContain('caddy/upstream/maintenance');
    expect([runtime?.state, scored?.state]).toEqual([undefined, undefined]);
    expect(more).toEqual([]);
    expect(edge).toMatchObject({ name: 'cogni-edge', settings: { required: [] } });
    expect(runtime).toMatchObject({ name: 'cogni-runtime', folder: '/opt/cogni/runtime' });
    expect(runtime?.settings.required).toEqual(
      expect.arrayContaining(['APP_IMAGE', 'AUTH_SECRET', 'DATABASE_URL', 'POSTGRES_ROOT_PASSWORD']),
    );
    // Alloy asks with it for the application's metrics; without Alloy the application may do without it.
    expect(runtime?.settings.required).toContain('METRICS_TOKEN');
    expect(runtime?.settings.optional).not.toContain('METRICS_TOKEN');
    const [, without] = comparedProjects(environment({ runtime: { litellm: 'off', alloy: false } }));
    expect(without?.settings.required).not.toContain('METRICS_TOKEN');
    expect(without?.settings.optional).toContain('METRICS_TOKEN');
    expect(scored).toMatchObject({
      name: 'cogni-sourcecred',
      settings: { required: ['SOURCECRED_GITHUB_TOKEN'] },
    });
  });

  it('compares what is left of a project that is not rendered: nothing of it is to be there', () => {
    const [edge, runtime, scored, ...more] = comparedProjects(environment());
    expect([edge?.name, runtime?.name, more]).toEqual(['cogni-edge', 'cogni-runtime', []]);
    expect(scored).toEqual({
      ...{ name: 'cogni-sourcecred', folder: '/opt/cogni/sourcecred', files: [] },
      settings: { required: [], optional: [] },
    });
  });

  it('compares the application in the slot that the host serves from', () => {
    const composeOf = (slot?: 'a' | 'b') =>
      comparedProjects(environment(), slot)
        .find(({ name }) => name === 'cogni-runtime')
        ?.files.find(({ path }) => path === 'compose.yaml')?.content ?? '';
    expect(composeOf('b')).toMatch(/^ {2}app-b:$/m);
    expect(composeOf('b')).not.toMatch(/^ {2}app-a:$/m);
    expect(composeOf('a')).toBe(composeOf());
  });

  it('says what goes around the rules, with the reason: Alloy alone has the socket of Docker', () => {
    const { raw, allowed, foreignFiles } = exceptionsOf(environment({ sourcecred }));
    expect([raw, foreignFiles]).toEqual([[], []]);
    expect(allowed).toEqual([
      {
        path: 'cogni-runtime/services/alloy',
        power: 'engine-socket',
        reason: expect.stringContaining('from the Docker engine alone') as string,
      },
    ]);
    const without = exceptionsOf(environment({ runtime: { litellm: 'off', alloy: false } }));
    expect(exceptionsText(without)).toEqual(['nothing goes around the rules']);
  });

  it('shows each exception on a line of its own', () => {
    const path = 'shop/services/app';
    const exceptions = {
      raw: [{ path, keys: ['links', 'build/isolation'], reason: 'no property' }],
      allowed: [{ path, power: 'privileged', reason: 'needs it' } as const],
      foreignFiles: [{ path, file: '/etc/app.env', writer: 'a person' }],
    };
    expect(exceptionsText(exceptions)).toEqual([
      'what goes around the rules, and why:',
      '  shop/services/app is allowed privileged: needs it',
      "  shop/services/app has links, build/isolation in Compose's own words: no property",
      '  shop/services/app reads /etc/app.env, which a person writes',
    ]);
  });

  it('renders nothing for a host that somebody else made', () => {
    const existing = environment({ host: { kind: 'existing', name: 'old', address: '203.0.113.7' } });
    expect(() => renderEnvironment(existing)).toThrow(/has a host that exists already/);
  });

  it('compares what runs on such a host all the same, and leaves its edge to whoever made it', () => {
    const existing = environment({ host: { kind: 'existing', name: 'old', address: '203.0.113.7' } });
    const compared = comparedProjects(existing);
    expect(compared.map(({ name }) => name)).toEqual(['cogni-runtime', 'cogni-sourcecred']);
    expect(compared[0]?.files.map(({ path }) => path)).toContain('compose.yaml');
  });
});
