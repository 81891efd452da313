import { cogniProgram } from '../../../cli/program';
import { cancelledBySignals } from '../../../cli/cancel';
import { silent, untilAborted } from '../../../foundation/progress';

let connecting: { readonly signal?: AbortSignal } | undefined;
jest.mock(
  '../../../cli/on-host.js',
  () => ({
    onHost: (_name: string, _use: unknown, options?: typeof connecting) => {
      connecting = options;
      return Promise.resolve([]);
    },
  }),
  { virtual: true },
);
jest.mock('../../../cli/known-secrets.js', () => ({ withoutKnownSecrets: () => String }), { virtual: true });
jest.mock('../../../deploy/logs.js', () => ({}), { virtual: true });
jest.mock('../../../cli/cancel.js', () => jest.requireActual<object>('../../../cli/cancel'), {
  virtual: true,
});

describe('a command that is cancelled', () => {
  let said = '';
  beforeEach(() => {
    said = '';
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((said += String(text)), true));
  });
  afterEach(() => jest.restoreAllMocks());
  const listeners = (): number[] => [process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')];

  it('can be cancelled while it connects to a host, as ./cogni logs', async () => {
    await cogniProgram().parseAsync(['logs', 'preview'], { from: 'user' });
    expect(connecting?.signal).toBe(cancelledBySignals());
  });

  it('ends in order at the first signal, and is left to the next one, whichever of the two it is', () => {
    const signal = cancelledBySignals();
    const [interrupts = 0, terminations = 0] = listeners();
    process.emit('SIGINT', 'SIGINT');
    expect((signal.reason as Error).message).toContain('cancelled by SIGINT');
    expect(listeners()).toEqual([interrupts - 1, terminations - 1]);
    expect(said).toContain('once more ends at once');
  });

  it('begins no other step', async () => {
    const controller = new AbortController();
    const progress = untilAborted(controller.signal, silent);
    expect(await progress.step('one', () => Promise.resolve(1))).toBe(1);
    controller.abort(new Error('enough'));
    let begun = false;
    const next = progress.step('two', () => Promise.resolve((begun = true)));
    await expect(next).rejects.toThrow('enough');
    expect(begun).toBe(false);
  });
});
