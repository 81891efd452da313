import type { IConstruct } from 'constructs';
import type { Project } from '../project';

/** One rule as data: it can be listed, documented and tested by table. */
export interface Rule {
  /** Never reused and never changed: `COMPOSE-101`. */
  readonly code: `COMPOSE-${number}`;
  /** What must be true, in one sentence. */
  readonly rule: string;
  /** What goes wrong otherwise. */
  readonly why: string;
  /** What breaks it, over all projects of one host. */
  readonly check: (projects: readonly Project[]) => Iterable<Breach>;
}

export interface Breach {
  readonly at: IConstruct;
  readonly message: string;
}

/** For rules that look at one project at a time. */
export const perProject =
  (check: (project: Project) => Iterable<Breach>): Rule['check'] =>
  (projects) =>
    projects.flatMap((project) => [...check(project)]);

/** Pairs of entries, each pair once, in order. */
export const pairs = <Entry>(entries: readonly Entry[]): readonly (readonly [Entry, Entry])[] =>
  entries.flatMap((one, index) => entries.slice(index + 1).map((other) => [one, other] as const));

/** What stands in a list more than once. */
export const duplicates = (entries: readonly string[]): ReadonlySet<string> =>
  new Set(entries.filter((entry, index) => entries.indexOf(entry) !== index));
