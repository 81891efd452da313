import type { IConstruct } from 'constructs';
import type { Host } from './host';
import type { Project } from './project';
import { interpolated, variablesOf, type Mapping, type PlainMapping, type VariableUse } from './tree';
import type { Workload } from './workload';

/** A service as it will stand in the file, whether it was made as a construct or came through `raw`. */
export interface ServiceView {
  readonly name: string;
  /** What a fault of it names. */
  readonly at: IConstruct;
  /** Undefined for one that came through the project's `raw`. */
  readonly workload: Workload | undefined;
  readonly entry: PlainMapping;
  /** What its entry reads. */
  readonly uses: readonly VariableUse[];
}

/** A project with what it renders to: rendered once, for all rules and for writing. */
export interface ProjectView {
  readonly project: Project;
  readonly document: PlainMapping;
  readonly services: readonly ServiceView[];
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
  const document = mappingOf(interpolated(project.render(rendered)));
  const entries = new Map(Object.entries(mappingOf(document['services'])));
  const services: ServiceView[] = [...rendered].map(([workload, entry]) => {
    const { name } = workload;
    const own = mappingOf(entries.get(name));
    entries.delete(name);
    return { name, at: workload, workload, entry: own, uses: variablesOf(entry) };
  });
  for (const [name, entry] of entries) {
    services.push({ name, at: project, workload: undefined, entry: mappingOf(entry), uses: [] });
  }
  return { project, document, services };
}

/** A mapping, or an empty one where something else stands: what it should be is the schema's business. */
export const mappingOf = (value: unknown): PlainMapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as PlainMapping) : {};
