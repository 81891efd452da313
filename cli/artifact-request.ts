import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactProps } from '../deploy/artifact/promote';
import type { RegistryAdapters, RegistryLogin } from '../deploy/registry-client';
import { Failure } from '../foundation/failure';
import { tryReadFile } from '../foundation/files';
import { httpsVia } from '../foundation/https';
import { capture, run, type Run } from '../foundation/process';
import { lookupFrom } from '../foundation/resolve';
import { Secret } from '../foundation/secret';
import { trustedAuthorities } from '../foundation/trust';
import { findRecord } from '../stacks/here';
import { checkout } from './context';

/** Which commit's images are meant, for which environment. */
export interface ArtifactAsked {
  readonly commit: string;
  /** Whether they get the version of package.json as a second tag. */
  readonly versioned?: boolean;
}

/**
 * What the environment's record, git and the variables say about the images of a commit.
 *
 * @throws Failure when there is no such commit, or half of a login
 */
export async function artifactProps(
  name: string,
  { commit, versioned }: ArtifactAsked,
): Promise<ArtifactProps> {
  const { imageRepository, imageTagPrefix } = findRecord(name);
  const login = registryLogin();
  return {
    repository: imageRepository,
    prefix: imageTagPrefix,
    commit: fullCommit(commit),
    tree: await treeOf(fullCommit(commit)),
    ...(versioned ? { version: versionIn(tryReadFile(join(checkout, 'package.json')) ?? '') } : {}),
    ...(login ? { login } : {}),
  };
}

/** How registries are asked from this machine. */
export const registryAdapters = (): RegistryAdapters => ({
  https: httpsVia({
    authorities: trustedAuthorities({ extra: process.env['COGNI_CA'] }),
    lookup: lookupFrom(process.env['COGNI_DNS']),
  }),
});

/**
 * The checkout must be the commit that is built: nothing else goes into its images.
 *
 * @throws Failure (with every fault) when it is another one, or has changes
 */
export async function requireCheckedOut(commit: string, runner: Run = run): Promise<void> {
  const git = async (...words: string[]): Promise<string> =>
    (await capture({ argv: ['git', '-C', checkout, ...words], deadline: 10_000 }, { run: runner })).trim();
  const head = await git('rev-parse', '--verify', 'HEAD');
  const changed = await git('status', '--porcelain');
  const faults = [
    ...(head === commit ? [] : [`the checkout is at ${head}`]),
    ...(changed === '' ? [] : [`these files differ from it: ${changed.split('\n').length}`]),
  ];
  if (faults.length === 0) return;
  throw new Failure({
    what: `images of ${commit} are built from that commit and nothing else`,
    faults,
    next: `git stash, git checkout ${commit}, then run this again`,
  });
}

/** For the steps after this one, where it is one of a workflow. */
export function writeOutputs(outputs: Readonly<Record<string, string | boolean>>): void {
  const file = process.env['GITHUB_OUTPUT'];
  if (!file) return;
  appendFileSync(
    file,
    Object.entries(outputs)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
}

function fullCommit(commit: string): string {
  if (/^[0-9a-f]{40}$/.test(commit)) return commit;
  throw new Failure({
    what: `"${commit}" is not a full commit SHA: 40 lower-case hex digits`,
    next: 'git rev-parse HEAD',
  });
}

async function treeOf(commit: string): Promise<string> {
  const output = await run({
    argv: ['git', '-C', checkout, 'rev-parse', '--verify', `${commit}^{tree}`],
    deadline: 10_000,
  });
  if (output.code === 0) return output.stdout.trim();
  throw new Failure({
    what: `this checkout has no commit ${commit}`,
    next: 'git fetch, then run this again',
    output: output.stderr,
  });
}

/** Pushing is another right than the one that hosts pull with. */
function registryLogin(): RegistryLogin | undefined {
  const username = process.env['REGISTRY_USERNAME'];
  const token = process.env['REGISTRY_TOKEN'];
  if (!username && !token) return undefined;
  if (username && token) return { username, password: Secret.of('REGISTRY_TOKEN', token) };
  throw new Failure({
    what: `${username ? 'REGISTRY_TOKEN' : 'REGISTRY_USERNAME'} is missing: the registry wants both`,
    next: 'set both, or neither',
  });
}

/** @throws Failure when package.json has no version of three numbers */
export function versionIn(packageJson: string): string {
  let version: unknown;
  try {
    version = (JSON.parse(packageJson) as { readonly version?: unknown }).version;
  } catch {
    version = undefined;
  }
  if (typeof version === 'string' && /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(version)) return version;
  throw new Failure({
    what: `package.json has no semantic version for a tag: ${JSON.stringify(version ?? null)}`,
    next: 'write one, such as 1.4.0, into package.json',
  });
}
