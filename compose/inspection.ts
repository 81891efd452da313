import type { IConstruct } from 'constructs';
import { composed, type Composed } from './composed';
import type { Host } from './host';
import type { Project } from './project';
import { isMapping } from './raw';
import {
  interpolated,
  mappingOf,
  variablesOf,
  type Mapping,
  type Node,
  type PlainMapping,
  type VariableUse,
} from './tree';
import type { Workload } from './workload';

/** A service as Compose will take it, whether it was made as a construct, came through `raw` or is in another file. */
export interface ServiceView {
  readonly name: string;
  /** What a fault of it names. */
  readonly at: IConstruct;
  /** Undefined for one that came through the project's `raw`, which may include it. */
  readonly workload: Workload | undefined;
  readonly entry: PlainMapping;
}

/** What one part of a project reads from the environment: a service, a network, a volume, or the project itself. */
export interface Reader {
  /** What a fault of it names. */
  readonly at: IConstruct;
  /** Where it stands in the document: `['services', 'app']`. */
  readonly keys: readonly string[];
  /** As its construct says it: references are still objects. */
  readonly node: Node;
  readonly uses: readonly VariableUse[];
}

/** A project with what it renders to: rendered once, for all rules and for writing. */
export interface ProjectView {
  readonly project: Project;
  /** What is written. */
  readonly rendered: PlainMapping;
  /** What Compose takes it for, with what it extends and includes written out: this is what rules look at. */
  readonly document: PlainMapping;
  /** Why it cannot be told what Compose takes it for. */
  readonly unread: Composed['faults'];
  readonly services: readonly ServiceView[];
  /** Every part of the document that reads variables, what came through `raw` included. */
  readonly readers: readonly Reader[];
}

/** A host with what its projects render to. */
export interface Inspection {
  readonly host: Host;
  readonly projects: readonly ProjectView[];
}

/** Renders every project of a host. */
export const inspect = (host: Host): Inspection => ({ host, projects: host.projects.map(view) });

function view(project: Project): ProjectView {
  const rendered = new Map<Workload, Mapping>(project.services.map((service) => [service, service.render()]));
  const whole = project.render(rendered);
  const written = mappingOf(interpolated(whole));
  const { document, faults: unread } = composed(project, written);
  const entries = mappingOf(document['services']);
  // Of two that have one name the file holds the last one (COMPOSE-109).
  const made = new Map([...rendered.keys()].map((workload) => [workload.name, workload]));
  const services: ServiceView[] = [...made].map(([name, workload]) => ({
    name,
    at: workload,
    workload,
    entry: mappingOf(Object.hasOwn(entries, name) ? entries[name] : {}),
  }));
  for (const [name, entry] of Object.entries(entries)) {
    if (!made.has(name)) services.push({ name, at: project, workload: undefined, entry: mappingOf(entry) });
  }
  const readers = readersOf(project, whole);
  return { project, rendered: written, document, unread, services, readers };
}

/** Its parts that read variables; what belongs to no construct is the project's own. */
function readersOf(project: Project, whole: Mapping): readonly Reader[] {
  const { services, networks, volumes, configs, secrets, models } = project;
  const made: Readonly<Record<string, readonly (IConstruct & { readonly name: string })[]>> = {
    services,
    networks,
    volumes,
    configs,
    secrets,
    models,
  };
  return Object.entries(whole).flatMap(([section, node]) => {
    if (node === undefined) return [];
    const inSection = Object.hasOwn(made, section) ? made[section] : undefined;
    if (inSection === undefined || !isMapping(node)) return readerOf(project, [section], node);
    const handles = new Map(inSection.map((at) => [at.name, at]));
    return Object.entries(node).flatMap(([name, entry]) =>
      entry === undefined ? [] : readerOf(handles.get(name) ?? project, [section, name], entry),
    );
  });
}

function readerOf(at: IConstruct, keys: readonly string[], node: Node): readonly Reader[] {
  const uses = variablesOf(node);
  return uses.length === 0 ? [] : [{ at, keys, node, uses }];
}
