import type { IConstruct } from 'constructs';
import type { Power } from './allowance';
import { Build } from './build';
import { configHashLabel, configHashOf } from './config-hash';
import { ForeignFile } from './file-reference';
import { fileOf } from './grant';
import type { Project } from './project';
import type { Raw } from './raw';
import { environmentFileOf } from './workload/process';

/** What a reviewer of a synthesis should see beside the files: everything that goes around the library's own rules. */
export interface Report {
  /** Entries in Compose's own words: where, which keys, and why. */
  readonly raw: readonly {
    readonly path: string;
    readonly keys: readonly string[];
    readonly reason: string;
  }[];
  /** What services may do beyond the rules, and why. */
  readonly allowed: readonly { readonly path: string; readonly power: Power; readonly reason: string }[];
  /** Files that Compose reads and that others write. */
  readonly foreignFiles: readonly { readonly path: string; readonly file: string; readonly writer: string }[];
  /** Services by construct path, with the hash of the configuration that they are recreated with. */
  readonly configHashes: Readonly<Record<string, string>>;
}

/** The report of projects, in the order of construction. It reads the constructs alone, and throws nothing. */
export function reportOf(...projects: readonly Project[]): Report {
  const services = projects.flatMap((project) => project.services);
  return {
    raw: projects.flatMap(rawUses).map(({ at, keys, reason }) => ({ path: at.node.path, keys, reason })),
    allowed: projects.flatMap((project) =>
      project.allow.map(({ service, power, reason }) => ({
        path: `${project.node.path}/services/${service}`,
        power,
        reason,
      })),
    ),
    foreignFiles: projects.flatMap(foreignFiles),
    configHashes: Object.fromEntries(
      services.flatMap((service) => {
        const hash = configHashOf(service)[configHashLabel];
        return typeof hash === 'string' ? [[service.node.path, hash]] : [];
      }),
    ),
  };
}

interface RawUse extends Pick<Raw, 'files'> {
  readonly at: IConstruct;
  /** Paths of the entries' keys below what they are part of: `build/isolation`. */
  readonly keys: readonly string[];
  readonly reason: string;
}

/** Every use of `raw` in a project. */
export function rawUses(project: Project): readonly RawUse[] {
  const use = (at: IConstruct, raw: Raw | undefined, below = ''): readonly RawUse[] =>
    raw === undefined
      ? []
      : [
          {
            at,
            keys: Object.keys(raw.entries).map((key) => `${below}${key}`),
            reason: raw.reason,
            files: raw.files,
          },
        ];
  const { networks, volumes, configs, secrets, models } = project;
  return [
    ...use(project, project.raw),
    ...project.services.flatMap((service) => [
      ...use(service, service.props.raw),
      ...(service.props.image instanceof Build ? use(service, service.props.image.props.raw, 'build/') : []),
      ...use(service, service.props.deployment?.raw, 'deploy/'),
    ]),
    ...[...networks, ...volumes, ...configs, ...secrets, ...models].flatMap((handle) =>
      use(handle, 'raw' in handle.props ? handle.props.raw : undefined),
    ),
  ];
}

/** Files that a project's services read and that others write, the one or other of them more than once. */
export const foreignFiles = (project: Project): Report['foreignFiles'] =>
  namedFiles(project).map(({ at, file: { path, writer } }) => ({ path: at.node.path, file: path, writer }));

/** Those of them of which it is known what they hold. */
export const filesWithContent = (
  project: Project,
): readonly { readonly path: string; readonly content: string }[] =>
  namedFiles(project).flatMap(({ file: { path, content } }) =>
    content === undefined ? [] : [{ path, content }],
  );

interface NamedFile {
  readonly at: IConstruct;
  readonly file: ForeignFile;
}

function namedFiles(project: Project): readonly NamedFile[] {
  const found = (at: IConstruct, file: unknown): readonly NamedFile[] =>
    file instanceof ForeignFile ? [{ at, file }] : [];
  return [
    ...project.services.flatMap((service) => {
      const { environmentFiles = [], labelFiles = [], mounts = [], image } = service.props;
      return [
        ...environmentFiles.map((entry) => environmentFileOf(entry).file),
        ...labelFiles,
        ...mounts.map((mount) => (mount.kind === 'host' ? mount.source : undefined)),
        ...(image instanceof Build
          ? [image.props.context, ...Object.values(image.props.contexts ?? {})]
          : []),
      ].flatMap((file) => found(service, file));
    }),
    ...[...project.configs, ...project.secrets].flatMap((at) => found(at, fileOf(at))),
    ...rawUses(project).flatMap(({ at, files }) => files.flatMap((file) => found(at, file))),
  ];
}
