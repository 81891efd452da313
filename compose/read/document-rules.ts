import { Construct } from 'constructs';
import { Bytes } from '../bytes';
import { rules } from '../check';
import { hasVariable, usedBy, usedSections, withFallbacks } from '../rules/entry';
import { isReplaceable } from '../rules/interpolation';
import { readFor } from '../rules/named-files';
import type { ProjectView } from '../inspection';
import { Logging } from '../logging';
import { Project } from '../project';
import { mappingOf, type PlainMapping } from '../tree';
import { merge } from './merge';
import type { ReadFile, ReadProject } from './read-project';
import { isMapping, type Mapping, type Value } from './yaml-file';

/** A rule that an existing project breaks. */
export interface DocumentBreach {
  readonly code: string;
  readonly rule: string;
  /** The service that breaks it; empty for the project as a whole. */
  readonly keys: readonly string[];
  readonly message: string;
}

const isOfReading = 'reading has answered it';
const isOneKey = 'a file holds one entry a key, so it cannot say it twice';
const isOfReport = 'the report lists variables in other forms by themselves';
const needsWriter = 'it looks at files that a project writes, and at handles of other projects';
const needsReferences = 'what is a secret is known of references, and a file holds their text';
const needsProps = 'it looks at what only constructs say: no file holds it';
const needsHost = 'it looks at all projects of a host and its size';

/** Rules of the table that cannot be asked of a file, with the reason. All others are. */
export const notApplied: ReadonlyMap<string, string> = new Map(
  (
    [
      [isOfReading, ['101', '105', '106', '505', '702', '801', '802', '803']],
      [isOneKey, ['104', '109', '204', '303']],
      [isOfReport, ['103']],
      [needsWriter, ['201', '501', '502', '503']],
      [needsProps, ['206', '508']],
      [needsHost, ['107', '307', '511', '606']],
      [needsReferences, ['108']],
    ] as const
  ).flatMap(([why, codes]) => codes.map((code) => [`COMPOSE-${code}`, why] as const)),
);

/** A rule of the table that looks at constructs, asked of a document in the same sense. */
const inDocuments: Readonly<
  Record<string, (document: Mapping, readFile: ReadFile) => Iterable<readonly [readonly string[], string]>>
> = {
  'COMPOSE-202': unused,
  'COMPOSE-507': absent,
};

/**
 * The rules of the library that an existing project breaks, as far as they can be asked of files.
 *
 * Variables count as their fallbacks. What is included with variables of its own counts as declared, and is not looked at.
 *
 * @param project one without faults
 * @param readFile what it was read with
 */
export function documentBreaches(project: ReadProject, readFile: ReadFile): readonly DocumentBreach[] {
  const document = inFallbacks(project.document) as Mapping;
  const view = viewOf(document, project.included);
  return rules.flatMap(({ code, rule, check }) => {
    if (notApplied.has(code)) return [];
    const own = inDocuments[code];
    if (own !== undefined)
      return [...own(document, readFile)].map(([keys, message]) => ({ code, rule, keys, message }));
    return [...check({ host: { projects: [view.project] }, projects: [view] })]
      .map(({ at, message }) => {
        const [section, id] = at.node.path.split('/').slice(1);
        const keys = section === undefined || id === undefined ? [] : [section, nameOf(id)];
        return { code, rule, keys, message };
      })
      .filter(({ keys }) => !(code === 'COMPOSE-604' && hasUnknownMemory(document, keys[1])));
  });
}

/** The document as the rules see one of our own: services that came from nowhere but the file. */
function viewOf(document: Mapping, included: Mapping): ProjectView {
  const project = new Project(undefined, 'project', {
    generatedBy: 'read from a file',
    logging: Logging.local({ maxSize: Bytes.mebibytes(1), maxFiles: 1 }),
  });
  const services = Object.entries(mappingOf(document['services'])).map(([name, entry]) => ({
    name,
    at: new Construct(project.section('services'), idOf(name)),
    workload: undefined,
    entry: mappingOf(entry),
  }));
  const declared = merge(included, document, [], () => undefined) as PlainMapping;
  return { project, rendered: declared, document: declared, unread: [], services, readers: [] };
}

/** The tree takes no names that every object has, such as `constructor`. No service's name holds a `~`. */
const idOf = (name: string): string => (name in {} ? `${name}~` : name);
const nameOf = (id: string): string => id.replace(/~$/, '');

/** A network, volume, config, secret or model that no service names. */
function* unused(document: Mapping): Generator<readonly [readonly string[], string]> {
  // What is included with variables of its own may use anything.
  if (document['include'] !== undefined) return;
  const services = Object.values(mappingOf(document['services'])).map(mappingOf);
  for (const section of usedSections) {
    const used = usedBy(services, section);
    for (const name of Object.keys(mappingOf(document[section]))) {
      if (!used.has(name)) yield [[section, name], 'no service uses it'];
    }
  }
}

/**
 * A file that is not there, though Compose reads it for a service or puts it into containers as a config or a secret. Mounts,
 * builds and absolute paths are left out: what they need is on the machine that runs or builds.
 */
function* absent(document: Mapping, readFile: ReadFile): Generator<readonly [readonly string[], string]> {
  const isAbsent = (path: string): boolean =>
    !hasVariable(path) && !/^[/~]/.test(path) && readFile(path.replaceAll('$$', '$')) === undefined;
  for (const section of ['configs', 'secrets'] as const) {
    for (const [name, entry] of Object.entries(mappingOf(document[section]))) {
      const { file } = mappingOf(entry);
      if (typeof file === 'string' && isAbsent(file)) yield [[section, name], 'its file is not there'];
    }
  }
  for (const [name, entry] of Object.entries(mappingOf(document['services']))) {
    for (const path of new Set(readFor(mappingOf(entry)))) {
      if (isAbsent(path))
        yield [['services', name], `the file ${path}, which Compose reads for it, is not there`];
    }
  }
}

function inFallbacks(value: Value): Value {
  // What Compose cannot replace stays for the rule that says so.
  if (typeof value === 'string') return isReplaceable(value) ? withFallbacks(value) : value;
  if (Array.isArray(value)) return value.map(inFallbacks);
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, inFallbacks(entry)]));
}

/** A limit in a variable is a limit. */
function hasUnknownMemory(document: Mapping, name: string | undefined): boolean {
  const service = mappingOf(mappingOf(document['services'])[name ?? '']);
  const limits = mappingOf(mappingOf(mappingOf(service['deploy'])['resources'])['limits']);
  return [service['mem_limit'], limits['memory']].some(
    (limit) => typeof limit === 'string' && limit.includes('$'),
  );
}
