import type { CommanderError } from 'commander';
import { asksForJson, usageFailure } from '../../../cli/output-options';
import { cogniProgram } from '../../../cli/program';

describe('a command line that cannot be read', () => {
  beforeEach(() => void jest.spyOn(process.stderr, 'write').mockReturnValue(true));
  afterEach(() => jest.restoreAllMocks());

  const failureOf = async (...argv: string[]) => {
    const thrown: unknown = await cogniProgram()
      .parseAsync(argv, { from: 'user' })
      .catch((cause: unknown) => cause);
    return usageFailure(thrown as CommanderError, argv);
  };

  it('lacks a command where none is named, and says where they are listed', async () => {
    const [none, group] = [await failureOf('--json'), await failureOf('sandbox', '--json')];
    expect(none).toMatchObject({ what: 'a command is missing after "./cogni"', next: './cogni --help' });
    expect(group).toMatchObject({
      what: 'a command is missing after "./cogni sandbox"',
      next: './cogni sandbox --help',
      state: 'nothing was changed',
      exitCode: 2,
    });
  });

  it('is told in the words of the parser otherwise', async () => {
    expect((await failureOf('sandbox', 'upp', '--json')).what).toMatch(/unknown command 'upp'/);
  });

  it('asks for --json only before what is for another program', () => {
    expect(asksForJson(['sandbox', 'status', '--json'])).toBe(true);
    expect(asksForJson(['exec', 'preview', 'app', '--', 'x', '--json'])).toBe(false);
  });
});
