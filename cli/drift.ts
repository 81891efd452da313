import { findDrift } from '../deploy/drift/drift';
import type { DriftReport } from '../deploy/drift/finding';
import { servingSlot } from '../deploy/diff/serving-slot';
import { writeAtomically } from '../foundation/files';
import { receiverPlace } from '../services';
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
 * @throws Failure for a host that somebody else made, and where any of it cannot be found out
 */
export async function lookForDrift(
  name: string,
  file: string | undefined,
  options: OutputOptions,
): Promise<DriftReport> {
  // Nothing is rendered for a host that somebody else made, which this says.
  const needs = hostNeedsHere(findEnvironment(name));
  const edge = edgeOfOurs(name)!;
  const report = await onHost(name, async (transport, environment) =>
    findDrift({
      ...{ environment: name, transport, needs, edge },
      projects: comparedProjects(environment, await servingSlot(transport)),
      guests: receiversOn(name),
      mask: maskOf(environment, []),
      progress: progressOn(options),
    }),
  );
  if (file !== undefined) writeAtomically(file, `${JSON.stringify(report, undefined, 2)}\n`, 0o644);
  return report;
}

/** Projects on the host of an environment that receive the log of others. */
const receiversOn = (name: string): readonly string[] =>
  environments.flatMap(({ name: other, archive }) =>
    archive?.receiver && 'on' in archive.receiver && archive.receiver.on === name
      ? [receiverPlace(other).project]
      : [],
  );
