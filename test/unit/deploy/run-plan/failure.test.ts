import { busy, oneAtATime } from '../../../../deploy/lock/one-at-a-time';
import type { PlanAdapters } from '../../../../deploy/plan-adapters';
import type { Step } from '../../../../deploy/step';
import { ExitCode } from '../../../../foundation/failure';
import { fakeClock } from '../fake-clock';
import { fakeTransport, type FakeTransport } from '../fake-transport';
import { command, runs, step, lock, planOf, lost, ran } from './ran';

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

  test('gives up when its time is over, also where what it asks accepts and never answers', async () => {
    const clock = fakeClock();
    const https: PlanAdapters['https'] = ({ deadline }) => {
      clock.advance(deadline);
      return Promise.reject(new Error('no answer'));
    };
    const asks = (action: Step['actions'][number]) =>
      ran(planOf(step('ask', { actions: [action] })), transport, { clock, https });
    const transport = fakeTransport([
      ['hang', ({ deadline }) => (clock.advance(deadline), { timedOut: true, milliseconds: deadline })],
    ]);
    const retry = { every: 50, within: 15_000, inARow: 3 };
    const site = await asks({
      do: 'gate',
      checks: [{ url: 'https://site.test/readyz', status: 200 }],
      retry,
    });
    expect(site.failure!.what).toContain('it did not come out as expected 3 times in a row within 15 s');
    expect(clock.monotonic()).toBe(15_000);
    const hang = { ...command('hang'), deadline: 10_000 };
    expect((await asks({ do: 'run', command: hang, retry })).failure!.what).toContain('within 15 s');
    expect(clock.monotonic()).toBe(30_000);
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

  test('is locked as well when another run was there in between, and says so before what was found', async () => {
    const overtaken = 'another run has changed it';
    const looks = step('look', {
      actions: [
        { do: 'run', command: command('readlink'), expect: { stdout: { equals: 'mine' } }, overtaken },
      ],
    });
    const found = await ran(planOf(looks), fakeTransport([['readlink', { stdout: 'theirs' }]]));
    expect(found.failure!.exitCode).toBe(ExitCode.locked);
    expect(found.failure!.what).toBe(`deploy: could not do look (deploy@203.0.113.7): ${overtaken}`);
    expect(found.failure!.faults).toEqual(['readlink said "theirs", not "mine"']);
    const notBegun = { code: 126, stderr: 'readlink: Permission denied' };
    for (const answer of [{ code: null, signal: 'SIGTERM' as const }, { timedOut: true }, notBegun]) {
      const { failure } = await ran(planOf(looks), fakeTransport([['readlink', answer]]));
      expect(failure!.exitCode).toBe(ExitCode.failed);
      expect(failure!.what).not.toContain(overtaken);
    }
  });

  test('is locked where a command says that somebody is still at it, and for no other reason', async () => {
    const taken = { exit: 75, says: 'another run is still at it', leaves: 'it is theirs' };
    const makes = step('make', { actions: [{ do: 'run', command: command('up'), taken }] });
    const { failure } = await ran(planOf(makes), fakeTransport([['up', { code: 75 }]]));
    expect(failure!.exitCode).toBe(ExitCode.locked);
    expect(failure!.what).toBe(`deploy: could not do make (deploy@203.0.113.7): ${taken.says}`);
    for (const answer of [{ code: 1 }, { code: 75, timedOut: true }]) {
      const other = await ran(planOf(makes), fakeTransport([['up', answer]]));
      expect(other.failure!.exitCode).toBe(ExitCode.failed);
    }
  });

  test('does not take back a step that another run kept from beginning, and does where it had begun', async () => {
    const taken = { exit: 75, says: 'another run is still at it', leaves: 'it is theirs' };
    const up: Step['actions'][number] = { do: 'run', command: command('up'), taken };
    const undo = [command('undo', 'make')];
    const first = step('one', { undo: [command('undo', 'one')] });
    const keptOut = (): FakeTransport => fakeTransport([['up', { code: 75 }]]);
    const kept = await ran(planOf(first, step('make', { actions: [up], undo })), keptOut());
    expect(kept.transport.log).toEqual(['one', 'up', 'undo one']);
    expect(kept.failure!.state).toBe('it is theirs (what was begun was taken back)');
    const begun = await ran(planOf(step('make', { actions: [runs('pull'), up], undo })), keptOut());
    expect(begun.transport.log).toEqual(['pull', 'up', 'undo make']);
    expect(begun.failure!.state).toBe('make is half done (what was begun was taken back)');
  });

  test('says of what works one at a time that it had no time left, and is not locked then, nor taken for overtaken', async () => {
    const alone = oneAtATime({ argv: ['docker', 'compose'], deadline: 150_000 }, '/lock');
    const up = {
      do: 'run',
      command: alone,
      overtaken: 'another was quicker',
      ...busy('Compose', 'it'),
    } as const;
    for (const code of [124, 137]) {
      const { failure } = await ran(
        planOf(step('make', { actions: [up] })),
        fakeTransport([['flock', { code }]]),
      );
      expect(failure!.what).toMatch(/: docker did not end within its deadline/);
      expect(failure!.exitCode).toBe(ExitCode.failed);
    }
  });

  test('says of an undo that is kept out by another run that it was not begun', async () => {
    const undo = [oneAtATime({ argv: ['docker', 'compose'], deadline: 1000 }, '/lock')];
    const answers = fakeTransport([
      ['flock', { code: 75 }],
      ['make', { code: 1 }],
    ]);
    const { failure } = await ran(planOf(step('make', { undo })), answers);
    expect(failure!.state).toMatch(/docker compose" was not begun: another run is at work there/);
    expect(failure!.exitCode).toBe(ExitCode.degraded);
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

  test('is degraded by a connection that is lost once something was begun that would be taken back, and says what may be there', async () => {
    const transport = fakeTransport([['two', lost()]]);
    const undo = [command('undo')];
    const { failure } = await ran(
      planOf(
        step('one', { undo, unlessTakenBack: 'visitors may have one' }),
        step('two', { undo, diagnose: [command('logs')], unlessTakenBack: 'two may be recorded' }),
        step('three', { undo, unlessTakenBack: 'never begun' }),
      ),
      transport,
    );
    expect(transport.log).toEqual(['one', 'two']);
    expect(failure!.what).toContain('could not do two (deploy@203.0.113.7): the connection was lost');
    expect(failure!.state).toBe(
      'the host is out of reach, so nothing was taken back: visitors may have one; two may be recorded; the same command again converges from whatever is there',
    );
    expect(failure!.exitCode).toBe(ExitCode.degraded);
  });

  test('has only failed where the connection was lost before anything was begun that would be taken back', async () => {
    const { failure } = await ran(planOf(step('one'), step('two')), fakeTransport([['two', lost()]]));
    expect(failure!.state).toContain('the host is out of reach; there was nothing to take back');
    expect(failure!.exitCode).toBe(ExitCode.failed);
  });

  test('says what may be there as well where taking back fails, or its lock is gone', async () => {
    const unlessTakenBack = 'visitors may have one';
    const undo = [command('undo')];
    const failing = step('one', { undo, unlessTakenBack });
    const cut = fakeTransport([
      ['undo', lost()],
      ['one', { code: 1 }],
    ]);
    const stolen: FakeTransport = fakeTransport([['one', () => (stolen.held.clear(), { code: 1 })]]);
    for (const transport of [cut, stolen]) {
      const { failure } = await ran(planOf(lock, failing), transport);
      expect(failure!.exitCode).toBe(ExitCode.degraded);
      expect(failure!.state).toMatch(/taking back what was begun failed: .*: visitors may have one$/);
    }
    const { failure } = await ran(planOf(failing), fakeTransport([['one', { code: 1 }]]));
    expect(failure!.state).toBe('one is half done (what was begun was taken back)');
  });
});
