import type * as fs from 'node:fs';
import { readSource, settingsSource } from '../../../cli/settings-source';

/** What is on standard input until somebody reads it: a pipe is empty from then on. */
let waiting = 'APP_DB_USER=of_the_pipe\n';

jest.mock('node:fs', () => {
  const actual = jest.requireActual<typeof fs>('node:fs');
  const takeAll = (): Buffer => {
    const all = Buffer.from(waiting);
    waiting = '';
    return all;
  };
  return {
    ...actual,
    readFileSync: (file: fs.PathOrFileDescriptor, options?: BufferEncoding): string | Buffer =>
      file === 0 ? takeAll() : actual.readFileSync(file, options),
  };
});

describe('settings on standard input', () => {
  it('are there for every part of a command that asks for them', () => {
    expect(settingsSource('preview', '-')['APP_DB_USER']).toBe('of_the_pipe');
    expect(readSource('preview', '-').file).toMatchObject({
      where: 'standard input',
      values: { APP_DB_USER: 'of_the_pipe' },
    });
  });
});
