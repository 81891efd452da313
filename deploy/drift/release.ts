import { createHash } from 'node:crypto';
import type { ComparedProject } from '../diff/compare';
import type { HostFileState, ProjectState } from '../diff/host-state';
import { requiredSettings, composeText } from '../diff/rendered-compose';
import { compareRuntime, settingsModeChange, type HostNetwork, type RuntimeChange } from '../diff/runtime';

/** A project whose files are recorded by each deploy, as it is on a host. */
export interface ReleaseOnHost {
  /** As this checkout renders it. */
  readonly project: ComparedProject;
  readonly state: ProjectState;
  readonly networks: readonly HostNetwork[];
  /** SHA-256 of each file, as the release that serves was recorded. */
  readonly recorded: Readonly<Record<string, string>>;
  /** As {@link ProjectState.rendered}, of the Compose file that lies on the host. */
  readonly deployed: ProjectState['rendered'];
}

/** The project as it lies on the host: what its containers are to be made from until the next deploy. */
export function asDeployed({ project, state }: Pick<ReleaseOnHost, 'project' | 'state'>): ComparedProject {
  const files = Object.entries(state.files).map(([path, { content = '', mode }]) => ({
    path,
    content,
    mode,
  }));
  const { required, optional } = project.settings;
  return {
    ...project,
    files,
    settings: { required: requiredSettings(composeText(files)), optional: [...required, ...optional] },
  };
}

/**
 * What somebody changed on the host since its release was recorded, and what this checkout renders otherwise since then.
 * The first is drift; the second comes with the next deploy. Pure.
 */
export function releaseDrift(
  release: ReleaseOnHost,
  mask: (text: string) => string,
): { readonly drift: readonly RuntimeChange[]; readonly waiting: readonly RuntimeChange[] } {
  const { project, state, networks, deployed } = release;
  const nowOnHost = compareRuntime(asDeployed(release), { ...state, rendered: deployed }, networks, mask);
  const drift = [
    ...nowOnHost.filter(({ of }) => of !== 'file'),
    ...fileDrift(release),
    ...settingsModeChange(project, state),
  ];
  const known = new Set(drift.map(({ of, name }) => `${of} ${name}`));
  const waiting = compareRuntime(project, state, networks, mask).filter(
    ({ of, name }) => !known.has(`${of} ${name}`),
  );
  return { drift, waiting };
}

/** Of a file whose first content alone is ours, only that it is there. */
function fileDrift({ project, state, recorded }: ReleaseOnHost): readonly RuntimeChange[] {
  const paths = [...new Set([...Object.keys(recorded), ...Object.keys(state.files)])].sort();
  return paths.flatMap((path): RuntimeChange[] => {
    const rendered = project.files.find((file) => file.path === path);
    const what = fileFault(state.files[path], recorded[path], rendered);
    return what === undefined ? [] : [{ of: 'file', name: `${project.folder}/${path}`, what }];
  });
}

function fileFault(
  there: HostFileState | undefined,
  recorded: string | undefined,
  rendered: ComparedProject['files'][number] | undefined,
): string | undefined {
  if (there === undefined) return 'was deployed, and is not there';
  if (rendered?.seed) return undefined;
  if (recorded === undefined) return 'is there, and no deploy brought it';
  if (there.content === undefined) return `could not be compared: it ${there.unread ?? 'has no text'}`;
  if (createHash('sha256').update(there.content).digest('hex') !== recorded)
    return 'is not the file that was deployed';
  return rendered?.content === there.content && rendered.mode !== there.mode
    ? `has another mode than was deployed: ${there.mode.toString(8)}, not ${rendered.mode.toString(8)}`
    : undefined;
}
