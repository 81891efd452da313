import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exceptionsText } from '../../../cli/exceptions-text';
import { exceptionsOf, renderEnvironment } from '../../../cli/render-environment';
import { diffEnvironment, renderTo, requireFitting } from '../../../cli/render-flow';
import { ExitCode, Failure } from '../../../foundation/failure';
import { renderImageLock } from '../../../services';
import type { Environment, EnvironmentRecord } from '../../../stacks/environment';
import { loadEnvironment } from '../../../stacks/load';
import { resolvedLock } from '../services/example';
import { record, surroundings } from '../stacks/example';

/** What this machine knows of the environment, in place of the checkout's records and files. */
const mockHere: { environment: Environment | undefined; folder: string } = {
  environment: undefined,
  folder: '',
};
jest.mock('../../../stacks/here', () => ({
  ...jest.requireActual<object>('../../../stacks/here'),
  findEnvironment: () => mockHere.environment,
  environmentFolder: () => mockHere.folder,
  settingsFile: () => `${mockHere.folder}/settings.env`,
}));
jest.mock('../../../services/sourcecred/runner.lock.json', () => ({
  image: 'ghcr.test/cogni/runner',
  source: 'a test',
  release: null,
}));

describe('the options of "cogni render"', () => {
  it.each([
    {},
    { out: 'there' },
    { diff: true },
    { diff: true, exitCode: true },
    { diff: true, against: 'there', exitCode: true },
  ])('may be %j', (given) => {
    expect(() => requireFitting(given)).not.toThrow();
  });

  it('are refused with every one that does not belong to the others', () => {
    expect.assertions(5);
    try {
      requireFitting({ against: 'there', exitCode: true });
    } catch (refused) {
      const { faults, exitCode } = refused as Failure;
      expect(refused).toBeInstanceOf(Failure);
      expect(faults).toEqual(['--against is for --diff', '--exit-code is for --diff']);
      expect(exitCode).toBe(ExitCode.usage);
    }
    expect(() => requireFitting({ diff: true, out: 'there' })).toThrow('--diff writes nothing');
    expect(() => requireFitting({ diff: true, out: 'there' })).toThrow(Failure);
  });
});

describe('a render and what is compared with it', () => {
  let folder: string;
  let out: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-render-flow-'));
    out = join(folder, 'out');
    mockHere.folder = folder;
    has({});
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Has the environment be of this record from now on. */
  function has(more: Partial<EnvironmentRecord>): Environment {
    const imageLockFile = join(folder, 'images.lock.json');
    writeFileSync(imageLockFile, renderImageLock(resolvedLock()));
    const loaded = loadEnvironment('preview', [record(more)], surroundings());
    return (mockHere.environment = { ...loaded, sandbox: { imageLockFile } });
  }
  const without = (...services: readonly ('litellm' | 'alloy')[]): Environment =>
    has({
      runtime: {
        litellm: services.includes('litellm') ? 'off' : 'with-database',
        alloy: !services.includes('alloy'),
      },
    });
  const pathIn = (environment: Environment | undefined, end: string): string => {
    const found = renderEnvironment(environment!).find(({ path }) => path.endsWith(end));
    if (found === undefined) throw new Error(`nothing that is rendered ends with ${end}`);
    return found.path;
  };
  const compose = 'host/opt/cogni/runtime/compose.yaml';

  it('writes the files, and prints each with its hash and size, and what goes around the rules', async () => {
    const { result, text } = await renderTo('preview', out);
    const expected = renderEnvironment(mockHere.environment!);
    const lines = expected.map(({ path }) => {
      const written = readFileSync(join(out, path));
      const hash = createHash('sha256').update(written).digest('hex').slice(0, 12);
      return `${hash}  ${String(written.length).padStart(6)}  ${path}`;
    });
    const exceptions = exceptionsOf(mockHere.environment!);
    expect(expected.length).toBeGreaterThan(5);
    expect(text.split('\n')).toEqual([...lines, ...exceptionsText(exceptions)]);
    expect(text).toContain('what goes around the rules, and why:\n  cogni-runtime/services/alloy is allowed');
    expect(result.exceptions).toEqual(exceptions);
    expect(result.files.map(({ path }) => path)).toEqual(expected.map(({ path }) => path));
  });

  it('says what an earlier render left that it removed, and what it left alone since somebody changed it', async () => {
    const changed = pathIn(mockHere.environment, '/config.alloy');
    const removed = pathIn(mockHere.environment, '/config.yaml');
    await renderTo('preview', out);
    appendFileSync(join(out, changed), '// by hand\n');
    without('litellm', 'alloy');
    const { text } = await renderTo('preview', out);
    expect(text).toContain(`\nremoved, rendered no longer: ${removed}\n`);
    expect(text).toContain(
      `\nleft alone, though rendered no longer: ${changed} was changed by somebody, or is behind a link\n`,
    );
    expect(text).not.toContain(`removed, rendered no longer: ${changed}`);
  });

  it('says at its end that SourceCred is left out while no runner was released', async () => {
    has({ sourcecred: { repositories: ['a/b'], currency: { name: 'Cogni', suffix: 'COG' } } });
    const { text } = await renderTo('preview', out);
    expect(text.split('\n').at(-1)).toMatch(/^SourceCred of preview is left out: no runner/);
  });

  it('is the same as the folder that it was written into', async () => {
    await renderTo('preview', out);
    expect(await diffEnvironment('preview', out)).toEqual({
      result: { same: true, differences: [] },
      text: `preview is rendered just as ${out} holds it`,
    });
  });

  it('tells each file of the folder that was changed, with its lines, is gone, or has another mode', async () => {
    await renderTo('preview', out);
    const [caddyfile, alloy] = ['/Caddyfile', '/config.alloy'].map((end) =>
      pathIn(mockHere.environment, end),
    );
    appendFileSync(join(out, compose), '# by hand\n');
    // First content alone on a host; of two renders it is a file like any other.
    const seed = pathIn(mockHere.environment, '/upstream/active');
    appendFileSync(join(out, seed), 'x\n');
    chmodSync(join(out, caddyfile!), 0o600);
    rmSync(join(out, alloy!));
    rmSync(join(out, 'user-data.yaml'));
    mkdirSync(join(out, 'user-data.yaml'));
    const { result, text } = await diffEnvironment('preview', out);
    expect(result.same).toBe(false);
    expect(result.differences.map(({ of, at, what }) => [of, at, what])).toEqual([
      ['file', join(out, caddyfile!), 'mode 0600 there, 0644 rendered'],
      ['file', join(out, seed), 'differs'],
      ['file', join(out, alloy!), 'is rendered, and is not there'],
      ['file', join(out, compose), 'differs'],
      ['file', join(out, 'user-data.yaml'), 'is rendered, and is not there'],
    ]);
    expect(text).toContain(
      `${join(out, compose)}: differs\n--- ${join(out, compose)}\n+++ rendered/${compose}\n`,
    );
    expect(text).toMatch(/\n-# by hand\n/);
    expect(text).toMatch(/\n5 differences$/);
  });

  it('tells what the folder has and is rendered no longer, but not what no render wrote', async () => {
    await renderTo('preview', out);
    writeFileSync(join(out, 'notes.txt'), 'mine\n');
    const gone = pathIn(mockHere.environment, '/config.alloy');
    without('alloy');
    const { result } = await diffEnvironment('preview', out);
    const told = new Map(result.differences.map(({ at, what }) => [at, what]));
    expect(told.get(join(out, gone))).toBe('is there, and is not rendered');
    expect(told.get(join(out, compose))).toBe('differs');
    expect([...told.keys()]).not.toContain(join(out, 'notes.txt'));
  });

  it('shows no secret of the environment that somebody wrote into the folder', async () => {
    writeFileSync(join(folder, 'settings.env'), 'AUTH_SECRET=s3cr3t-of-this-very-test\n');
    await renderTo('preview', out);
    appendFileSync(join(out, compose), '# s3cr3t-of-this-very-test\n');
    const shown = JSON.stringify(await diffEnvironment('preview', out));
    expect(shown).toContain('-# [secret');
    expect(shown).not.toContain('s3cr3t-of-this-very-test');
  });

  it('is refused beside a folder that no render wrote', async () => {
    const refused = diffEnvironment('preview', folder);
    await expect(refused).rejects.toThrow(`${folder} holds no render: there is no manifest.json`);
    await expect(refused).rejects.toMatchObject({ name: 'Failure', exitCode: ExitCode.usage });
  });
});
