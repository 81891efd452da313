import { cogniProgram } from '../../../cli/program';
import { resolvedLock } from '../services/example';

const written: string[] = [];

// What a command needs it loads as compiled; here that is the source, on a registry and a file that are played.
jest.mock(
  '../../../services/index.js',
  () => ({
    ...jest.requireActual<object>('../../../services'),
    committedImageLock: resolvedLock,
    resolveImages: () => Promise.resolve(resolvedLock()),
  }),
  { virtual: true },
);
jest.mock(
  '../../../foundation/files.js',
  () => ({ writeAtomically: (path: string) => void written.push(path) }),
  { virtual: true },
);
jest.mock('../../../cli/lock-images.js', () => jest.requireActual<object>('../../../cli/lock-images'), {
  virtual: true,
});
jest.mock('../../../cli/output.js', () => jest.requireActual<object>('../../../cli/output'), {
  virtual: true,
});

describe('./cogni images lock', () => {
  let printed: string;
  beforeEach(() => {
    printed = '';
    written.length = 0;
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed += String(text);
      return true;
    });
  });
  afterEach(() => jest.restoreAllMocks());

  it('writes the lock', async () => {
    await cogniProgram().parseAsync(['images', 'lock'], { from: 'user' });
    expect(written).toEqual([expect.stringMatching(/\/services\/images\.lock\.json$/)]);
    expect(printed).toContain('wrote services/images.lock.json');
  });

  it('writes nothing with --dry-run, and says so', async () => {
    await cogniProgram().parseAsync(['images', 'lock', '--dry-run'], { from: 'user' });
    expect(written).toEqual([]);
    expect(printed).toContain('nothing was written');
  });
});
