import { rules } from '../check';
import { documentBreaches, notApplied } from './document-rules';
import { inexpressible } from './expressible';
import type { ReadFault } from './read-fault';
import { readProject, type ReadFile, type ReadProject } from './read-project';

/** Where something stands in the files that were read. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly path: string;
}

/** What existing compose files are like, seen from this library. */
export interface ReadReport {
  /** What keeps them from being read. Where there is one, nothing below was looked at. */
  readonly faults: readonly ReadFault[];
  /** Rules that they break, with the rule's code and sentence. */
  readonly breaches: readonly (Place & {
    readonly code: string;
    readonly rule: string;
    readonly message: string;
  })[];
  /** What a project of constructs would need `raw` for, or other words. */
  readonly inexpressible: readonly (Place & { readonly why: string })[];
  /** Rules that cannot be asked of a file, and why. */
  readonly notApplied: readonly { readonly code: string; readonly rule: string; readonly why: string }[];
}

/**
 * Reads compose files and holds them against the library: what it could not write, and which of its rules they break.
 *
 * @param files in the order of `docker compose -f`, relative to the project's folder
 */
export function reportOnFiles(
  files: readonly string[],
  readFile: ReadFile,
): { readonly project: ReadProject; readonly report: ReadReport } {
  const project = readProject(files, readFile);
  const { faults, document } = project;
  const place = (keys: readonly (string | number)[]): Place => ({
    ...project.locate(keys),
    path: keys.join('/'),
  });
  const sound = faults.length === 0;
  return {
    project,
    report: {
      faults,
      breaches: sound
        ? documentBreaches(project, readFile).map(({ code, rule, keys, message }) => ({
            code,
            rule,
            ...place(keys),
            message,
          }))
        : [],
      inexpressible: sound ? inexpressible(document).map(({ keys, why }) => ({ ...place(keys), why })) : [],
      notApplied: rules.flatMap(({ code, rule }) => {
        const why = notApplied.get(code);
        return why === undefined ? [] : [{ code, rule, why }];
      }),
    },
  };
}
