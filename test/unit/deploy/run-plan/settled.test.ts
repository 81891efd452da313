import { ExitCode } from '../../../../foundation/failure';
import { fakeTransport, type FakeTransport } from '../fake-transport';
import { command, runs, step, lock, planOf, ran } from './ran';

describe('a plan that is settled', () => {
  const undo = [command('undo')];
  const record = step('record', { settles: true, undo });
  const tidy = step('tidy', { actions: [runs('sync')], cleanUp: [command('rm')] });

  test('succeeds and is tidied up when it is cancelled while the settling step ends', async () => {
    const abort = new AbortController();
    const transport = fakeTransport([['record', () => (abort.abort(), {})]]);
    const { outcomes } = await ran(planOf(lock, step('one', { undo }), record, tidy), transport, {
      signal: abort.signal,
    });
    expect(outcomes).toEqual(['done', 'done', 'done', 'done']);
    expect(transport.log).toEqual(['hold flock', 'one', 'record', 'sync', 'rm', 'release flock']);
  });

  test('succeeds, and leaves the host alone, when its lock is lost then', async () => {
    const transport: FakeTransport = fakeTransport([['record', () => (transport.held.clear(), {})]]);
    const { outcomes, events } = await ran(planOf(lock, record, tidy), transport);
    expect(outcomes).toEqual(['done', 'done', 'done']);
    expect(transport.log).toEqual(['hold flock', 'record']);
    expect(events).toContainEqual({
      kind: 'note',
      text: 'could not do tidy: the lock on the host was lost, and may be held by another run now',
    });
  });

  test('succeeds when a later step fails, and notes why', async () => {
    const { outcomes, events } = await ran(planOf(record, tidy), fakeTransport([['sync', { code: 1 }]]));
    expect(outcomes).toEqual(['done', 'done']);
    expect(events).toContainEqual({ kind: 'note', text: 'could not do tidy: sync ended with exit code 1' });
  });

  test('skips a later step whose work is there already', async () => {
    const done = step('mark', { doneWhen: [{ do: 'run', command: command('is-there') }] });
    const { transport, outcomes } = await ran(planOf(record, done), fakeTransport());
    expect(outcomes).toEqual(['done', 'was done already']);
    expect(transport.log).toEqual(['record', 'is-there']);
    const missing = fakeTransport([['is-there', { code: 1 }]]);
    expect((await ran(planOf(record, done), missing)).outcomes).toEqual(['done', 'done']);
    expect(missing.log).toEqual(['record', 'is-there', 'mark']);
  });

  test('shows of a later step that fails what is to be shown, without a secret', async () => {
    const alloy = step('alloy', { diagnose: [command('logs', 'alloy')] });
    const transport = fakeTransport([
      ['logs', { stdout: 'it says s3cret' }],
      ['alloy', { code: 1 }],
    ]);
    const { events } = await ran(planOf(record, alloy), transport);
    expect(events).toContainEqual({
      kind: 'note',
      text: 'could not do alloy: alloy ended with exit code 1\n$ logs alloy\nit says [masked]',
    });
  });

  test('does a later step to its end in a cancelled run, also one that might be interrupted', async () => {
    const abort = new AbortController();
    const drain = step('drain', { interruptible: true, actions: [runs('drain'), runs('rest')] });
    const transport = fakeTransport([['drain', () => (abort.abort(), {})]]);
    const { outcomes } = await ran(planOf(record, drain), transport, { signal: abort.signal });
    expect(outcomes).toEqual(['done', 'done']);
    expect(transport.log).toEqual(['record', 'drain', 'rest']);
  });

  test('is taken back when the settling step itself fails', async () => {
    const { transport, failure } = await ran(planOf(record, tidy), fakeTransport([['record', { code: 1 }]]));
    expect(transport.log).toEqual(['record', 'undo']);
    expect(failure!.exitCode).toBe(ExitCode.failed);
  });
});
