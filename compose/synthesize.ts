import { requireSound } from './check';
import type { Project } from './project';
import { interpolated, variablesOf, type VariableUse } from './tree';
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
  requireSound(project);
  const header = `# ${project.generatedBy}\n`;
  const document = interpolated(project.render()) as Parameters<typeof toYaml>[0];
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
    { path: 'compose.yaml', content: header + toYaml(document), mode: 0o644 },
    ...files.sort((one, other) => (one.path < other.path ? -1 : 1)),
  ];
}

/** Every variable that a project's services read, by service, each once. */
export function variables(project: Project): ReadonlyMap<string, readonly VariableUse[]> {
  return new Map(
    project.services.map((service) => {
      const uses = variablesOf(service.render());
      const first = uses.filter(
        (use, index) => uses.findIndex((other) => other.variable === use.variable) === index,
      );
      return [service.name, first];
    }),
  );
}
