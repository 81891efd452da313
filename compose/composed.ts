import { posix } from 'node:path';
import type { Project } from './project';
import type { ReadFault } from './read/read-fault';
import type { ReadFile } from './read/read-project';
import type * as reader from './read/written-out';
import { filesWithContent } from './report';
import { mappingOf, type PlainMapping } from './tree';
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
  const { document, faults } = loadReader().writtenOut(composeFile, contentsOf(project, own));
  // The shape of what is there is the specification's rule to judge (COMPOSE-801).
  const unread = faults.filter(({ code }) => code !== 'COMPOSE-903');
  return unread.length > 0 ? { document: rendered, faults: unread } : { document, faults: [] };
}

/** Loaded where it is needed: hardly a project names other files, and the reader of YAML would cost every command its time. */
const loadReader = (): typeof reader =>
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would be asynchronous
  require('./read/written-out') as typeof reader;

const namesOthers = ({ include, services }: PlainMapping): boolean =>
  include !== undefined ||
  Object.values(mappingOf(services)).some((entry) => mappingOf(entry)['extends'] !== undefined);

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
