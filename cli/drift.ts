import { findDrift } from '../deploy/drift/drift';
import type { DriftReport } from '../deploy/drift/finding';
import { servingSlot } from '../deploy/diff/serving-slot';
import { writeAtomically } from '../foundation/files';
import type { Guest } from '../deploy/drift/strangers';
import { composeText } from '../deploy/diff/rendered-compose';
import { hostLayout, receiverPlace, renderEdge, renderReceiver } from '../services';
import { edgePropsOf } from '../stacks/user-data';
import { receiversOn } from '../stacks/whole-host';
import type { Environment } from '../stacks/environment';
import { environments } from '../stacks/environments';
import { findEnvironment } from '../stacks/here';
import { edgeOfOurs } from './edge-request';
import { hostNeedsHere } from './host-needs';
import { onHost } from './on-host';
import { progressOn, type OutputOptions } from './output';
import { comparedProjects, maskOf } from './render-environment';

/**
 * Looks at the host of an environment.
 *
 * @param file gets the report as well
 * @throws Failure where any of it cannot be found out
 */
export async function lookForDrift(
  name: string,
  file: string | undefined,
  options: OutputOptions,
): Promise<DriftReport> {
  const edge = edgeOfOurs(name);
  const rendered = edge && { needs: hostNeedsHere(findEnvironment(name)), edge };
  const report = await onHost(name, async (transport, environment) =>
    findDrift({
      ...{ environment: name, transport, ...(rendered ? { rendered } : {}) },
      projects: comparedProjects(environment, await servingSlot(transport)),
      guests: guestsOn(environment),
      mask: maskOf(environment, []),
      progress: progressOn(options),
    }),
  );
  if (file !== undefined) writeAtomically(file, `${JSON.stringify(report, undefined, 2)}\n`, 0o644);
  return report;
}

/**
 * What belongs on the host of an environment beside its own projects: what receives the log of others, and, where somebody else made the host, the
 * edge, which a bootstrap of ours may have brought in any version of it.
 */
const guestsOn = (environment: Environment): readonly Guest[] => [
  ...receiversOn(environment.name, environments).map((receiver) => ({
    name: receiverPlace(receiver.environment).project,
    compose: composeText(renderReceiver(receiver)),
    mend: `./cogni receiver up ${receiver.environment}`,
  })),
  ...(environment.host.kind === 'cherry'
    ? []
    : [
        {
          name: hostLayout.edge.project,
          compose: composeText(renderEdge(edgePropsOf(environment))),
          anyImage: true as const,
        },
      ]),
];
