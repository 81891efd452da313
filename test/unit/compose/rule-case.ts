import type { Host, Project } from '../../../compose';
import { newProject } from './example';

/** A project of which the type parameter is forgotten, as when it came from data. */
export const untyped = (name = 'shop'): Project => newProject(name);

/** What breaks one rule, and what is found. */
export interface RuleCase {
  readonly code: string;
  /** What breaks it. */
  readonly title: string;
  readonly build: () => readonly Project[] | Host;
  readonly faults: readonly (readonly [path: string, message: RegExp])[];
}

export const one = (build: (project: Project) => void): (() => readonly Project[]) => {
  return () => {
    const project = untyped();
    build(project);
    return [project];
  };
};

/** The same on a host of which something is known. */
export const hostOf = (host: Omit<Host, 'projects'>, build: (project: Project) => void): (() => Host) => {
  return () => ({ ...host, projects: one(build)() });
};
