import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { renderCanonically } from '../../../compose/read/canonical';
import { readProject } from '../../../compose/read/read-project';
import { fuzzCases, fuzzSeed } from '../../fuzz/cases';
import { mergeableFiles } from '../../fuzz/mergeable-files';
import { compose } from '../../tool/services/compose-program';

const cases = fuzzCases(200);
const seed = fuzzSeed(Math.random);

describe(`two compose files made at random, one over the other, ${cases} times from the seed ${seed}`, () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-random-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const config = async (...files: readonly string[]): Promise<string> => {
    const named = files.flatMap((file) => ['--file', file]);
    const { code, stdout, stderr } = await compose(
      folder,
      ...['--project-name', 'random', ...named, '--profile', '*', 'config'],
    );
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    return stdout;
  };

  it('mean to Docker Compose what they mean once they are read and written as one', async () => {
    const property = fc.asyncProperty(mergeableFiles, async ([below, above]) => {
      const texts: Readonly<Record<string, string>> = { 'below.yaml': below, 'above.yaml': above };
      const project = readProject(Object.keys(texts), (path) => texts[path]);
      expect(project.faults).toEqual([]);
      const written = renderCanonically(project);
      if ('faults' in written) throw new Error(JSON.stringify(written.faults, undefined, 2));
      for (const [file, text] of [...Object.entries(texts), ['written.yaml', written.text] as const])
        writeFileSync(join(folder, file), text);
      expect(await config('written.yaml')).toBe(await config('below.yaml', 'above.yaml'));
    });
    await fc.assert(property, { numRuns: cases, seed, endOnFailure: true });
  }, 3_600_000);
});
