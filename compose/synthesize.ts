import { sound } from './check';
import type { Project } from './project';
import { variablesOf, type VariableUse } from './tree';
import { grantOf } from './grant';
import { toYaml } from './yaml';

/** One file of a project, as data. */
export interface ProjectFile {
  /** Relative to the project's folder. */
  readonly path: string;
  readonly content: string;
  /** Permission bits. */
  readonly mode: number;
  /** Present where only the first content is ours: to be written when there is no such file. */
  readonly seed?: true;
}

/**
 * Every file of a project: `compose.yaml` first, then its folders' files by path. The same project gives the same
 * bytes on every run and machine.
 *
 * @throws CompositionError with every fault, each with its code and construct path.
 */
export function synthesize(project: Project): readonly ProjectFile[] {
  const [view] = sound({ projects: [project] }).projects;
  const header = `# ${project.generatedBy}\n`;
  const files = project.folders.flatMap((folder) =>
    folder.files.map((file): ProjectFile => {
      const written = {
        path: `${folder.name}/${file.path}`,
        content: file.content,
        mode: file.mode ?? 0o644,
      };
      return file.seed ? { ...written, seed: true } : written;
    }),
  );
  return [
    { path: 'compose.yaml', content: header + toYaml(view?.rendered ?? {}), mode: 0o644 },
    ...files.sort((one, other) => (one.path < other.path ? -1 : 1)),
  ];
}

/**
 * Every variable that a project's services read, themselves or through a config or secret, by service, each once. What they
 * extend in other files, and what is included, is not among it.
 */
export function variables(project: Project): ReadonlyMap<string, readonly VariableUse[]> {
  return new Map(
    project.services.map((service) => {
      const { configs = [], secrets = [] } = service.props;
      const granted = [...configs, ...secrets].map(grantOf);
      const first = new Map<string, VariableUse>();
      for (const node of [service.render(), ...granted.map(({ source }) => source.render())]) {
        for (const use of variablesOf(node)) {
          if (!first.has(use.variable)) first.set(use.variable, use);
        }
      }
      return [service.name, [...first.values()]];
    }),
  );
}
