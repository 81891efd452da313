import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Artifacts } from '../../rehearsal/actions';
import { allWorkflows, type ActionStep } from '../../../workflows';
import { environments } from './example';

/** Every step that keeps something, in the order of the workflows. */
const keeping = allWorkflows(environments).flatMap(({ file, jobs }) =>
  Object.entries(jobs).flatMap(([id, { steps }]) =>
    steps.flatMap((step) =>
      'uses' in step && step.uses.startsWith('actions/upload-artifact@')
        ? [[`${file}, ${id}`, step] as const]
        : [],
    ),
  ),
);

describe('a job that is run again', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-again-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** What the step keeps when it finds this text; GitHub gives the second attempt a machine of its own, and the same run. */
  const kept = async (artifacts: Artifacts, { with: given = {} }: ActionStep, text: string) => {
    const workspace = mkdtempSync(join(folder, 'machine-'));
    const path = String(given['path']);
    const file = join(workspace, path.includes('.') ? path : join(path, 'found.json'));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    const inputs = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
    await artifacts.upload.run({ with: inputs, workspace, permissions: {}, token: '', run: 7 });
    return artifacts.textsOf(7).map(([, each]) => each);
  };

  it.each(keeping)('keeps what it finds then, and nothing of before: %s', async (_where, step) => {
    const artifacts = new Artifacts(join(folder, 'artifacts'));
    await kept(artifacts, step, 'of the first attempt');
    await expect(kept(artifacts, step, 'of the second')).resolves.toEqual(['of the second']);
  });

  it('has kept something in every workflow that plans, deploys, goes back or looks', () => {
    expect([...new Set(keeping.map(([where]) => where.split(',', 1)[0]))]).toEqual([
      'infra-plan.yml',
      'staging-preview.yml',
      ...['preview', 'production', 'lab'].flatMap((name) => [`deploy-${name}.yml`, `rollback-${name}.yml`]),
      'drift.yml',
    ]);
  });
});
