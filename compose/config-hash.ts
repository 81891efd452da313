import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { ConfigFile, ConfigFolder } from './config-folder';
import { grantOf } from './grant';
import { isMapping } from './raw';
import type { Values } from './reference';
import { interpolated, type Mapping, type Node } from './tree';
import type { Workload } from './workload';
import { environmentFileOf } from './workload/process';

/** Outside of the names that Docker keeps for itself (`com.docker.*`, `io.docker.*`, `org.dockerproject.*`). */
export const configHashLabel = 'config.sha256';

/**
 * The label that changes with the files that the service mounts and with the configs that hold their content in the compose file.
 * Compose compares labels, not the content of mounted files, nor that of configs: with it `up` recreates the services whose
 * configuration changed, and only these.
 *
 * What the service's own raw entries say counts like what its properties say. What it extends in other files, and what the
 * project's raw entries put into it, does not.
 *
 * @returns no label for a service without any of these, and for one that is not to be recreated. A {@link ConfigFile}
 *   that is only a first content does not count: from then on it is somebody else's.
 */
export function configHashOf(workload: Workload): Values {
  if (workload.props.recreateOnConfigChange === false) return {};
  const files = [...filesOf(workload)].filter(([, file]) => file.seed !== true);
  const contents = contentsOf(workload);
  if (files.length === 0 && contents.length === 0) return {};
  const hash = createHash('sha256');
  for (const [path, { content, mode = 0o644 }] of files.sort(([one], [other]) => (one < other ? -1 : 1))) {
    // Lengths before contents: no two lists of files give the same bytes.
    hash.update(JSON.stringify([path, mode, content.length])).update(content);
  }
  for (const content of contents) hash.update(JSON.stringify(content));
  return { [configHashLabel]: hash.digest('hex') };
}

/** The entry with the label, also where raw entries have labels of their own in another form. */
export function withConfigHash(entry: Mapping, label: Values): Mapping {
  const [name, value] = Object.entries(label)[0] ?? [];
  const { labels } = entry;
  if (name === undefined || typeof value !== 'string') return entry;
  if (isMapping(labels)) return name in labels ? entry : { ...entry, labels: { ...labels, ...label } };
  return Array.isArray(labels)
    ? { ...entry, labels: [...(labels as readonly Node[]), `${name}=${value}`] }
    : { ...entry, labels: label };
}

/** What it mounts of the project's own files, by path below the project's folder. */
function filesOf(workload: Workload): ReadonlyMap<string, ConfigFile> {
  const { project } = workload;
  const { mounts = [], environmentFiles = [], labelFiles = [] } = workload.props;
  const found = new Map<string, ConfigFile>();
  const volumes = rawEntry(workload, 'volumes');
  for (const mount of volumes === undefined ? mounts : []) {
    if (mount.kind === 'folder') folderFiles(mount.folder).forEach(([path, file]) => found.set(path, file));
  }
  for (const path of itemsOf(volumes).flatMap(sourceOf)) {
    for (const [each, file] of project.folders.flatMap(folderFiles)) {
      if (path === '.' || each === path || each.startsWith(`${path}/`)) found.set(each, file);
    }
  }
  const environment = rawEntry(workload, 'env_file');
  const labels = rawEntry(workload, 'label_file');
  const single = [
    ...(volumes === undefined
      ? texts(mounts.map((mount) => (mount.kind === 'host' ? mount.source : undefined)))
      : []),
    ...(environment === undefined
      ? texts(environmentFiles.map((entry) => environmentFileOf(entry).file))
      : itemsOf(environment).flatMap((item) => texts([isMapping(item) ? item['path'] : item]))),
    ...texts(labels === undefined ? labelFiles : itemsOf(labels)),
    ...grantedBy(workload).flatMap(({ file }) => texts([file])),
  ];
  for (const path of single.map(plainPath)) {
    const file = project.file(path);
    if (file !== undefined) found.set(path, file);
  }
  return found;
}

/** What the configs hold that are given to it, as Compose's text: of a variable, its name. */
const contentsOf = (
  workload: Workload,
): readonly (readonly [section: string, name: string, content: string])[] =>
  grantedBy(workload)
    .flatMap(({ section, name, content }) =>
      content === undefined ? [] : [[section, name, JSON.stringify(interpolated(content))] as const],
    )
    .sort((one, other) => (one[1] < other[1] ? -1 : 1));

interface Granted {
  readonly section: 'configs' | 'secrets';
  readonly name: string;
  readonly file: Node | undefined;
  readonly content: Node | undefined;
}

/** Configs and secrets that it is given. */
function grantedBy(workload: Workload): readonly Granted[] {
  return (['configs', 'secrets'] as const).flatMap((section) => {
    const own = rawEntry(workload, section);
    const sources =
      own === undefined
        ? (workload.props[section] ?? []).map((each) => grantOf(each).source)
        : itemsOf(own).flatMap((item) => {
            const name = isMapping(item) ? item['source'] : item;
            return workload.project[section].find((each) => each.name === name) ?? [];
          });
    return sources.map((source) => {
      const { file, content } = source.render();
      return { section, name: source.name, file, content };
    });
  });
}

/** What its raw entries put in the place of a property; undefined where they do not. */
function rawEntry({ props }: Workload, key: string): Node | undefined {
  const entries = props.raw?.entries ?? {};
  return Object.hasOwn(entries, key) ? (entries[key] ?? null) : undefined;
}

const itemsOf = (node: Node | undefined): readonly Node[] =>
  node === undefined || node === null ? [] : Array.isArray(node) ? (node as readonly Node[]) : [node];

const texts = (values: readonly unknown[]): readonly string[] =>
  values.filter((value) => typeof value === 'string');

/** The folder or file that a mount takes from the project, in the short and the long form. */
function sourceOf(item: Node): readonly string[] {
  const source = isMapping(item) ? item['type'] === 'bind' && item['source'] : item;
  if (typeof source !== 'string') return [];
  const path = isMapping(item) ? source : (source.split(':')[0] ?? '');
  return isMapping(item) || path.startsWith('.') ? [plainPath(path)] : [];
}

/** `./config/` and `config` are one. */
const plainPath = (path: string): string => posix.normalize(path).replace(/(.)\/+$/, '$1');

const folderFiles = (folder: ConfigFolder): readonly (readonly [string, ConfigFile])[] =>
  folder.files.map((file) => [`${folder.name}/${file.path}`, file] as const);
