import { runPlan, type PlanAdapters } from '../../../deploy/run-plan';
import type { Plan, Step } from '../../../deploy/step';
import { ConnectionLost, type RemoteCommand } from '../../../deploy/transport';
import { ExitCode, Failure } from '../../../foundation/failure';
import { progressTo, type ProgressEvent } from '../../../foundation/progress';
import { fakeClock } from './fake-clock';
import { fakeTransport, type FakeTransport } from './fake-transport';

const command = (...argv: [string, ...string[]]): RemoteCommand => ({ argv, deadline: 1000 });
const runs = (...argv: [string, ...string[]]): Step['actions'][number] => ({
  do: 'run',
  command: command(...argv),
});
const step = (id: string, more: Partial<Step> = {}): Step => ({
  id,
  name: `do ${id}`,
  why: 'it must be done',
  actions: [runs(id)],
  leaves: `${id} is half done`,
  next: `cogni again ${id}`,
  ...more,
});
const lock: Step = step('lock', {
  actions: [
    {
      do: 'hold',
      command: command('flock'),
      until: 'end of plan',
      taken: { exit: 75, by: command('cat', 'holder') },
    },
  ],
});
const planOf = (...steps: Step[]): Plan => ({ title: 'deploy', steps });

const lost = (): ConnectionLost => new ConnectionLost({ what: 'the connection was lost', next: 'look' });

interface Ran {
  readonly transport: FakeTransport;
  readonly events: ProgressEvent[];
  readonly failure: Failure | undefined;
  readonly outcomes: string[];
}

async function ran(plan: Plan, transport: FakeTransport, more: Partial<PlanAdapters> = {}): Promise<Ran> {
  const events: ProgressEvent[] = [];
  const clock = fakeClock();
  const adapters: PlanAdapters = {
    transport,
    clock,
    progress: progressTo((event) => void events.push(event), clock),
    https: () => Promise.reject(new Error('no gate was to be asked')),
    redact: (text) => text.replaceAll('s3cret', '[masked]'),
    ...more,
  };
  const result = await runPlan(plan, adapters).then(
    (steps) => ({ outcomes: steps.map(({ outcome }) => outcome), failure: undefined }),
    (failure: unknown) => ({ outcomes: [], failure: failure as Failure }),
  );
  if (result.failure && !(result.failure instanceof Failure)) throw result.failure as Error;
  return { transport, events, ...result };
}

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

describe('a plan that fails', () => {
  test('says what failed and where, shows the output, the state and the next command, and runs no further step', async () => {
    const transport = fakeTransport([['two', { code: 2, stdout: 'out\n', stderr: 'err\n' }]]);
    const { failure } = await ran(planOf(step('one'), step('two'), step('three')), transport);
    expect(transport.log).toEqual(['one', 'two']);
    expect(failure!.message).toBe(
      [
        'deploy: could not do two (deploy@203.0.113.7): two ended with exit code 2',
        '  | $ two',
        '  | out',
        '  | err',
        'state: two is half done',
        'next:  cogni again two',
      ].join('\n'),
    );
    expect(failure!.exitCode).toBe(ExitCode.failed);
  });

  test('shows the logs of what the step started', async () => {
    const transport = fakeTransport([
      ['logs', { stdout: 'boom\n' }],
      ['one', { code: 1 }],
    ]);
    const { failure } = await ran(planOf(step('one', { diagnose: [command('logs', 'app')] })), transport);
    expect(failure!.output).toBe('$ one\n$ logs app\nboom');
  });

  test('takes back the step that failed and those before it, last first', async () => {
    const undoable = (id: string): Step => step(id, { undo: [command('undo', id)] });
    const transport = fakeTransport([['three', { code: 1 }]]);
    const { failure } = await ran(
      planOf(undoable('one'), step('two'), { ...undoable('3'), actions: [runs('three')] }, undoable('four')),
      transport,
    );
    expect(transport.log).toEqual(['one', 'two', 'three', 'undo 3', 'undo one']);
    expect(failure!.state).toBe('3 is half done (what was begun was taken back)');
  });

  test('takes nothing back of a step that was done already', async () => {
    const doneWhen = [{ do: 'run' as const, command: command('is-there') }];
    const transport = fakeTransport([['two', { code: 1 }]]);
    await ran(planOf(step('one', { doneWhen, undo: [command('undo')] }), step('two')), transport);
    expect(transport.log).not.toContain('undo');
  });

  test('is degraded when taking back failed too, and says what could not be done', async () => {
    const transport = fakeTransport([
      ['undo', { code: 7 }],
      ['one', { code: 1 }],
    ]);
    const { failure } = await ran(
      planOf(step('one', { undo: [command('undo', 'a'), command('rest')] })),
      transport,
    );
    expect(failure!.exitCode).toBe(ExitCode.degraded);
    expect(failure!.state).toContain('taking back what was begun failed: "undo a" ended with exit code 7');
    expect(transport.log).toContain('rest');
  });

  test('lets go of what it held, after taking back', async () => {
    const failing = step('one', { undo: [command('undo')] });
    const { transport } = await ran(planOf(lock, failing), fakeTransport([['one', { code: 1 }]]));
    expect(transport.log).toEqual(['hold flock', 'one', 'undo', 'release flock']);
  });

  test('cleans up after the step that failed', async () => {
    const transport = fakeTransport([['one', { code: 1 }]]);
    await ran(planOf(step('one', { cleanUp: [command('rm')] })), transport);
    expect(transport.log).toEqual(['one', 'rm']);
  });

  test('shows no secret, whatever printed it', async () => {
    const transport = fakeTransport([
      ['logs', { stdout: 'a s3cret' }],
      ['one', { code: 1, stderr: 'b s3cret' }],
    ]);
    const { failure } = await ran(planOf(step('one', { diagnose: [command('logs')] })), transport);
    expect(failure!.message).toContain('a [masked]');
    expect(failure!.message).toContain('b [masked]');
    expect(failure!.message).not.toContain('s3cret');
  });

  test('names every reason of a command that never came out as expected', async () => {
    const waits = step('wait', {
      actions: [
        {
          do: 'run',
          command: command('health'),
          expect: { stdout: { equals: 'healthy' } },
          retry: { every: 1000, within: 3000 },
        },
      ],
    });
    const transport = fakeTransport([
      ['health', [{ code: 1, stderr: 'no such container' }, { stdout: 'starting' }]],
    ]);
    const { failure } = await ran(planOf(waits), transport);
    expect(failure!.what).toContain('it did not come out as expected within 3 s');
    expect(failure!.faults).toEqual([
      'after 0 s: health ended with exit code 1',
      '3 times, 1 s to 3 s: health said "starting", not "healthy"',
    ]);
    expect(failure!.output).toBe('$ health\nstarting');
  });

  test('is locked when another run holds what it needs, and names that run', async () => {
    const transport = fakeTransport([
      ['cat holder', { stdout: 'ada@laptop deploying preview-1\n' }],
      ['flock', { code: 75 }],
    ]);
    const { failure } = await ran(planOf(lock, step('one')), transport);
    expect(failure!.exitCode).toBe(ExitCode.locked);
    expect(failure!.what).toContain('another run holds it: ada@laptop deploying preview-1');
    expect(transport.log).toEqual(['hold flock', 'cat holder']);
  });

  test('is not locked when the lock failed for another reason', async () => {
    const transport = fakeTransport([['flock', { code: 66, stderr: 'no such folder' }]]);
    const { failure } = await ran(planOf(lock), transport);
    expect(failure!.exitCode).toBe(ExitCode.failed);
    expect(failure!.output).toBe('$ flock\nno such folder');
  });

  test('touches nothing more once its lock is gone', async () => {
    const transport: FakeTransport = fakeTransport([['one', () => (transport.held.clear(), {})]]);
    const { failure } = await ran(
      planOf(lock, step('one', { undo: [command('undo')] }), step('two')),
      transport,
    );
    expect(transport.log).toEqual(['hold flock', 'one']);
    expect(failure!.what).toContain('the lock on the host was lost');
    expect(failure!.state).toContain('nothing was taken back');
    expect(failure!.exitCode).toBe(ExitCode.degraded);
  });

  test('takes nothing back, cleans nothing up and asks nothing when its lock goes while a step fails', async () => {
    const transport: FakeTransport = fakeTransport([['one', () => (transport.held.clear(), { code: 1 })]]);
    const failing = step('one', {
      undo: [command('undo')],
      cleanUp: [command('rm')],
      diagnose: [command('logs')],
    });
    const { failure, events } = await ran(planOf(lock, failing), transport);
    expect(transport.log).toEqual(['hold flock', 'one']);
    expect(failure!.what).toContain('one ended with exit code 1');
    expect(failure!.state).toContain('the lock on the host was lost');
    expect(failure!.exitCode).toBe(ExitCode.degraded);
    expect(events).toContainEqual({
      kind: 'note',
      text: expect.stringContaining('cleaning up failed: the lock on the host was lost') as string,
    });
  });

  test('stops taking back when its lock goes meanwhile', async () => {
    const transport: FakeTransport = fakeTransport([
      ['undo a', () => (transport.held.clear(), {})],
      ['one', { code: 1 }],
    ]);
    const failing = step('one', { undo: [command('undo', 'a'), command('undo', 'b')] });
    const { failure } = await ran(planOf(lock, failing), transport);
    expect(transport.log).toEqual(['hold flock', 'one', 'undo a']);
    expect(failure!.exitCode).toBe(ExitCode.degraded);
  });

  test('takes nothing back over a connection that is lost, and says so', async () => {
    const transport = fakeTransport([['two', lost()]]);
    const undo = [command('undo')];
    const { failure } = await ran(
      planOf(step('one', { undo }), step('two', { undo, diagnose: [command('logs')] })),
      transport,
    );
    expect(transport.log).toEqual(['one', 'two']);
    expect(failure!.what).toContain('could not do two (deploy@203.0.113.7): the connection was lost');
    expect(failure!.state).toContain('the host is out of reach, so nothing was taken back');
  });
});

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

  test('is taken back when the settling step itself fails', async () => {
    const { transport, failure } = await ran(planOf(record, tidy), fakeTransport([['record', { code: 1 }]]));
    expect(transport.log).toEqual(['record', 'undo']);
    expect(failure!.exitCode).toBe(ExitCode.failed);
  });
});

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

describe('what a command printed and somebody judges', () => {
  const judged = (accepted: boolean): Plan =>
    planOf(
      step('judge', {
        actions: [{ do: 'judge', command: command('read'), judge: 'migrations', accepted }],
      }),
      step('migrate'),
    );
  const judges = (faults: string[], heard: string[] = []): Partial<PlanAdapters> => ({
    judges: {
      migrations: (printed) => {
        heard.push(printed);
        return { faults, notes: ['a note with s3cret'] };
      },
    },
  });
  const notes = ({ events }: Ran): string[] =>
    events.flatMap((event) => (event.kind === 'note' ? [event.text] : []));

  test('refuses the run with every fault, before a later step', async () => {
    const heard: string[] = [];
    const run = await ran(
      judged(false),
      fakeTransport([['read', { stdout: 'x' }]]),
      judges(['a', 'b'], heard),
    );
    expect(run.failure).toMatchObject({ exitCode: ExitCode.refused, faults: ['a', 'b'] });
    expect(run.transport.log).toEqual(['read']);
    expect(heard).toEqual(['x']);
    expect(notes(run)).toEqual(['a note with [masked]']);
  });

  test('goes on by the word of a person, with every fault noted', async () => {
    const run = await ran(judged(true), fakeTransport(), judges(['a']));
    expect(run.failure).toBeUndefined();
    expect(notes(run)).toEqual(['a note with [masked]', 'let pass: a']);
    expect(run.transport.log).toEqual(['read', 'migrate']);
  });

  test('is nothing where the command failed, which is for the judge to make something of', async () => {
    const heard: string[] = [];
    await ran(judged(false), fakeTransport([['read', { code: 1, stdout: 'half' }]]), judges([], heard));
    expect(heard).toEqual(['']);
  });

  test('is never passed over: without a judge the step fails', async () => {
    const run = await ran(judged(false), fakeTransport());
    expect(run.failure?.what).toContain('nobody judges migrations');
  });
});
