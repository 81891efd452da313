import type { PlainMapping } from '../tree';
import { merge } from './merge';
import type { ReadFault } from './read-fault';
import { readProject, type ReadFile } from './read-project';

/** A compose file with what it extends and includes written out, also what is included with variables of its own. */
export function writtenOut(
  file: string,
  readFile: ReadFile,
): { readonly document: PlainMapping; readonly faults: readonly ReadFault[] } {
  const { document, included, faults } = readProject([file], readFile);
  return { document: merge(included, document, [], () => undefined) as PlainMapping, faults };
}
