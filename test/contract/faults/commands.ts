import { join } from 'node:path';
import { planText } from '../../../cli/plan-text';
import { plannedChanges } from '../../../cli/cherry-account';
import { Failure } from '../../../foundation/failure';
import { run, type Output, type Run } from '../../../foundation/process';
import { httpsThrough, proxyFrom } from '../../../foundation/proxy';
import { lookupFrom } from '../../../foundation/resolve';
import { Secret } from '../../../foundation/secret';
import { AccountGate } from '../../../infra/cherry/account-gate';
import { cherryApi } from '../../../infra/cherry/client';
import { planKeys, type PlanKeys } from '../../../infra/plan/plan-keys';
import { neededWords } from '../../../infra/plan/words';
import type { ReviewedPlan } from '../../../cli/judge-plan';
import type { KeptPlan } from '../../../infra/plan/plan-stack';
import { project, tokens } from '../emulator/rig';
import { key, server } from '../provider/configuration';
import type { Stack } from '../provider/run';
import { Desk } from '../plan/desk';
import type { Outcome } from './outcome';
import type { Scene } from './scene';

/** What one command came to. */
export interface Heard {
  /** As the command line exits. */
  readonly exit: number;
  /** Everything that it printed at its end. */
  readonly text: string;
}

/** What our commands say at one fault. */
export interface HeardAtFault {
  /** The faults and notes of the questions to the account, before anything is planned. */
  readonly preflight: readonly string[];
  readonly plan: Heard;
  /** Undefined = no plan was kept, so there was nothing to apply. */
  readonly apply: Heard | undefined;
  /** The plan after a failed apply; undefined where there was none. */
  readonly after: Heard | undefined;
}

/** Plays `cogni plan` and `cogni apply` at faults: their real code, over configurations of tests. */
export class Commands {
  private constructor(
    private readonly scene: Scene,
    private readonly keys: PlanKeys,
    private readonly run: Run,
  ) {}

  static async over(scene: Scene): Promise<Commands> {
    const keys = await planKeys({ environment: 'preview', folder: join(scene.world.rig.folder, 'keys') });
    return new Commands(scene, keys, withoutBeginnings());
  }

  /** @param early whether the plan that is applied was kept before the fault */
  async at(outcome: Outcome, early: boolean): Promise<HeardAtFault> {
    let desk: Desk | undefined;
    let kept: KeptPlan<ReviewedPlan> | undefined;
    const deskOf = (stack: Stack): Desk => (desk ??= Desk.over(this.scene.world, stack, this.keys, this.run));
    const { stack } = await this.scene.meet(
      outcome,
      early ? async (there) => (kept = await this.planned(deskOf(there), outcome, [])) : undefined,
    );
    const preflight: string[] = [];
    const plan = await this.heard(async () => {
      const made = await this.planned(deskOf(stack), outcome, preflight);
      kept = made;
      return made;
    });
    const apply = kept === undefined ? undefined : await this.applied(deskOf(stack), outcome, kept);
    const after =
      apply === undefined || apply.exit === 0
        ? undefined
        : await this.heard(() => this.planned(deskOf(stack), outcome, []));
    return { preflight, plan, apply, after };
  }

  /** @param said takes what the account's questions found */
  private async planned(
    desk: Desk,
    outcome: Outcome,
    said: string[],
  ): Promise<KeptPlan<ReviewedPlan> & { readonly text: string }> {
    const account = this.account(outcome, desk);
    const kept = await desk.plan({
      at: within(desk, outcome),
      preflight: async (state) => {
        try {
          await account.beforePlanning(state, []);
        } catch (thrown) {
          if (thrown instanceof Failure) said.push(...thrown.faults);
          throw thrown;
        } finally {
          said.push(...account.notes);
        }
      },
      accept: ({ review }, json) => account.afterPlanning(plannedChanges(review, json)),
    });
    return { ...kept, text: planText(kept, 'preview', undefined, account.notes) };
  }

  private async applied(
    desk: Desk,
    outcome: Outcome,
    { judged, manifest }: KeptPlan<ReviewedPlan>,
  ): Promise<Heard> {
    const account = this.account(outcome, desk);
    const words = neededWords(judged, manifest.plan.sha256);
    const wordsOf = (option: string): readonly string[] =>
      words.flatMap((word) => (word.startsWith(`${option} `) ? [word.slice(option.length + 1)] : []));
    try {
      const { notes } = await desk.apply({
        at: within(desk, outcome),
        words: {
          wipe: wordsOf('--wipe'),
          reviewed: wordsOf('--reviewed')[0],
          withoutBackup: judged.losses.flatMap(({ name, disk }) => (disk ? [name] : [])),
        },
        preflight: (state, json, { review }) => account.beforeApplying(state, plannedChanges(review, json)),
        leftBehind: (state) => account.leftBehind(state),
        notDone: (state) => account.afterApplying(state),
      });
      return { exit: 0, text: ['it is applied', ...notes.map((note) => `note: ${note}`)].join('\n') };
    } catch (thrown) {
      return failed(thrown);
    }
  }

  private async heard(
    plan: () => Promise<KeptPlan<ReviewedPlan> & { readonly text: string }>,
  ): Promise<Heard> {
    try {
      const { judged, text } = await plan();
      return { exit: judged.review.exitCode, text };
    } catch (thrown) {
      return failed(thrown);
    }
  }

  private account(outcome: Outcome, desk: Desk): AccountGate {
    const { world } = this.scene;
    const reach = { authorities: [world.rig.authority.ca], lookup: lookupFrom(undefined) };
    return new AccountGate({
      kind: kindOf(outcome.wanted ?? outcome.applied),
      api: cherryApi({
        https: httpsThrough(reach, proxyFrom(world.environment)),
        token: Secret.of('token', tokens.own),
        // Who waits lets the API's time go on.
        clock: {
          sleep: async (milliseconds) => {
            await this.scene.control('POST', 'clock', { advance: milliseconds / 1_000 });
          },
        },
      }),
      wanted: {
        environment: 'preview',
        hostName: server.hostname,
        stack: 'preview',
        projectId: project,
        plan: server.plan,
        region: server.region,
        image: server.image,
        key: { label: key.name, line: key.public_key },
        forget: (address) => `terraform -chdir=${desk.stack.folder} state rm ${address}`,
      },
    });
  }
}

const failed = (thrown: unknown): Heard => {
  if (!(thrown instanceof Failure)) throw thrown;
  return { exit: thrown.exitCode, text: thrown.message };
};

/** A {@link Run} that asks a version, and initialises what is initialised already, once for all. */
function withoutBeginnings(): Run {
  const known = new Map<string, Promise<Output>>();
  return (command, options) => {
    const [, first = ''] = command.argv;
    if (!['version', 'init'].includes(first)) return run(command, options);
    const asked = command.argv.join(' ');
    const answer = known.get(asked) ?? run(command, options);
    known.set(asked, answer);
    return answer;
  };
}

/** What a configuration is a stack of; the one that is taken where none is named has a server. */
const kindOf = (configuration: object | undefined): 'host' | 'address' =>
  configuration === undefined || /"cherryservers_(server|ssh_key)"/.test(JSON.stringify(configuration))
    ? 'host'
    : 'address';

/** Nobody waits for what never answers; for all else there is time enough, on a busy machine too. */
const within = ({ at }: Desk, { variant }: Outcome): Desk['at'] => ({
  ...at,
  patience: { plan: variant === 'silence' ? 3_000 : 60_000, reading: 300 },
});
