import type { PlanAdapters } from '../../../../deploy/plan-adapters';
import type { Plan } from '../../../../deploy/step';
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
