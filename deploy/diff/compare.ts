import type { HostContainer, HostFileState, ProjectState } from './host-state';
import { unifiedDiff } from './line-diff';

/** A file that is rendered: of a project, or of a folder of renders. */
export interface ComparedFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
  /** Only its first content is ours. */
  readonly seed?: true;
}

/** A project as rendered, and where it lives on a host. */
export interface ComparedProject {
  /** Compose project. */
  readonly name: string;
  /** Absolute, on the host. */
  readonly folder: string;
  /** Relative to the folder; `compose.yaml` among them. None where the project is not rendered. */
  readonly files: readonly ComparedFile[];
  /** Relative to the folder: what commands make and remove there, which is state, and left out. @default - none */
  readonly state?: readonly string[];
  /** Names that its `.env` must have, and names that it may have. */
  readonly settings: { readonly required: readonly string[]; readonly optional: readonly string[] };
}

export interface Difference {
  /** `file`: one file. `settings`: the names in `.env`. `container`: what runs. */
  readonly of: 'file' | 'settings' | 'container';
  /** Path on the host, or `project/service`. */
  readonly at: string;
  /** In words: `is not on the host`, `would be made anew`. */
  readonly what: string;
  /** Unified diff from what is there to what is rendered; secrets are masked. */
  readonly diff?: string;
}

/** Differences of the files of one folder, by path. */
export function compareFiles(
  there: Readonly<Record<string, HostFileState>>,
  rendered: readonly ComparedFile[],
  where: { readonly before: (path: string) => string; readonly after: (path: string) => string },
  mask: (text: string) => string,
): readonly Difference[] {
  const wanted = new Map(rendered.map((file) => [file.path, file]));
  const paths = [...new Set([...Object.keys(there), ...wanted.keys()])].sort();
  return paths.flatMap((path) => {
    const names = { before: where.before(path), after: where.after(path) };
    const found = compareFile(there[path], wanted.get(path), names, mask);
    return found === undefined ? [] : [{ of: 'file' as const, at: names.before, ...found }];
  });
}

function compareFile(
  before: HostFileState | undefined,
  after: ComparedFile | undefined,
  names: { readonly before: string; readonly after: string },
  mask: (text: string) => string,
): Pick<Difference, 'what' | 'diff'> | undefined {
  // Masked as a whole: a part of a file may begin in the middle of a secret, without the name that gives it away.
  const diffOf = (from: string, to: string): { readonly diff: string } => ({
    diff: unifiedDiff(mask(from), mask(to), {
      before: before === undefined ? '/dev/null' : names.before,
      after: after === undefined ? '/dev/null' : names.after,
    }),
  });
  if (after === undefined) {
    const gone = { what: 'is there, and is not rendered' };
    return before?.content === undefined ? gone : { ...gone, ...diffOf(before.content, '') };
  }
  if (before === undefined) return { what: 'is rendered, and is not there', ...diffOf('', after.content) };
  if (after.seed) return undefined;
  if (before.content === undefined)
    return { what: `could not be compared: it ${before.unread ?? ''}`.trim() };
  const modes = `mode ${octal(before.mode)} there, ${octal(after.mode)} rendered`;
  const otherMode = before.mode !== after.mode;
  if (before.content !== after.content) {
    const shown = diffOf(before.content, after.content);
    const differs = shown.diff === '' ? 'differs in what is masked alone' : 'differs';
    return { what: otherMode ? `${differs}, and has ${modes}` : differs, ...shown };
  }
  return otherMode ? { what: modes } : undefined;
}

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');

/** Everything in which a project on a host differs from what is rendered. */
export function compareProject(
  project: ComparedProject,
  state: ProjectState,
  mask: (text: string) => string,
): readonly Difference[] {
  const where = {
    before: (path: string) => `${project.folder}/${path}`,
    after: (path: string) => `rendered${project.folder}/${path}`,
  };
  return [
    ...compareFiles(state.files, project.files, where, mask),
    ...settingsDifferences(project, state),
    ...containerDifferences(project, state, mask),
  ];
}

/** Names that a project's services need and `.env` lacks, and names in it that nothing reads. */
export function settingNamesBeside(
  { settings }: Pick<ComparedProject, 'settings'>,
  { settings: there = [] }: Pick<ProjectState, 'settings'>,
): { readonly missing: readonly string[]; readonly unread: readonly string[] } {
  const known = new Set([...settings.required, ...settings.optional]);
  return {
    missing: settings.required.filter((name) => !there.includes(name)),
    unread: there.filter((name) => !known.has(name)),
  };
}

/** Every deploy writes it for its owner alone: it holds secrets. */
const settingsMode = 0o600;

/** What is wrong with the mode of the settings there: others than their owner may read or write them, or the owner may not. */
export const settingsModeFault = ({
  settingsMode: there,
}: Pick<ProjectState, 'settingsMode'>): string | undefined =>
  there === undefined || there === settingsMode
    ? undefined
    : `has another mode than deploys give it: ${there.toString(8)}, not ${settingsMode.toString(8)}`;

function settingsDifferences(project: ComparedProject, state: ProjectState): Difference[] {
  const at = `${project.folder}/.env`;
  const { missing, unread } = settingNamesBeside(project, state);
  if (state.settings === undefined) {
    return missing.length === 0 ? [] : [{ of: 'settings', at, what: 'is not there' }];
  }
  const otherMode = settingsModeFault(state);
  return [
    ...(otherMode === undefined ? [] : [{ of: 'settings' as const, at, what: otherMode }]),
    ...(missing.length > 0 ? [{ of: 'settings' as const, at, what: `lacks ${missing.join(', ')}` }] : []),
    ...(unread.length > 0
      ? [{ of: 'settings' as const, at, what: `has what nothing reads: ${unread.join(', ')}` }]
      : []),
  ];
}

function containerDifferences(
  { name }: ComparedProject,
  { containers, rendered }: ProjectState,
  mask: (text: string) => string,
): Difference[] {
  if ('unknown' in rendered && typeof rendered.unknown === 'string') {
    const what = `what runs could not be compared: ${mask(rendered.unknown)}`;
    return [{ of: 'container', at: name, what }];
  }
  const hashes = rendered as Readonly<Record<string, string>>;
  const services = [...new Set([...containers.map(({ service }) => service), ...Object.keys(hashes)])].sort();
  return services.flatMap((service) => {
    const there = containers.filter((each) => each.service === service);
    return serviceDifferences(there, hashes[service]).map((what): Difference => ({
      of: 'container',
      at: `${name}/${service}`,
      what,
    }));
  });
}

/** One container of a service is rendered: of several, the one that comes nearest to it is taken for that, and the others are too many. */
function serviceDifferences(
  containers: readonly HostContainer[],
  hash: string | undefined,
): readonly string[] {
  if (hash === undefined) {
    return containers.map(({ state, image }) => {
      const is = state === 'running' ? 'runs' : `is ${state}`;
      return `${is} (${image}), and is not rendered`;
    });
  }
  const running = containers.filter(({ state }) => state === 'running');
  const nearest = running.find(({ configHash }) => configHash === hash) ?? running[0] ?? containers[0];
  const what = containerDifference(nearest, hash);
  return [
    ...(what === undefined ? [] : [what]),
    ...containers
      .filter((each) => each !== nearest)
      .map(({ state, image }) => `is there once more than it is rendered (${state}, ${image})`),
  ];
}

function containerDifference(container: HostContainer | undefined, hash: string): string | undefined {
  if (container === undefined) return 'is rendered, and does not run';
  if (container.state !== 'running') return `is ${container.state}`;
  if (container.configHash === hash) return undefined;
  return `was made from other than what is rendered (it runs ${container.image}): a deploy would make it anew`;
}
