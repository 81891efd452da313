import type { IConstruct } from 'constructs';
import type { Inspection, ProjectView, ServiceView } from '../inspection';

/** One rule as data: it can be listed, documented and tested by table. */
export interface Rule {
  /** Never reused and never changed: `COMPOSE-101`. */
  readonly code: `COMPOSE-${number}`;
  /** What must be true, in one sentence. */
  readonly rule: string;
  /** What goes wrong otherwise. */
  readonly why: string;
  /** What breaks it, over all projects of one host. */
  readonly check: (inspection: Inspection) => Iterable<Breach>;
}

/** Where a rule is broken, and how. */
export interface Breach {
  readonly at: IConstruct;
  readonly message: string;
}

/** For rules that look at one project at a time. */
export const perProject = (check: (view: ProjectView) => Iterable<Breach>): Rule['check'] =>
  function* ({ projects }) {
    for (const view of projects) yield* check(view);
  };

/** For rules that look at one service at a time: what is wrong with it, in words. */
export const perService = (
  check: (service: ServiceView, view: ProjectView) => Iterable<string>,
): Rule['check'] =>
  perProject(function* (view) {
    for (const service of view.services) {
      for (const message of check(service, view)) yield { at: service.at, message };
    }
  });

/** What stands in a list more than once. */
export function duplicates(entries: readonly string[]): ReadonlySet<string> {
  const [seen, twice] = [new Set<string>(), new Set<string>()];
  for (const entry of entries) (seen.has(entry) ? twice : seen).add(entry);
  return twice;
}
