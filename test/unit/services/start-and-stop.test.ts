import { everyService } from './everything';

/**
 * Whether it is started again, how it is asked to stop, and how long it has for that. Too short a time breaks streams of answers off, and
 * lets a database begin with its log; a policy that gives up after a clean exit leaves a service stopped that others need.
 */
const wanted: Readonly<Record<string, readonly [string, string | undefined, string | undefined]>> = {
  'cogni-edge/caddy': ['always', undefined, '30s'],
  'cogni-runtime/postgres': ['always', 'SIGINT', '1m'],
  'cogni-runtime/backup': ['always', undefined, '10s'],
  'cogni-runtime/copies': ['always', undefined, '5s'],
  'cogni-runtime/litellm': ['always', undefined, '30s'],
  'cogni-runtime/app-a': ['always', undefined, '30s'],
  'cogni-runtime/alloy': ['always', undefined, '20s'],
  // Jobs end, and are begun by whoever needs them.
  'cogni-runtime/db-provision': ['no', undefined, undefined],
  'cogni-runtime/db-migrate': ['no', undefined, undefined],
  'cogni-sourcecred/sourcecred': ['unless-stopped', undefined, '30s'],
  'cogni-receiver-production/receiver': ['always', undefined, '5s'],
};

describe('every service that a host may have', () => {
  it('is started again, asked to stop and given time for it as what it does needs', () => {
    const found = everyService().map(
      ([name, { restart, stop_signal, stop_grace_period }]) =>
        [name, [restart, stop_signal, stop_grace_period]] as const,
    );
    expect(Object.fromEntries(found)).toEqual(wanted);
  });
});
