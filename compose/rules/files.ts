import { posix } from 'node:path';
import type { Mount } from '../mount';
import type { Workload } from '../workload';
import { duplicates, perProject, type Rule } from './rule';

/** Paths that are the same on every system: no `..`, no empty part, nothing hidden at the front. */
const relativePath = /^[A-Za-z0-9_][A-Za-z0-9_.-]*(?:\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/;
const composeFile = 'compose.yaml';

const isAbsolute = (path: string): boolean =>
  path.startsWith('/') && posix.normalize(path) === path && path !== '/';
const mountsOf = (service: Workload): readonly Mount[] => service.props.mounts ?? [];

export const fileRules: readonly Rule[] = [
  {
    code: 'COMPOSE-501',
    rule: 'a path inside the project folder is relative and plain',
    why: 'a file outside its folder would be written over something else',
    check: perProject(function* (project) {
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
    check: perProject(function* (project) {
      const paths = project.folders.flatMap((folder) =>
        folder.files.map((file) => `${folder.name}/${file.path}`),
      );
      const all = [composeFile, ...paths];
      for (const path of duplicates(all)) yield { at: project, message: `${path} is written more than once` };
      for (const path of new Set(all)) {
        if (all.some((other) => other.startsWith(`${path}/`))) {
          yield { at: project, message: `${path} is both a file and a folder` };
        }
      }
    }),
  },
  {
    code: 'COMPOSE-503',
    rule: 'permission bits are three octal digits, and others cannot write',
    why: 'configuration that anybody may change decides what runs',
    check: perProject(function* (project) {
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
    check: perProject(function* (project) {
      for (const at of project.services) {
        for (const mount of mountsOf(at)) {
          const paths = mount.kind === 'host' ? [mount.source, mount.target] : [mount.target];
          for (const path of paths) {
            if (!isAbsolute(path))
              yield { at, message: `the path "${path}" is not an absolute, normal path below /` };
          }
        }
      }
    }),
  },
  {
    code: 'COMPOSE-505',
    rule: 'a path in the container is mounted once',
    why: 'Docker refuses the container',
    check: perProject(function* (project) {
      for (const at of project.services) {
        for (const target of duplicates(mountsOf(at).map((mount) => mount.target))) {
          yield { at, message: `${target} is mounted more than once` };
        }
      }
    }),
  },
  {
    code: 'COMPOSE-506',
    rule: "no service gets the Docker engine's socket or the host's own file systems",
    why: 'who holds the socket is root on the host',
    check: perProject(function* (project) {
      for (const at of project.services) {
        for (const mount of mountsOf(at)) {
          if (mount.kind === 'host' && forbiddenOnHost.test(mount.source)) {
            yield { at, message: `it mounts ${mount.source} of the host` };
          }
        }
      }
    }),
  },
];

/** Directories that hold the socket (mounting `/run` is mounting it), and those that are the machine itself. */
const forbiddenOnHost =
  /^\/(?:(?:var\/)?run(?:\/(?:docker|containerd)(?:[./].*)?)?|var|var\/lib|var\/lib\/docker(?:\/.*)?|etc|proc(?:\/.*)?|sys(?:\/.*)?|dev(?:\/.*)?|boot|root)$/;
