import type { PlanAdapters } from '../../../../deploy/plan-adapters';
import type { Evidence, Plan } from '../../../../deploy/step';
import { ExitCode } from '../../../../foundation/failure';
import { fakeTransport } from '../fake-transport';
import { command, step, planOf, ran, type Ran } from './ran';

describe('what a command printed and somebody judges', () => {
  const judged = (accepted: boolean): Plan =>
    planOf(
      step('judge', {
        actions: [{ do: 'judge', command: command('read'), judge: 'migrations', accepted }],
      }),
      step('migrate'),
    );
  const judges = (faults: string[], heard: Evidence[] = []): Partial<PlanAdapters> => ({
    judges: {
      migrations: (given) => {
        heard.push(given);
        return { faults, notes: ['a note with s3cret'] };
      },
    },
  });
  const notes = ({ events }: Ran): string[] =>
    events.flatMap((event) => (event.kind === 'note' ? [event.text] : []));

  test('refuses the run with every fault, before a later step', async () => {
    const heard: Evidence[] = [];
    const run = await ran(
      judged(false),
      fakeTransport([['read', { stdout: 'x' }]]),
      judges(['a', 'b'], heard),
    );
    expect(run.failure).toMatchObject({ exitCode: ExitCode.refused, faults: ['a', 'b'] });
    expect(run.transport.log).toEqual(['read']);
    expect(heard).toEqual([{ printed: 'x' }]);
    expect(notes(run)).toEqual(['a note with [masked]']);
  });

  test('goes on by the word of a person, with every fault noted', async () => {
    const run = await ran(judged(true), fakeTransport(), judges(['a']));
    expect(run.failure).toBeUndefined();
    expect(notes(run)).toEqual(['a note with [masked]', 'let pass: a']);
    expect(run.transport.log).toEqual(['read', 'migrate']);
  });

  test.each([
    [
      'with its last words',
      { code: 1, stdout: 'half', stderr: 'first\nlast\n' },
      'read ended with exit code 1: last',
    ],
    ['also without a word', { code: null, signal: 'SIGKILL' as const }, 'read was ended by SIGKILL'],
  ])('is how the command failed, where it did, %s', async (_, answer, failed) => {
    const heard: Evidence[] = [];
    await ran(judged(false), fakeTransport([['read', answer]]), judges([], heard));
    expect(heard).toEqual([{ failed }]);
  });

  test('is never passed over: without a judge the step fails', async () => {
    const run = await ran(judged(false), fakeTransport());
    expect(run.failure?.what).toContain('nobody judges migrations');
  });
});
