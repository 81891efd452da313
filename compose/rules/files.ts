import { posix } from 'node:path';
import { composeFile } from '../composed';
import type { FileReference } from '../file-reference';
import type { Project } from '../project';
import { mappingOf, type Plain } from '../tree';
import { memoryMountsOf, shortMemoryMountsOf } from './amounts';
import { hasVariable, listOf, mountsOf, textOf } from './entry';
import { filesOfNobody } from './named-files';
import { duplicates, perProject, perService, type Rule } from './rule';

/** Paths that are the same on every system: no `..`, no empty part, nothing hidden at the front. */
const relativePath = /^[A-Za-z0-9_][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/;

const isAbsolute = (path: string): boolean =>
  path.startsWith('/') && posix.normalize(path) === path && path !== '/';

export const fileRules: readonly Rule[] = [
  {
    code: 'COMPOSE-501',
    rule: 'a path inside the project folder is relative and plain',
    why: 'a file outside its folder would be written over something else',
    check: perProject(function* ({ project }) {
      for (const at of project.folders) {
        for (const path of [at.name, ...at.files.map((file) => file.path)]) {
          if (!relativePath.test(path))
            yield { at, message: `the path "${path}" does not match ${relativePath.source}` };
        }
      }
    }),
  },
  {
    code: 'COMPOSE-502',
    rule: "a file of the project has one writer, and no file is another one's folder",
    why: 'the last one would win, silently',
    check: perProject(function* ({ project }) {
      const paths = project.folders.flatMap((folder) =>
        folder.files.map((file) => `${folder.name}/${file.path}`),
      );
      const all = [composeFile, ...paths];
      for (const path of duplicates(all)) yield { at: project, message: `${path} is written more than once` };
      const folders = new Set(all.flatMap(foldersAbove));
      for (const path of new Set(all)) {
        if (folders.has(path)) yield { at: project, message: `${path} is both a file and a folder` };
      }
    }),
  },
  {
    code: 'COMPOSE-503',
    rule: 'permission bits are three octal digits, and others cannot write',
    why: 'configuration that anybody may change decides what runs',
    check: perProject(function* ({ project }) {
      for (const at of project.folders) {
        for (const { path, mode = 0o644 } of at.files) {
          if (!Number.isInteger(mode) || mode < 0o400 || mode > 0o777 || (mode & 0o002) !== 0) {
            yield { at, message: `${path} has the mode 0${mode.toString(8)}` };
          }
        }
      }
    }),
  },
  {
    code: 'COMPOSE-504',
    rule: 'a mount has an absolute target, and a mount of the host an absolute source',
    why: 'Docker refuses the container, or resolves the path against a folder that nobody meant',
    check: perService(function* ({ workload, entry }) {
      const own = (workload?.props.mounts ?? []).flatMap((mount) =>
        mount.kind === 'host' ? sourceOf(mount.source, workload!.project) : [],
      );
      // A relative source of a raw entry, or of a file, counts from the project's folder (COMPOSE-507).
      const mounts = mountsOf(entry).filter(({ type }) => type !== 'npipe');
      const absolute = mounts.flatMap(({ type, source = '' }) =>
        type === 'bind' && source.startsWith('/') ? [source] : [],
      );
      const targets = [...mounts, ...memoryMountsOf(entry)].map(({ target }) => target);
      for (const path of new Set([...own, ...absolute, ...targets])) {
        if (!isAbsolute(path) && !hasVariable(path))
          yield `the path "${path}" is not an absolute, normal path below /`;
      }
    }),
  },
  {
    code: 'COMPOSE-505',
    rule: 'a path in the container is mounted once',
    why: 'Docker refuses the container, and of two configs or secrets Compose takes one, silently',
    check: perService(function* ({ entry }) {
      const targets = [
        ...mountsOf(entry).map((mount) => mount.target),
        ...shortMemoryMountsOf(entry).map((mount) => mount.target),
        ...grantedAt(entry['configs'], '/'),
        ...grantedAt(entry['secrets'], '/run/secrets/'),
      ];
      if (targets.length < 2) return;
      for (const target of duplicates(targets.map(plainTarget))) yield `${target} is mounted more than once`;
    }),
  },
  {
    code: 'COMPOSE-507',
    rule: 'a file that Compose reads is written by the project, or by somebody who is named',
    why: 'Compose stops on the host: there is no such file',
    check: perProject(filesOfNobody),
  },
  {
    code: 'COMPOSE-508',
    rule: 'every path that the image declares as a volume is mounted',
    why: 'Docker makes an anonymous volume of it, and the next container begins with an empty one',
    check: perService(function* ({ workload, entry }) {
      const paths = workload?.props.imageVolumes ?? [];
      if (paths.length === 0) return;
      const mounts = [...mountsOf(entry), ...shortMemoryMountsOf(entry)];
      const targets = new Set(mounts.map(({ target }) => plainTarget(target)));
      for (const path of paths) {
        if (!targets.has(plainTarget(path)))
          yield `nothing is mounted at ${path}, which its image declares as a volume`;
      }
    }),
  },
  {
    code: 'COMPOSE-509',
    rule: 'a volume has a name',
    why: 'an anonymous one is lost with its container, and nobody can find its data again',
    check: perService(function* ({ entry }) {
      for (const { type, source, target } of mountsOf(entry)) {
        if (type === 'volume' && source === undefined) yield `the volume at ${target} has no name`;
      }
    }),
  },
];

/** Where configs or secrets are put (Docker Compose's source, "buildContainerConfigMounts", "buildContainerSecretMounts"). */
const grantedAt = (granted: Plain | undefined, folder: string): readonly string[] =>
  listOf(granted).flatMap((item) => {
    const { source, target } = mappingOf(item);
    const path = textOf(target) ?? textOf(source) ?? textOf(item);
    if (path === undefined) return [];
    return [path.startsWith('/') ? path : `${folder}${path}`];
  });

/** Without what makes two spellings of one place. */
const plainTarget = (path: string): string => posix.normalize(path).replace(/(.)\/+$/, '$1');

const foldersAbove = (path: string): readonly string[] => {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
};

/** A mounted file of the project is named by its path in it; everything else must be absolute. */
const sourceOf = (source: FileReference, project: Project): readonly string[] =>
  typeof source !== 'string' || project.file(source) !== undefined ? [] : [source];
