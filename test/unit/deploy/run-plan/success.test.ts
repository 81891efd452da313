import { fakeClock } from '../fake-clock';
import { fakeTransport } from '../fake-transport';
import { command, runs, step, lock, planOf, lost, ran } from './ran';

describe('a plan that succeeds', () => {
  test('runs its steps in order and reports each', async () => {
    const { transport, outcomes, events } = await ran(planOf(step('one'), step('two')), fakeTransport());
    expect(transport.log).toEqual(['one', 'two']);
    expect(outcomes).toEqual(['done', 'done']);
    expect(events.map((event) => [event.kind, 'name' in event ? event.name : ''])).toEqual([
      ['step', 'do one'],
      ['done', 'do one'],
      ['step', 'do two'],
      ['done', 'do two'],
    ]);
  });

  test('begins what may be cut anywhere at once, and nothing else before the run is written down', async () => {
    const transport = fakeTransport();
    let write = (): void => undefined;
    const recorded = new Promise<void>((resolve) => (write = resolve));
    const running = ran(planOf(step('pull', { interruptible: true }), step('change')), transport, {
      recorded,
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(transport.log).toEqual(['pull']);
    write();
    await running;
    expect(transport.log).toEqual(['pull', 'change']);
  });

  test('changes nothing when the connection is lost before the run is written down', async () => {
    const recorded = Promise.reject(lost());
    recorded.catch(() => undefined);
    const { transport, failure } = await ran(planOf(step('change')), fakeTransport(), { recorded });
    expect(transport.log).toEqual([]);
    expect(failure?.what).toContain('the connection was lost');
  });

  test('skips a step whose work is there already, and says so', async () => {
    const done = step('one', { doneWhen: [{ do: 'run', command: command('is-there') }] });
    const { transport, outcomes, events } = await ran(planOf(done), fakeTransport());
    expect(transport.log).toEqual(['is-there']);
    expect(outcomes).toEqual(['was done already']);
    expect(events.at(-1)).toMatchObject({ kind: 'done', result: 'was done already' });
  });

  test('does a step of whose work a part is missing', async () => {
    const doneWhen = ['a', 'b'].map((name) => ({ do: 'run' as const, command: command(`${name}-there`) }));
    const { transport } = await ran(
      planOf(step('one', { doneWhen })),
      fakeTransport([['b-there', { code: 1 }]]),
    );
    expect(transport.log).toEqual(['a-there', 'b-there', 'one']);
  });

  test('writes files through one archive on standard input', async () => {
    const writes = step('write', {
      actions: [{ do: 'write', folder: '/f', files: [{ path: 'a/b', mode: 0o600, content: 'text' }] }],
    });
    const { transport } = await ran(planOf(writes), fakeTransport());
    expect(transport.log[0]).toBe('mkdir --parents --mode=0755 -- /f /f/a');
    expect(transport.log[1]).toContain('tar --extract --file=- --directory=/f');
    expect(transport.inputs[0]).toContain('text');
  });

  test('puts what each step took until then into a file that asks for it', async () => {
    const record = { path: 'r.json', mode: 0o644, content: '{"id":"1"}', timings: true };
    const clock = fakeClock();
    const transport = fakeTransport([['one', () => (clock.advance(70), {})]]);
    const writes = step('record', { actions: [{ do: 'write', folder: '/f', files: [record] }] });
    await ran(planOf(step('one'), writes), transport, { clock });
    const written = /\{[^]*\}/.exec(transport.inputs[0] ?? '')?.[0] ?? '';
    expect(JSON.parse(written)).toEqual({
      id: '1',
      timings: { milliseconds: 70, steps: [{ id: 'one', milliseconds: 70 }] },
    });
  });

  test('cleans up after a step, and makes no failure of a clean-up that failed', async () => {
    const cleans = step('one', { cleanUp: [command('rm', 'x')] });
    const { transport, outcomes, events } = await ran(planOf(cleans), fakeTransport([['rm x', { code: 1 }]]));
    expect(transport.log).toEqual(['one', 'rm x']);
    expect(outcomes).toEqual(['done']);
    expect(events).toContainEqual({
      kind: 'note',
      text: 'after "do one", cleaning up failed: "rm x" ended with exit code 1',
    });
  });

  test('tries a command again until it comes out as expected', async () => {
    const waits = step('wait', {
      actions: [
        {
          do: 'run',
          command: command('health'),
          expect: { stdout: { equals: 'healthy' } },
          retry: { every: 1000, within: 10_000 },
        },
      ],
    });
    const transport = fakeTransport([['health', [{ stdout: 'starting' }, { stdout: 'healthy\n' }]]]);
    expect((await ran(planOf(waits), transport)).transport.log).toEqual(['health', 'health']);
  });

  test('holds until the end of the step or of the plan what it holds', async () => {
    const guard = step('pull', {
      actions: [{ do: 'hold', command: command('guard'), until: 'end of step' }, runs('pull')],
    });
    const { transport } = await ran(planOf(lock, guard, step('last')), fakeTransport());
    expect(transport.log).toEqual([
      'hold flock',
      'hold guard',
      'pull',
      'release guard',
      'last',
      'release flock',
    ]);
  });

  test('asks the site through the gate', async () => {
    const gate = step('gate', {
      actions: [
        {
          do: 'gate',
          checks: [{ url: 'https://site.test/readyz', status: 200 }],
          retry: { every: 1000, within: 5000, inARow: 2 },
        },
      ],
    });
    const asked: string[] = [];
    const https = ({ url }: { url: string }) => {
      asked.push(url);
      return Promise.resolve({ status: 200, headers: {}, body: Buffer.alloc(0) });
    };
    expect((await ran(planOf(gate), fakeTransport(), { https })).failure).toBeUndefined();
    expect(asked).toHaveLength(2);
  });
});
