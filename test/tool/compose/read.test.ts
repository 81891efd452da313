import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderCanonically } from '../../../compose/read/canonical';
import { readProject } from '../../../compose/read/read-project';
import { compose } from '../services/compose-program';
import { copyOf, corpusCases, filesOf } from './corpus';

describe('existing compose files, read and written again', () => {
  const folders: string[] = [];
  afterAll(() => folders.forEach((folder) => rmSync(dirname(folder), { recursive: true, force: true })));

  it.each(corpusCases)('mean the same to Docker Compose: $name', async (each) => {
    const folder = copyOf(each);
    folders.push(folder);
    const config = async (...files: readonly string[]): Promise<string> => {
      const named = files.flatMap((file) => ['--file', file]);
      const profiles = each.profiles.flatMap((profile) => ['--profile', profile]);
      const { code, stdout, stderr } = await compose(folder, ...named, ...profiles, 'config');
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
      return stdout;
    };

    const project = readProject(each.files, filesOf(folder));
    expect(project.faults).toEqual([]);
    const written = renderCanonically(project);
    if ('faults' in written) throw new Error(JSON.stringify(written.faults, undefined, 2));
    writeFileSync(join(folder, 'written.yaml'), written.text);
    expect(await config('written.yaml')).toBe(await config(...each.files));

    const again = renderCanonically(readProject(['written.yaml'], filesOf(folder)));
    expect(again).toEqual(written);
  });
});
