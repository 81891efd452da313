import { Failure } from '../../../foundation/failure';

describe('a failure', () => {
  it('says what failed, every fault, the output, the state left and what to run next, in that order', () => {
    const failure = new Failure({
      what: 'settings of preview are incomplete',
      faults: ['APP_DB_PASSWORD is missing', 'DOMAIN is empty'],
      output: 'first\nsecond\n',
      state: 'the host was not touched',
      next: './cogni settings check preview',
    });
    expect(failure.message).toBe(
      [
        'settings of preview are incomplete',
        '  - APP_DB_PASSWORD is missing',
        '  - DOMAIN is empty',
        '  | first',
        '  | second',
        'state: the host was not touched',
        'next:  ./cogni settings check preview',
      ].join('\n'),
    );
    expect(failure.exitCode).toBe(1);
  });
});
