import { betweenHooks, hookCommand, hooksText, type HookFacts } from '../../../deploy/hooks';
import { planRolling } from '../../../deploy/rolling/plan';
import { ExitCode, Failure } from '../../../foundation/failure';
import { run as runProcess, type Run } from '../../../foundation/process';
import { progressTo } from '../../../foundation/progress';
import { reveal } from '../../../foundation/secret';
import { hookFaults, hookPoints, type Hooks } from '../../../services';
import { failureOf } from '../../failure-of';
import { emptyHost, propsFor } from './rolling/sample';

const plan = planRolling(propsFor(emptyHost));
const facts: HookFacts = {
  command: 'deploy',
  environment: 'preview',
  domain: 'preview.cogni.test',
  asked: 'preview-0123abc',
  by: { who: 'ada', from: 'laptop' },
};
const all: Hooks = Object.fromEntries(
  hookPoints.map((point) => [point, [{ argv: [`hook-${point}`] as const }]]),
);

/** @param failing programs that end with exit code 1 */
function world(...failing: string[]) {
  const log: string[] = [];
  const told: Record<string, Record<string, unknown>> = {};
  const notes: string[] = [];
  const run: Run = (command) => {
    log.push(command.argv[0]);
    told[command.argv[0]] = JSON.parse(reveal(command.stdin!)) as Record<string, unknown>;
    const code = failing.includes(command.argv[0]) ? 1 : 0;
    return Promise.resolve({
      code,
      signal: null,
      stdout: '',
      stderr: 'it is Friday',
      timedOut: false,
      milliseconds: 1,
    });
  };
  const progress = progressTo((event) => event.kind === 'note' && notes.push(event.text));
  const deploy = async (onPlanned: (made: typeof plan) => Promise<void>): Promise<{ done: true }> => {
    log.push('plan');
    await onPlanned(plan);
    log.push('deploy');
    return { done: true };
  };
  return { log, told, notes, adapters: { run, progress }, deploy };
}

describe('the hooks of a deploy', () => {
  test('run around it, in order, and are told the moment, what was asked for and what is planned', async () => {
    const { log, told, adapters, deploy } = world();
    expect(await betweenHooks(all, facts, adapters, deploy)).toEqual({ done: true });
    expect(log).toEqual([
      'hook-before-plan',
      'plan',
      'hook-after-plan',
      'hook-before-deploy',
      'deploy',
      'hook-after-deploy',
    ]);
    expect(told['hook-before-plan']).toEqual({ point: 'before-plan', ...facts });
    expect(told['hook-after-deploy']).toMatchObject({
      point: 'after-deploy',
      plan: {
        release: plan.release.id,
        unchanged: false,
        steps: expect.arrayContaining(['migrate', 'switch']),
      },
    });
    expect(JSON.stringify(told)).not.toContain('p1anted');
  });

  test.each([
    ['hook-before-plan', ['hook-before-plan', 'hook-on-failure']],
    ['hook-after-plan', ['hook-before-plan', 'plan', 'hook-after-plan', 'hook-on-failure']],
    [
      'hook-before-deploy',
      ['hook-before-plan', 'plan', 'hook-after-plan', 'hook-before-deploy', 'hook-on-failure'],
    ],
  ])('refuse it before its first step when %s fails', async (failing, ran) => {
    const { log, told, adapters, deploy } = world(failing);
    const failure = await failureOf(betweenHooks(all, facts, adapters, deploy));
    expect(failure).toMatchObject({
      exitCode: ExitCode.refused,
      state: 'nothing was changed',
      output: 'it is Friday',
    });
    expect(log).toEqual(ran);
    expect(told['hook-on-failure']).toMatchObject({
      failure: { what: failure.what, exitCode: ExitCode.refused },
    });
  });

  test('only leave a note when one fails afterwards', async () => {
    const { notes, adapters, deploy } = world('hook-after-deploy');
    await betweenHooks(all, facts, adapters, deploy);
    expect(notes.join()).toContain('the hook after-deploy (hook-after-deploy) is not counted: it failed');
  });

  test('hear of a failure, and cannot hide it', async () => {
    const { log, notes, adapters } = world('hook-on-failure');
    const failed = new Failure({ what: 'the gate', next: 'again', exitCode: ExitCode.degraded });
    expect(await failureOf(betweenHooks(all, facts, adapters, () => Promise.reject(failed)))).toBe(failed);
    expect(log).toEqual(['hook-before-plan', 'hook-on-failure']);
    expect(notes).toHaveLength(1);
  });

  test('inherit no secret of the settings, and have a deadline', async () => {
    process.env['AUTH_SECRET'] = 'p1anted-auth-secret';
    try {
      const command = hookCommand(
        { argv: ['sh', '-c', 'cat; echo "[$AUTH_SECRET]"'], deadline: 7 },
        { a: 1 },
      );
      expect(command.deadline).toBe(7_000);
      expect((await runProcess(command)).stdout).toBe('{"a":1}\n[]\n');
    } finally {
      Reflect.deleteProperty(process.env, 'AUTH_SECRET');
    }
  });

  test('are listed in a dry run, as not run', () => {
    expect(hooksText({ 'after-deploy': [{ argv: ['notify', 'a b'] }] })).toBe(
      "hook after-deploy, not run now: $ notify 'a b' (at most 60 s)\n",
    );
    expect(hooksText({})).toBe('');
  });
});

test('hooks of an environment are held against what a deploy knows, every fault at once', () => {
  expect(hookFaults(all)).toEqual([]);
  const wrong = {
    'after-deploy': [{ argv: [' '], deadline: 0 }],
    'before-lunch': [{ argv: ['a'], deadline: 601 }],
  } as unknown as Hooks;
  expect(hookFaults(wrong)).toEqual([
    'after-deploy[0] names no program',
    'after-deploy[0] may take 0 s; allowed: more than 0, at most 600',
    '"before-lunch" is no moment of a deploy; allowed: before-plan, after-plan, before-deploy, after-deploy, on-failure',
    'before-lunch[0] may take 601 s; allowed: more than 0, at most 600',
  ]);
});
