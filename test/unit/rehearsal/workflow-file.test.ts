import { parseCommandFile, annotationsIn } from '../../rehearsal/command-files';
import { readWorkflowFile } from '../../rehearsal/workflow-file';
import { allWorkflows, renderWorkflow } from '../../../workflows';
import { environments, job, workflow } from '../workflows/example';

const text = (work = job()): string => renderWorkflow(workflow(work));

describe('a workflow file', () => {
  it.each(allWorkflows(environments).map((each) => [each.file, each] as const))(
    'is read whole: %s',
    (file, each) => {
      const read = readWorkflowFile(file, renderWorkflow(each));
      expect(Object.keys(read.jobs)).toEqual(Object.keys(each.jobs));
      expect(Object.values(read.jobs).map(({ steps }) => steps.length)).toEqual(
        Object.values(each.jobs).map(({ steps }) => steps.length),
      );
    },
  );

  it.each<[string, (text: string) => string, RegExp]>([
    [
      'a key of a step',
      (file) => file.replace('run: echo done', 'run: echo done\n        shell: sh'),
      /shell/,
    ],
    [
      'a key of a job',
      (file) => file.replace('timeout-minutes: 10', 'timeout-minutes: 10\n    container: x'),
      /container/,
    ],
    ['an event', (file) => file.replace('push:', 'workflow_run:'), /workflow_run/],
    [
      'a pattern of files',
      (file) => file.replace(/( +)(branches:)/, "$1paths:\n$1  - 'a/*.ts'\n$1$2"),
      /a pattern that is not known here/,
    ],
    ['another machine', (file) => file.replace('ubuntu-24.04', 'windows-2022'), /ubuntu-24\.04/],
    ['another shell', (file) => file.replace('shell: bash', 'shell: sh'), /bash/],
    [
      'a job that is waited for',
      (file) => file.replace('- work', '- other'),
      /gate needs other, which is no job/,
    ],
    ['a job that waits for itself', (file) => file.replace('- work', '- gate'), /gate waits for itself/],
    ['an expression', (file) => file.replace('always()', 'always('), /stands where/],
    [
      'an expression in a script',
      (file) => file.replace('echo done', 'echo ${{ github.sha }}'),
      /expression stands in a script/,
    ],
    ['a step that does nothing', (file) => file.replace(/\n +run: echo done/, ''), /either uses or run/],
  ])('is refused where it says what nobody plays: %s', (_what, change, says) => {
    expect(change(text())).not.toBe(text());
    expect(() => readWorkflowFile('example.yml', change(text()))).toThrow(says);
  });
});

describe('what a step leaves', () => {
  it('is a line for a value, or several lines up to a word', () => {
    expect(
      parseCommandFile('there=true\nempty=\nequation=a=b\ntext<<EOF\none\n\ntwo\nEOF\nlast=1\n'),
    ).toEqual({
      there: 'true',
      empty: '',
      equation: 'a=b',
      text: 'one\n\ntwo',
      last: '1',
    });
  });

  it.each(['just words', '=value', 'text<<EOF\none'])('is refused where it is neither: %j', (bad) => {
    expect(() => parseCommandFile(bad)).toThrow();
  });

  it('are annotations, where a line begins with one', () => {
    expect(annotationsIn('a\n::warning::built now\n ::error::no\n::error file=a::b\n')).toEqual([
      { level: 'warning', message: 'built now' },
      { level: 'error', message: 'b' },
    ]);
  });
});
