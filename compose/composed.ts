import { posix } from 'node:path';
import type { Project } from './project';
import { merge } from './read/merge';
import type { ReadFault } from './read/read-fault';
import { readProject, type ReadFile } from './read/read-project';
import { isMapping } from './read/yaml-file';
import { filesWithContent } from './report';
import type { PlainMapping } from './tree';
import { toYaml } from './yaml';

/** What Compose takes a project's file for. */
export interface Composed {
  /** The document with what it extends and includes written out; as rendered where that cannot be told. */
  readonly document: PlainMapping;
  /** Why it cannot be told. */
  readonly faults: readonly ReadFault[];
}

/** Where {@link Composed.faults} are that the project's own file has. */
export const composeFile = 'compose.yaml';

/**
 * Reads a rendered document as Compose will: `extends` and `include` bring in what other files say, and what they bring counts
 * like everything else. Their content is known where a folder of the project writes them or a ForeignFile says it.
 */
export function composed(project: Project, rendered: PlainMapping): Composed {
  const own = namesOthers(rendered) ? tryYaml(rendered) : undefined;
  if (own === undefined) return { document: rendered, faults: [] };
  const { document, included, faults } = readProject([composeFile], contentsOf(project, own));
  // The shape of what is there is the specification's rule to judge (COMPOSE-801).
  const unread = faults.filter(({ code }) => code !== 'COMPOSE-903');
  if (unread.length > 0) return { document: rendered, faults: unread };
  // What is included with variables of its own runs like the rest.
  return { document: merge(included, document, [], () => undefined) as PlainMapping, faults: [] };
}

const namesOthers = ({ include, services }: PlainMapping): boolean =>
  include !== undefined ||
  (isMapping(services) &&
    Object.values(services).some((entry) => isMapping(entry) && entry['extends'] !== undefined));

/** Undefined for what cannot be written, which has a rule of its own (COMPOSE-106). */
function tryYaml(document: PlainMapping): string | undefined {
  try {
    return toYaml(document);
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

function contentsOf(project: Project, own: string): ReadFile {
  const contents = new Map([
    ...project.folders.flatMap(({ name, files }) =>
      files.map(({ path, content }) => [posix.normalize(`${name}/${path}`), content] as const),
    ),
    ...filesWithContent(project).map(({ path, content }) => [posix.normalize(path), content] as const),
    [composeFile, own] as const,
  ]);
  return (path) => contents.get(posix.normalize(path));
}
