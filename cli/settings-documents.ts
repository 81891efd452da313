import { join } from 'node:path';
import { Failure } from '../foundation/failure';
import { tryReadFile, writeAtomically } from '../foundation/files';
import { renderExampleFile, renderSchemaPage, renderSetupPage, type SetupEnvironment } from '../services';
import { renderRunnerSchema, runnerSchemaFile } from '../services/sourcecred/runner-schema';
import type { EnvironmentRecord } from '../stacks/environment';
import { environments } from '../stacks/environments';
import { settingsNeededFor } from '../stacks/runtime';
import type { StateBackend } from '../infra/backend';
import { addressStackId } from '../infra/stack-folder';
import { checkout } from '../infra/checkout';
import { branchOf } from '../workflows';

/** The committed documents that come from the catalogue: path in the checkout, and content. */
export const settingsDocuments = (): readonly (readonly [path: string, content: string])[] => [
  ['infra/.env.schema.md', renderSchemaPage()],
  ['.env.example', renderExampleFile()],
  ['docs/setup.md', renderSetupPage(setupEnvironments())],
  [runnerSchemaFile, renderRunnerSchema()],
];

/** Those that are rented: an existing host is set up by whoever owns it. */
export const setupEnvironments = (
  records: readonly EnvironmentRecord[] = environments,
): readonly SetupEnvironment[] =>
  records.flatMap((record) => {
    const { name, domain, www, imageRepository, imageTagPrefix, host, archive, delivery, policies, state } =
      record;
    if (host.kind !== 'cherry') return [];
    const needed = settingsNeededFor(record);
    const address = host.floatingAddress ? { addressStack: addressStackId(name) } : {};
    const { deployKeyFile } = host;
    const archived = archive !== undefined;
    const workflows = { branch: branchOf({ ...(delivery && { delivery }) }), reviewed: policies.protected };
    const rest = { ...workflows, ...address, state: setupState(state) };
    const images = { imageRepository, imageTagPrefix };
    return [{ name, domain, www, ...images, deployKeyFile, archived, needed, ...rest }];
  });

function setupState(state: StateBackend): SetupEnvironment['state'] {
  const { kind } = state;
  switch (kind) {
    case 'local':
    case 'pg':
      return { kind };
    case 's3':
      return { kind, place: state.bucket };
    case 'http':
      return { kind, place: state.address };
  }
}

/** Writes those that are not what they should be. @returns their paths */
export function writeDocuments(root = checkout): readonly string[] {
  const stale = staleDocuments(root);
  for (const [path, content] of stale) writeAtomically(join(root, path), content);
  return stale.map(([path]) => path);
}

/** @throws Failure that names every document which is not what the catalogue says */
export function requireFreshDocuments(root = checkout): void {
  const stale = staleDocuments(root).map(([path]) => path);
  if (stale.length === 0) return;
  throw new Failure({
    what: 'documents do not say what the settings catalogue says',
    faults: stale,
    next: './cogni settings docs',
  });
}

const staleDocuments = (root: string) =>
  settingsDocuments().filter(([path, content]) => tryReadFile(join(root, path)) !== content);
