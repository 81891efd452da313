import type { runTests, TierResult } from '../../../scripts/run-tests';
import type { Progress } from '../../../foundation/progress';
import { cogniProgram } from '../../../cli/program';

type Props = Parameters<typeof runTests>[0];

/** What stands in the place of the tiers; what the command needs beside it is there already. */
let tiers: (props: Props) => Promise<TierResult[]>;
jest.mock(
  '../../../scripts/run-tests.js',
  () => ({
    ...jest.requireActual<object>('../../../scripts/run-tests'),
    runTests: (props: Props) => tiers(props),
  }),
  { virtual: true },
);
jest.mock(
  '../../../sandbox/prepare.js',
  () => ({
    prepareForTests: (progress: Progress) => progress.step('pack', () => Promise.resolve({})),
    releaseAfterTests: () => Promise.resolve(),
  }),
  { virtual: true },
);
for (const name of ['cli/output', 'cli/cancel', 'foundation/progress'])
  jest.mock(`../../../${name}.js`, () => jest.requireActual<object>(`../../../${name}`), {
    virtual: true,
  });

const passed: TierResult = {
  tier: 'unit',
  passed: 2,
  failed: 0,
  skipped: 0,
  milliseconds: 1,
  remarks: [],
};

describe('./cogni test', () => {
  let before: typeof process.exitCode;
  beforeEach(() => {
    before = process.exitCode;
    process.exitCode = undefined;
    jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterEach(() => {
    process.exitCode = before;
    jest.restoreAllMocks();
  });
  const test = (...words: string[]): Promise<unknown> =>
    cogniProgram().parseAsync(['test', ...words], { from: 'user' });

  it('is a failed command until its tests have passed, however it ends before', async () => {
    let underWay: unknown;
    tiers = () => {
      underWay = process.exitCode;
      return Promise.resolve([passed]);
    };
    await test('unit');
    expect([underWay, process.exitCode]).toEqual([1, 0]);
  });

  it('prints one document with --json', async () => {
    let document = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((document += String(text)), true));
    tiers = ({ print }) => {
      print('what jest says');
      return Promise.resolve([passed]);
    };
    await test('--json');
    expect(JSON.parse(document)).toEqual({ tiers: [passed] });
  });

  it('begins no other step of what its tiers stand on once it is cancelled', async () => {
    tiers = async ({ prepare, signal }) => {
      expect(signal?.aborted).toBe(false);
      process.emit('SIGTERM', 'SIGTERM');
      await prepare();
      return [passed];
    };
    await expect(test()).rejects.toThrow('cancelled by SIGTERM');
  });

  it('fails where one of them failed', async () => {
    tiers = () => Promise.resolve([passed, { ...passed, failed: 1 }]);
    await test();
    expect(process.exitCode).toBe(1);
  });

  it('runs nothing where --path is no regular expression', async () => {
    let begun = false;
    tiers = () => {
      begun = true;
      return Promise.resolve([passed]);
    };
    await expect(test('--path', '(')).rejects.toThrow(/--path.*'\(' is invalid.*Unterminated group/s);
    expect(begun).toBe(false);
  });
});
