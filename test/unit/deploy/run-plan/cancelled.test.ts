import { fakeTransport } from '../fake-transport';
import { command, runs, step, lock, planOf, ran } from './ran';

describe('a plan that is cancelled', () => {
  test('lets the running command end, begins no other, takes back and lets go of the lock', async () => {
    const abort = new AbortController();
    const transport = fakeTransport([['migrate', () => (abort.abort(), {})]]);
    const steps = [
      step('migrate', { undo: [command('undo')], actions: [runs('migrate'), runs('more')] }),
      step('next'),
    ];
    const { failure, events } = await ran(planOf(lock, ...steps), transport, { signal: abort.signal });
    expect(transport.log).toEqual(['hold flock', 'migrate', 'undo', 'release flock']);
    expect(events).toContainEqual({ kind: 'note', text: 'cancelled: "do migrate" ends by itself first' });
    expect(failure!.what).toBe('deploy: cancelled at "do migrate"');
  });

  test('ends a command that may be interrupted', async () => {
    const abort = new AbortController();
    const signals: (AbortSignal | undefined)[] = [];
    const transport = fakeTransport();
    const original = transport.run.bind(transport);
    transport.run = (run, options) => {
      signals.push(options?.signal);
      return original(run, options);
    };
    await ran(planOf(step('pull', { interruptible: true }), step('migrate')), transport, {
      signal: abort.signal,
    });
    expect(signals).toEqual([abort.signal, undefined]);
  });

  test('stops waiting for the site at once', async () => {
    const abort = new AbortController();
    const gate = step('gate', {
      interruptible: true,
      actions: [
        {
          do: 'gate',
          checks: [{ url: 'https://site.test/', status: 200 }],
          retry: { every: 1000, within: 600_000 },
        },
      ],
    });
    const https = () => {
      abort.abort();
      return Promise.reject(abort.signal.reason as Error);
    };
    const { failure } = await ran(planOf(gate), fakeTransport(), { https, signal: abort.signal });
    expect(failure!.what).toBe('deploy: cancelled at "do gate"');
  });

  test('does nothing at all when that was before it began', async () => {
    const { transport, failure } = await ran(planOf(step('one')), fakeTransport(), {
      signal: AbortSignal.abort(),
    });
    expect(transport.log).toEqual([]);
    expect(failure!.what).toContain('cancelled');
  });
});
