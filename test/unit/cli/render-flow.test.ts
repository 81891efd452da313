import { ExitCode, Failure } from '../../../foundation/failure';
import { requireFitting } from '../../../cli/render-flow';

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
