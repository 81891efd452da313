import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run, type Output } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { actionlintBinary, zizmorBinary } from '../../../sandbox/programs/workflow-linters';
import { workflowFiles } from '../../../scripts/workflows';
import { allWorkflows, renderWorkflow, workflowsFolder } from '../../../workflows';
import { environments, job, workflow } from '../../unit/workflows/example';

/** A repository that holds nothing but workflows. */
describe('what other programs find in the workflows', () => {
  let folder: string;
  let programs: { readonly actionlint: string; readonly zizmor: string };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-workflows-'));
    programs = { actionlint: await actionlintBinary(silent), zizmor: await zizmorBinary(silent) };
    // actionlint takes the folder with .git in it for the repository.
    mkdirSync(join(folder, '.git'));
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeEach(() => rmSync(join(folder, '.github'), { recursive: true, force: true }));

  const write = (files: ReadonlyMap<string, string>): readonly string[] =>
    [...files].map(([path, text]) => {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
      return path;
    });
  const only = (text: string): readonly string[] =>
    write(new Map([[join(workflowsFolder, 'example.yml'), text]]));

  const actionlint = (files: readonly string[]): Promise<Output> =>
    run({
      argv: [programs.actionlint, '-no-color', '-shellcheck=shellcheck', ...files],
      cwd: folder,
      deadline: 60_000,
    });
  /** Every finding, however small or unsure; it asks nobody on the network. */
  const zizmor = (files: readonly string[]): Promise<Output> =>
    run({
      argv: [
        programs.zizmor,
        ...['--offline', '--no-config', '--no-progress', '--color=never', '--format=plain'],
        ...['--persona=pedantic', '--strict-collection', ...files],
      ],
      cwd: folder,
      deadline: 60_000,
    });

  const sets: readonly (readonly [string, () => ReadonlyMap<string, string>])[] = [
    ['the committed ones', workflowFiles],
    [
      'those of other environments',
      () =>
        new Map(
          allWorkflows(environments).map((each) => [join(workflowsFolder, each.file), renderWorkflow(each)]),
        ),
    ],
  ];

  it.each(sets)(
    'actionlint, which reads as GitHub does, with shellcheck over the scripts: nothing in %s',
    async (_which, files) => {
      const output = await actionlint(write(files()));
      expect(`${output.stdout}${output.stderr}`).toBe('');
      expect(output.code).toBe(0);
    },
  );

  it.each(sets)('zizmor, which looks for weak spots: nothing in %s', async (_which, files) => {
    const output = await zizmor(write(files()));
    expect(output.stdout).toMatch(/^No findings to report/);
    expect(output.code).toBe(0);
  });

  it('actionlint finds an expression that names nothing, and a script that splits what it should not', async () => {
    const bad = workflow(
      job({ steps: [{ name: 'x', env: { A: '${{ needs.nobody.outputs.x }}' }, run: ['rm $A'] }] }),
    );
    const { code, stdout } = await actionlint(only(renderWorkflow(bad)));
    expect(stdout).toContain('property "nobody" is not defined');
    expect(stdout).toContain('shellcheck reported issue in this script: SC2086');
    expect(code).toBe(1);
  });

  it('zizmor finds a branch name in a script, and an action by its tag', async () => {
    const bad = workflow(
      job({
        steps: [
          { name: 'x', run: ['echo ${{ github.head_ref }}'] },
          { name: 'y', uses: 'actions/setup-node@v7' },
        ],
      }),
    );
    const { code, stdout } = await zizmor(only(renderWorkflow(bad)));
    expect(stdout).toContain('error[template-injection]');
    expect(stdout).toContain('error[unpinned-uses]');
    expect(code).toBeGreaterThan(10);
  });
});
