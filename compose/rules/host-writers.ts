import type { IConstruct } from 'constructs';
import type { Inspection } from '../inspection';
import { writtenPathsOf } from './host-paths';
import type { Breach, Rule } from './rule';

/** A service that writes to a path of the host. */
interface Writer {
  readonly project: IConstruct;
  readonly at: IConstruct;
  readonly path: string;
}

const writersOn = ({ projects }: Inspection): readonly Writer[] =>
  projects.flatMap(({ project, document, services }) =>
    services.flatMap(({ at, entry }) =>
      [...new Set(writtenPathsOf(entry, document))].map((path) => ({ project, at, path })),
    ),
  );

/** Folders that hold a path, from the outermost one on: `/srv`, `/srv/data`. */
const foldersOf = (path: string): readonly string[] => {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`);
};

/** Writers by path, the first one of each project. */
class Writers {
  readonly #by = new Map<string, Writer[]>();

  add(path: string, writer: Writer): void {
    const known = this.#by.get(path) ?? [];
    if (known.every(({ project }) => project !== writer.project)) this.#by.set(path, [...known, writer]);
  }

  ofAnother(path: string, { project }: Writer): Writer | undefined {
    return this.#by.get(path)?.find((each) => each.project !== project);
  }
}

export const hostWriterRules: readonly Rule[] = [
  {
    code: 'COMPOSE-511',
    rule: 'a directory of the host is written to by one project, over all projects of that host',
    why: "two writers spoil each other's files, and neither project knows of the other one; one writes, the other mounts it read-only",
    check: function* (inspection): Generator<Breach> {
      const [there, inside] = [new Writers(), new Writers()];
      for (const writer of writersOn(inspection)) {
        const { at, path } = writer;
        const folders = foldersOf(path);
        const outer = [path, ...folders].map((each) => there.ofAnother(each, writer));
        const other = [...outer, inside.ofAnother(path, writer)].find((each) => each !== undefined);
        if (other !== undefined) {
          const theirs = other.path === path ? '' : ` to ${other.path}`;
          yield {
            at,
            message: `it writes to ${path} of the host, and ${other.at.node.path} writes${theirs} too`,
          };
        }
        there.add(path, writer);
        for (const folder of folders) inside.add(folder, writer);
      }
    },
  },
];
