import { join } from 'node:path';
import { renderUserData } from '../bootstrap';
import { reportOf } from '../compose';
import type { ComparedFile, ComparedProject } from '../deploy/diff/compare';
import { secretsMask } from '../deploy/diff/mask';
import { composeText, requiredSettings, secretVariables } from '../deploy/diff/rendered-compose';
import { edgeState } from '../deploy/edge/state';
import type { Secret } from '../foundation/secret';
import {
  declarationOf,
  edgeProject,
  hostLayout,
  renderRuntime,
  runtimeProject,
  settingNames,
  type AppSlot,
  type RenderedFile,
  type RuntimeProps,
} from '../services';
import { renderSourcecred, sourcecredProject } from '../services/sourcecred/sourcecred';
import type { Environment } from '../stacks/environment';
import { environments } from '../stacks/environments';
import { imageLockOf } from '../stacks/image-lock';
import { runtimePropsOf } from '../stacks/runtime';
import { sourcecredPropsOf } from '../stacks/sourcecred';
import { edgePropsOf } from '../stacks/user-data';
import { requireFitOf } from '../stacks/whole-host';
import type { Exceptions } from './exceptions-text';
import { hostNeedsHere } from './host-needs';

/** Every file of an environment, with the path that it has on the host; the user-data beside them. */
export function renderEnvironment(environment: Environment): readonly RenderedFile[] {
  return [
    { path: 'user-data.yaml', content: renderUserData(hostNeedsHere(environment)), mode: 0o644 },
    ...renderProjects(environment).flatMap(({ folder, files }) =>
      files.map((file) => ({ ...file, path: join('host', folder, file.path) })),
    ),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
}

interface RenderedProject {
  readonly name: string;
  readonly folder: string;
  readonly files: readonly RenderedFile[];
}

const runtimeOf = (environment: Environment): RuntimeProps =>
  runtimePropsOf(environment, imageLockOf(environment));

/** What of an environment's host goes around the rules of the compose library, and why. */
export function exceptionsOf(environment: Environment): Exceptions {
  const scored = sourcecredPropsOf(environment);
  const { raw, allowed, foreignFiles } = reportOf(
    edgeProject(edgePropsOf(environment)),
    runtimeProject(runtimeOf(environment)),
    ...(scored ? [sourcecredProject(scored)] : []),
  );
  return { raw, allowed, foreignFiles };
}

const { edge, runtime, sourcecred } = hostLayout;
const hostProjects: readonly (typeof edge | typeof runtime | typeof sourcecred)[] = [
  edge,
  runtime,
  sourcecred,
];

const isOurs = ({ host }: Environment): boolean => host.kind === 'cherry';

/** The Compose projects of an environment's host; without the edge on one that somebody else made, since nothing brings a change of it there. */
function renderProjects(environment: Environment, slot?: AppSlot): readonly RenderedProject[] {
  const scored = sourcecredPropsOf(environment);
  const props = runtimeOf(environment);
  requireFitOf(environment, props, environments);
  const files = new Map<string, readonly RenderedFile[]>([
    ...(isOurs(environment) ? [[edge.project, hostNeedsHere(environment).edge.files] as const] : []),
    [runtime.project, renderRuntime({ ...props, ...(slot ? { slot } : {}) })],
    ...(scored ? [[sourcecred.project, renderSourcecred(scored)] as const] : []),
  ]);
  return hostProjects.flatMap(({ project, folder }) => {
    const rendered = files.get(project);
    return rendered ? [{ name: project, folder, files: rendered }] : [];
  });
}

/**
 * The same projects, as `cogni render --diff` compares them with a host. One that is not rendered is among them, without a file: what it
 * has left there would be seen by nobody otherwise. The edge of a host that somebody else made is left to them.
 *
 * @param slot where the host's application runs. @default as `cogni render` writes it
 */
export function comparedProjects(environment: Environment, slot?: AppSlot): readonly ComparedProject[] {
  const rendered = renderProjects(environment, slot);
  const compared = hostProjects.filter(({ project }) => project !== edge.project || isOurs(environment));
  return compared.map(({ project: name, folder }) => {
    const project = rendered.find((each) => each.name === name);
    if (project === undefined) return { name, folder, files: [], settings: { required: [], optional: [] } };
    return {
      ...project,
      ...(name === edge.project ? { state: edgeState } : {}),
      settings: settingsIn(project),
    };
  });
}

/** Takes secrets out of what is shown of an environment's projects: {@link secretsMask}, with the names that its containers know. */
export const maskOf = (environment: Environment, known: Iterable<Secret>): ((text: string) => string) =>
  secretsMask(
    known,
    renderProjects(environment).flatMap(({ files }) => secretVariables(composeText(files))),
  );

/** What a project's services refuse to start without, and what else its `.env` may hold. */
function settingsIn({ name, files }: RenderedProject): ComparedProject['settings'] {
  const required = requiredSettings(composeText(files));
  const area = `${name.replace(/^cogni-/, '')}/`;
  const optional = settingNames.filter(
    (each) =>
      !required.includes(each) && declarationOf(each).consumers.some((consumer) => consumer.startsWith(area)),
  );
  return { required, optional };
}

/** Rendered files as one folder of renders has them, for comparing two of these. */
export const asCompared = (files: readonly RenderedFile[]): readonly ComparedFile[] =>
  // Two renders are compared to the letter: a seed is first content like any other there.
  files.map(({ path, content, mode }) => ({ path, content, mode }));
