import { statusText, type ReceiverStatus } from '../../../cli/receiver';

const status = (receiving: ReceiverStatus['receiving']): string =>
  statusText({
    environment: 'production',
    at: 'deploy@192.0.2.7',
    receiving,
    database: undefined,
    well: false,
    alarms: [],
  });

describe('the status of a receiver', () => {
  it.each(['tries', 'stopped', 'missing'] as const)('names the next command where it is "%s"', (state) => {
    expect(status({ state, why: 'Host key verification failed.' } as ReceiverStatus['receiving'])).toContain(
      'next: ./cogni receiver up production',
    );
  });

  it('names none where it fetches the log', () => {
    expect(status({ state: 'fetches' } as ReceiverStatus['receiving'])).not.toContain('next:');
  });
});
