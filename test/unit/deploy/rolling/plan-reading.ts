import { planRolling, type DeployPlan } from '../../../../deploy/rolling/plan';
import type { Action, Step } from '../../../../deploy/step';
import type { RemoteCommand } from '../../../../deploy/transport';
import { emptyHost, imagesOf, propsFor, servingHost } from './sample';

/** Plans of the samples, and what tests ask of a plan. */
export const first = planRolling(propsFor(emptyHost));
export const other = imagesOf('preview-4567def', 'd', 'e');
export const update = planRolling(
  propsFor(servingHost(), { request: { tag: 'preview-4567def' }, images: other }),
);

export const ids = (plan: DeployPlan): string[] => plan.steps.map(({ id }) => id);
export const stepOf = (plan: DeployPlan, id: string): Step => plan.steps.find((step) => step.id === id)!;
export const commandsOf = (action: Action): RemoteCommand[] => ('command' in action ? [action.command] : []);
export const linesOf = (plan: DeployPlan, id: string): string[] =>
  stepOf(plan, id)
    .actions.flatMap(commandsOf)
    .map(({ argv }) => argv.join(' '));
export const allCommands = (plan: DeployPlan): RemoteCommand[] =>
  plan.steps.flatMap((step) => [
    ...(step.doneWhen ?? []).map(({ command }) => command),
    ...step.actions.flatMap(commandsOf),
    ...step.actions.flatMap((action) => (action.do === 'hold' && action.taken ? [action.taken.by] : [])),
    ...(step.cleanUp ?? []),
    ...(step.undo ?? []),
    ...(step.diagnose ?? []),
  ]);

/** How a command begins that waits for its like: as long as it may itself take. */
export const alone = (seconds: number): string =>
  `flock --timeout ${seconds} --conflict-exit-code 75 /var/lib/cogni/deploy/runtime.at-work.lock timeout --kill-after=5 ${seconds}`;
export const compose = 'docker compose --ansi=never --progress=plain --project-name=cogni-runtime';
export const next = '--file=/opt/cogni/runtime/.next/compose.yaml --env-file=/opt/cogni/runtime/.next/.env';
export const current = '--file=/opt/cogni/runtime/compose.yaml --env-file=/opt/cogni/runtime/.env';
export const image = 'ghcr.cogni.test/cogni/app@sha256';
