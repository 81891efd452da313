import type { IConstruct } from 'constructs';
import type { Inspection, ProjectView } from '../inspection';
import { mappingOf, type PlainMapping } from '../tree';
import { isTrue, textOf } from './entry';
import type { Breach, Rule } from './rule';

const sections = ['networks', 'volumes'] as const;

/** A network or a volume, by the name that the host knows it by. */
interface Named {
  readonly at: IConstruct;
  readonly section: (typeof sections)[number];
  readonly name: string;
  readonly isExternal: boolean;
}

/** Those of a project. Two references to one variable are one name. */
function namedOnHost({ project, document }: ProjectView): readonly Named[] {
  return sections.flatMap((section) => {
    const handles = new Map<string, IConstruct>(project[section].map((at) => [at.name, at]));
    return Object.entries(mappingOf(document[section])).map(([key, value]) => {
      const entry = mappingOf(value);
      const isExternal = externalOf(entry);
      const name = textOf(entry['name']) ?? (isExternal ? key : `${project.name}_${key}`);
      return { at: handles.get(key) ?? project, section, name, isExternal };
    });
  });
}

/** `external` is true, or a mapping in files of older versions. */
const externalOf = ({ external }: PlainMapping): boolean =>
  isTrue(external) || Object.keys(mappingOf(external)).length > 0;

const one = { networks: 'network', volumes: 'volume' } as const;

/** Networks and volumes that the projects of a host make, by kind and name, with whoever makes each. */
function madeOn({ projects }: Inspection): ReadonlyMap<string, readonly Named[]> {
  const made = new Map<string, Named[]>();
  for (const named of projects.flatMap(namedOnHost)) {
    if (named.isExternal) continue;
    const key = `${named.section}/${named.name}`;
    made.set(key, [...(made.get(key) ?? []), named]);
  }
  return made;
}

export const namesOnHostRules: readonly Rule[] = [
  {
    code: 'COMPOSE-107',
    rule: 'a project has a name of its own on its host',
    why: 'its folder and its containers go by it: two of one name write the same files, and each takes the other one for its own',
    check: function* ({ projects }) {
      const taken = new Set<string>();
      for (const { project } of projects) {
        if (taken.has(project.name)) {
          yield { at: project, message: `there is another project "${project.name}" on the host` };
        }
        taken.add(project.name);
      }
    },
  },
  {
    code: 'COMPOSE-306',
    rule: 'a network or a volume of the host is made by one project, under one name',
    why: 'two writers of one volume spoil it, and whoever ends first takes it from the other; the other one names it as external',
    check: function* (inspection) {
      for (const [first, ...more] of madeOn(inspection).values()) {
        for (const { at, section, name } of more) {
          yield {
            at,
            message: `the ${one[section]} ${name} of the host is made by ${first?.at.node.path ?? ''} already`,
          };
        }
      }
    },
  },
  {
    code: 'COMPOSE-307',
    rule: 'an external network or volume is made by another project of the host, or by somebody who is named',
    why: 'Compose refuses to start without it',
    check: function* (inspection): Generator<Breach> {
      const { elsewhere } = inspection.host;
      if (elsewhere === undefined) return;
      const made = madeOn(inspection);
      for (const { at, section, name, isExternal } of inspection.projects.flatMap(namedOnHost)) {
        if (!isExternal || made.has(`${section}/${name}`) || elsewhere[section]?.includes(name)) continue;
        yield { at, message: `nobody makes the ${one[section]} ${name} of the host` };
      }
    },
  },
];
