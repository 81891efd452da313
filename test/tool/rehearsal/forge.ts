import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderWorkflow, type Workflow } from '../../../workflows';
import lock from '../../../workflows/actions.lock.json';
import { Artifacts, checkoutDouble, type ActionDouble } from '../../rehearsal/actions';
import { Rehearsal, type RehearsalProps } from '../../rehearsal/rehearsal';
import { Origin } from '../../rehearsal/repository';

/** A small repository whose workflows are played, with nothing of the world around it. */
export class Forge {
  readonly secrets = new Map<string, string>();
  readonly variables = new Map<string, string>();
  readonly artifacts: Artifacts;
  private readonly made: Rehearsal[] = [];

  private constructor(
    private readonly folder: string,
    readonly origin: Origin,
  ) {
    this.artifacts = new Artifacts(join(folder, 'artifacts'));
  }

  static async make(): Promise<Forge> {
    const folder = mkdtempSync(join(tmpdir(), 'cogni-forge-'));
    return new Forge(folder, await Origin.make(join(folder, 'origin.git')));
  }

  /** Makes a commit of these workflows and files on a branch. @returns it */
  async commit(
    branch: string,
    workflows: readonly Workflow[],
    files: Readonly<Record<string, string | null>> = {},
  ): Promise<string> {
    const parent = await this.origin.headOf(branch).catch(() => undefined);
    const rendered = workflows.map(
      (each) => [`.github/workflows/${each.file}`, renderWorkflow(each)] as const,
    );
    const commit = await this.origin.commit(parent, { ...Object.fromEntries(rendered), ...files }, 'A step');
    await this.origin.setBranch(branch, commit);
    return commit;
  }

  /** Everything with usual answers, but for what is changed. */
  rehearsal(change: Partial<RehearsalProps> = {}): Rehearsal {
    const rehearsal = new Rehearsal({
      folder: join(this.folder, String(this.made.length)),
      repository: 'cogni-dao/example',
      origin: this.origin,
      actor: 'somebody',
      apiUrl: 'http://127.0.0.1:9',
      secrets: this.secrets,
      variables: this.variables,
      environments: {},
      tokenWith: (permissions) => `token-${Object.keys(permissions).join('-')}`,
      machine: () => ({ PATH: process.env['PATH'] ?? '' }),
      actions: this.actions(),
      pins: lock,
      standIns: {},
      machines: 4,
      ...change,
    });
    this.made.push(rehearsal);
    return rehearsal;
  }

  actions = (): Readonly<Record<string, ActionDouble>> => ({
    'actions/checkout': checkoutDouble(this.origin.folder),
    'actions/upload-artifact': this.artifacts.upload,
    'actions/download-artifact': this.artifacts.download,
  });

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
