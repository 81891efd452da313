import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { judgeHere } from '../../../cli/judge-plan';
import type { Run } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { applyPlan, type Applied, type ApplyPlanProps } from '../../../infra/plan/apply-plan';
import { planKeys, type PlanKeys } from '../../../infra/plan/plan-keys';
import { planStack, type KeptPlan, type PlanStackProps } from '../../../infra/plan/plan-stack';
import type { TerraformAt } from '../../../infra/plan/terraform-run';
import { readSealedPlan } from '../../../infra/plan/sealed-plan';
import type { ReviewedPlan } from '../../../cli/judge-plan';
import type { World, Stack } from '../provider/run';

export const commit = '1'.repeat(40);

/** What `cogni plan` and `cogni apply` do, over a configuration of a test. */
export class Desk {
  private constructor(
    readonly world: World,
    readonly stack: Stack,
    readonly keys: PlanKeys,
    private readonly kept: string,
    private readonly run: Run | undefined,
  ) {}

  static async open(world: World, configuration: object): Promise<Desk> {
    const stack = await world.stack(configuration);
    const keys = await planKeys({ environment: 'preview', folder: join(stack.folder, 'keys') });
    return Desk.over(world, stack, keys);
  }

  /** Over a stack that is there and initialised. */
  static over(world: World, stack: Stack, keys: PlanKeys, run?: Run): Desk {
    return new Desk(world, stack, keys, join(stack.folder, 'kept.plan'), run);
  }

  get at(): TerraformAt {
    return {
      folder: this.stack.folder,
      env: this.world.environment,
      ...(this.run === undefined ? {} : { run: this.run }),
    };
  }

  plan(change: Partial<PlanStackProps<ReviewedPlan>> = {}): Promise<KeptPlan<ReviewedPlan>> {
    return planStack({
      environment: 'preview',
      stack: 'preview',
      at: this.at,
      keys: this.keys,
      checkout: { commit, dirty: false },
      madeBy: 'somebody',
      validFor: 60 * 60_000,
      file: () => this.kept,
      imports: [],
      preflight: () => Promise.resolve(),
      judge: judgeHere({ environment: { name: 'preview' }, commit }),
      progress: silent,
      ...change,
    });
  }

  apply(change: Partial<ApplyPlanProps<ReviewedPlan>> = {}): Promise<Applied> {
    return applyPlan({
      environment: 'preview',
      stack: 'preview',
      at: this.at,
      plan: readSealedPlan(this.kept),
      keys: this.keys,
      checkout: { commit, dirty: false },
      onlyCommitted: true,
      words: { wipe: [], reviewed: undefined, withoutBackup: [] },
      backup: () => Promise.resolve({ kind: 'none', why: 'no backups are made' }),
      judge: judgeHere({ environment: { name: 'preview' }, commit }),
      preflight: () => Promise.resolve([]),
      leftBehind: () => Promise.resolve([]),
      notDone: () => Promise.resolve([]),
      onOutput: () => undefined,
      dryRun: false,
      progress: silent,
      ...change,
    });
  }

  get keptFile(): string {
    return this.kept;
  }

  forget(): void {
    rmSync(this.kept, { force: true });
  }
}
