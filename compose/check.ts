import { CompositionError, type Fault } from './fault';
import type { Project } from './project';
import { fileRules } from './rules/files';
import { imageRules } from './rules/images';
import { limitRules } from './rules/limits';
import { nameRules } from './rules/names';
import { networkRules } from './rules/networks';
import { referenceRules } from './rules/references';
import type { Rule } from './rules/rule';

/** Everything that a composition must fulfil, in the order of the codes. */
export const rules: readonly Rule[] = [
  ...nameRules,
  ...referenceRules,
  ...networkRules,
  ...imageRules,
  ...fileRules,
  ...limitRules,
];

/** All faults of the projects of one host, in the order of the rules. An empty list means that they can be rendered. */
export const check = (...projects: readonly Project[]): readonly Fault[] =>
  rules.flatMap(({ code, check: breaches }) =>
    [...breaches(projects)].map(({ at, message }) => ({ code, path: at.node.path, message })),
  );

/** @throws CompositionError with every fault, when there is any. */
export function requireSound(...projects: readonly Project[]): void {
  const faults = check(...projects);
  if (faults.length > 0) throw new CompositionError(faults);
}
