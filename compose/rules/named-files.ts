import { posix } from 'node:path';
import type { IConstruct } from 'constructs';
import type { ProjectView } from '../inspection';
import { foreignFiles } from '../report';
import { mappingOf, type Plain, type PlainMapping } from '../tree';
import { hasVariable, isTrue, listOf, mountsOf, seccompFileOf, textOf, textsOf } from './entry';
import type { Breach } from './rule';

/**
 * Files and folders that Compose or Docker would look for on the host, and of which nobody says who puts them there. What is
 * rendered is looked at, so that entries which came through `raw` are no way around. Files that are read as part of the project
 * have a rule of their own (COMPOSE-803).
 */
export function* filesOfNobody(view: ProjectView): Generator<Breach> {
  const isKnown = knownFiles(view);
  const absent = (at: IConstruct, named: Iterable<string>): readonly Breach[] =>
    [...new Set([...named].map(plainPath))]
      .filter((path) => !hasVariable(path) && !isKnown(path.replaceAll('$$', '$')))
      .map((path) => ({
        at,
        message: `the file ${path} is not one that the project writes; say who does with a ForeignFile`,
      }));
  const { project, rendered, document, services } = view;
  for (const section of ['configs', 'secrets'] as const) {
    const handles = new Map<string, IConstruct>(project[section].map((at) => [at.name, at]));
    for (const [name, entry] of Object.entries(mappingOf(document[section]))) {
      yield* absent(handles.get(name) ?? project, texts(mappingOf(entry)['file']));
    }
  }
  for (const { at, entry } of services) yield* absent(at, namedBy(entry, isKnown));
  yield* absent(project, variableFilesOf(rendered));
}

/**
 * Paths that the project's file has Compose or Docker read, in any form: relative ones count from the project's folder. Those of
 * services are looked at as rendered; of what is read as a part of the project, the file is meant.
 */
function* pathsRead({ rendered, document, services }: ProjectView): Generator<string> {
  for (const section of ['configs', 'secrets'] as const) {
    for (const entry of Object.values(mappingOf(document[section]))) yield* texts(mappingOf(entry)['file']);
  }
  for (const { entry } of services) yield* namedBy(entry, () => false);
  for (const entry of Object.values(mappingOf(rendered['services']))) {
    yield* texts(mappingOf(mappingOf(entry)['extends'])['file']);
  }
  for (const item of listOf(rendered['include'])) {
    for (const each of itemsOf(textOf(item) ?? mappingOf(item)['path'])) yield* texts(each);
  }
  yield* variableFilesOf(rendered);
}

/** Tells of a folder of the project, by its path, whether something in it is read, or a folder that it is in. */
export function foldersRead(view: ProjectView): (folder: string) => boolean {
  const read = new Set([...pathsRead(view)].map(plainPath));
  const holding = new Set([...read].flatMap(withFoldersAbove));
  return (folder) =>
    holding.has(folder) ||
    read.has('.') ||
    withFoldersAbove(plainPath(folder)).some((each) => read.has(each));
}

/** The path itself, and the folders that it is in. */
function withFoldersAbove(path: string): readonly string[] {
  const found: string[] = [];
  for (let each = path; each !== '.' && each !== '/'; each = posix.dirname(each)) found.push(each);
  return found;
}

/** What is there because a folder of the project has it, or somebody was named who puts it there. */
function knownFiles({ project }: ProjectView): (path: string) => boolean {
  const written = new Set<string>();
  for (const { name, files } of project.folders) {
    for (const path of [name, ...files.map((file) => `${name}/${file.path}`)]) {
      withFoldersAbove(plainPath(path)).forEach((each) => written.add(each));
    }
  }
  const foreign = foreignFiles(project).map(({ file }) => plainPath(file));
  return (path) => written.has(path) || foreign.some((each) => covers(each, path));
}

/** Whether a path is that of a file, or lies in it where it is a folder; `.` is the project's own. Both are normal. */
function covers(file: string, path: string): boolean {
  if (path === file || file === '/') return path.startsWith('/') || path === file;
  const isBelow = file === '.' ? !path.startsWith('/') : path.startsWith(`${file}/`);
  const rest = file === '.' ? path : path.slice(file.length + 1);
  return isBelow && rest !== '..' && !rest.startsWith('../');
}

/** Files that Compose itself reads for a service: it refuses the project where one is absent. */
export function* readFor(entry: PlainMapping): Generator<string> {
  for (const item of itemsOf(entry['env_file'])) {
    const { path, required } = mappingOf(item);
    if (required === undefined || isTrue(required)) yield* texts(textOf(item) ?? path);
  }
  for (const item of itemsOf(entry['label_file'])) yield* texts(item);
}

/** What a service's entry has Compose or Docker read. Directories of the host itself are no files of the project. */
function* namedBy(entry: PlainMapping, isKnown: (path: string) => boolean): Generator<string> {
  yield* readFor(entry);
  for (const { type, source = '' } of mountsOf(entry)) {
    if (type === 'bind' && !/^[/~]/.test(source)) yield source;
  }
  yield* texts(mappingOf(entry['credential_spec'])['file']);
  for (const option of textsOf(entry['security_opt'])) yield* texts(seccompFileOf(option));
  const build = mappingOf(entry['build']);
  const context = textOf(entry['build']) ?? textOf(build['context']);
  const others = build['additional_contexts'];
  const folders = [
    context ?? '',
    ...Object.values(mappingOf(others)).map((each) => textOf(each) ?? ''),
    ...textsOf(others).map((each) => each.replace(/^[^=]*=/, '')),
  ].filter((folder) => folder !== '' && !folder.includes(':'));
  yield* folders;
  // In a folder of somebody else's it is theirs too.
  const isOurs = context !== undefined && folders.includes(context) && isKnown(plainPath(context));
  if (isOurs && build['dockerfile_inline'] === undefined) {
    yield posix.join(plainPath(context), textOf(build['dockerfile']) ?? 'Dockerfile');
  }
}

/** Files with variables for what is included. */
function* variableFilesOf(document: PlainMapping): Generator<string> {
  for (const item of listOf(document['include'])) {
    for (const each of itemsOf(mappingOf(item)['env_file'])) yield* texts(each);
  }
}

/** A list, or the one thing that stands for a list of it. */
const itemsOf = (value: Plain | undefined): readonly Plain[] =>
  value === undefined ? [] : Array.isArray(value) ? listOf(value) : [value];

const texts = (value: Plain | undefined): readonly string[] => (typeof value === 'string' ? [value] : []);

/** Without what makes two spellings of one path. */
const plainPath = (path: string): string => posix.normalize(path).replace(/(.)\/+$/, '$1');
