import { workflowTargets } from '../../../cli/workflow-targets';
import { allWorkflows, exampleArguments, type CogniStep } from '../../../workflows';
import { reached } from '../cli/reached';
import { environments } from './example';

const workflows = [...allWorkflows(workflowTargets()), ...allWorkflows(environments)];
const steps = workflows.flatMap(({ jobs }) =>
  Object.values(jobs).flatMap((job) => job.steps.filter((step): step is CogniStep => 'cogni' in step)),
);
const lines = [...new Map(steps.map((step) => [exampleArguments(step).join(' '), exampleArguments(step)]))];

describe('the commands of the workflows', () => {
  it.each(lines)('are understood by the command line: %s', (_line, words) => {
    const path = reached(words);
    expect(path).not.toBe('');
    expect(words.join(' ').startsWith(path)).toBe(true);
  });

  it('would not be, with an option that there is not', () => {
    expect(() => reached(['deploy', 'preview', '--image', 'preview-0123abc'])).toThrow(
      /unknown option|required option/,
    );
    expect(() => reached(['artifact', 'promotes', 'preview'])).toThrow();
  });

  it('are all that a delivery consists of', () => {
    const found = new Set(lines.map(([, words]) => reached(words)));
    expect([...found].sort()).toEqual([
      'announce',
      'apply',
      'artifact approve',
      'artifact build',
      'artifact check',
      'artifact promote',
      'artifact push',
      'change documents',
      'change release',
      'comment',
      'deploy',
      'drift',
      'drift-issue',
      'images release',
      'plan',
      'rollback',
      'settings check',
      'test',
      'verify',
    ]);
  });
});
