import { CompositionError, type Fault } from './fault';
import type { Host } from './host';
import { inspect, type Inspection } from './inspection';
import type { Project } from './project';
import { consistencyRules } from './rules/consistency';
import { fileRules } from './rules/files';
import { healthRules } from './rules/health';
import { hostWriterRules } from './rules/host-writers';
import { imageRules } from './rules/images';
import { limitRules } from './rules/limits';
import { nameRules } from './rules/names';
import { namesOnHostRules } from './rules/names-on-host';
import { networkRules } from './rules/networks';
import { hostFileRules, powerRules } from './rules/powers';
import { referenceRules } from './rules/references';
import type { Rule } from './rules/rule';
import { secretRules } from './rules/secrets';
import { specificationRules } from './rules/specification';

/** Everything that a composition must fulfil, in the order of the codes. */
export const rules: readonly Rule[] = [
  ...nameRules,
  ...secretRules,
  ...namesOnHostRules,
  ...referenceRules,
  ...healthRules,
  ...networkRules,
  ...imageRules,
  ...fileRules,
  ...hostFileRules,
  ...hostWriterRules,
  ...limitRules,
  ...powerRules,
  ...specificationRules,
  ...consistencyRules,
].sort((one, other) => (one.code < other.code ? -1 : 1));

/** All faults of the projects of one host, in the order of the rules. An empty list means that they can be rendered. */
export const check = (...projects: readonly Project[]): readonly Fault[] => checkHost({ projects });

/** The same, with what is known of the host. */
export const checkHost = (host: Host): readonly Fault[] => faultsOf(inspect(host));

/**
 * What a host's projects render to.
 *
 * @throws CompositionError with every fault, when there is any.
 */
export function sound(host: Host): Inspection {
  const inspection = inspect(host);
  const faults = faultsOf(inspection);
  if (faults.length > 0) throw new CompositionError(faults);
  return inspection;
}

const faultsOf = (inspection: Inspection): readonly Fault[] =>
  rules.flatMap((rule) =>
    [...rule.check(inspection)].map(({ at, message }) => ({ code: rule.code, path: at.node.path, message })),
  );
