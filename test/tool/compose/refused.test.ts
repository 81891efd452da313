import { rmSync } from 'node:fs';
import { reportOnFiles } from '../../../compose/read/read-report';
import {
  projectWith,
  refusedByCompose,
  refusedByEngine,
  takenByCompose,
} from '../../unit/compose/refused-by-compose';
import { compose, writeFiles } from '../services/compose-program';

describe('a project that Docker Compose refuses', () => {
  const folders: string[] = [];
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

  const config = (text: string): ReturnType<typeof compose> => {
    const folder = writeFiles([
      { path: 'compose.yaml', content: text },
      { path: 'f', content: '' },
    ]);
    folders.push(folder);
    return compose(folder, 'config', '--quiet');
  };

  it.each(refusedByCompose)('is refused here too: $title', async ({ text, code }) => {
    expect(await config(text)).not.toMatchObject({ code: 0 });
    expect(brokenBy(text)).toContain(code);
  });

  it.each([...takenByCompose, ...refusedByEngine])('is not one with %s', async (entry) => {
    expect(await config(projectWith(entry))).toMatchObject({ code: 0 });
  });

  it('is refused for the one thing that its title says: without it nothing is wrong', async () => {
    const sound = refusedByCompose[0]?.text.replace('banana', '5s') ?? '';
    expect(await config(sound)).toMatchObject({ code: 0 });
    expect(brokenBy(sound)).toEqual([]);
  });
});

/** Codes of the rules that a file breaks. */
const brokenBy = (text: string): readonly string[] => {
  const { faults, breaches } = reportOnFiles(['compose.yaml'], (path) =>
    path === 'compose.yaml' ? text : undefined,
  ).report;
  return [...faults, ...breaches].map(({ code }) => code);
};
