import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { compareFiles } from '../deploy/diff/compare';
import { diffHost, diffText, type DiffResult } from '../deploy/diff/diff';
import type { HostFileState } from '../deploy/diff/host-state';
import { servingSlot } from '../deploy/diff/serving-slot';
import { connect } from '../deploy/ssh';
import { ExitCode, Failure } from '../foundation/failure';
import { findEnvironment } from '../stacks/here';
import { sourcecredNotes } from '../stacks/sourcecred';
import { writeEnrolledUserData } from './enrollment';
import { findHost } from './host-access';
import { exceptionsText, type Exceptions } from './exceptions-text';
import { knownSecrets } from './known-secrets';
import { asCompared, comparedProjects, exceptionsOf, maskOf, renderEnvironment } from './render-environment';
import { readManifest, type Manifest } from './render-manifest';
import { writeRendered } from './rendered-folder';

/** @throws Failure for options that do not belong together, all of them */
export function requireFitting(given: {
  readonly out?: string;
  readonly enroll?: boolean;
  readonly diff?: boolean;
  readonly against?: string;
  readonly exitCode?: boolean;
}): void {
  const faults = [
    ...(given.diff && given.out !== undefined
      ? ['--out writes, and --diff writes nothing: leave one out']
      : []),
    ...(given.diff && given.enroll ? ['--enroll writes, and --diff writes nothing: leave one out'] : []),
    ...(!given.diff && given.against !== undefined ? ['--against is for --diff'] : []),
    ...(!given.diff && given.exitCode ? ['--exit-code is for --diff'] : []),
  ];
  if (faults.length === 0) return;
  throw new Failure({
    what: 'these options do not belong together',
    faults,
    next: './cogni render --help',
    exitCode: ExitCode.usage,
  });
}

interface Printed<Result> {
  readonly result: Result;
  readonly text: string;
}

/**
 * Writes what is rendered for an environment into a folder, and says what of it goes around the rules.
 *
 * @param enroll also writes the user-data of one new machine, beside the environment's local files
 */
export async function renderTo(
  name: string,
  folder: string,
  { enroll = false }: { readonly enroll?: boolean } = {},
): Promise<Printed<Manifest & { readonly exceptions: Exceptions; readonly enrolled?: string }>> {
  const environment = findEnvironment(name);
  const { manifest, removed, kept } = await writeRendered(folder, name, renderEnvironment(environment));
  const enrolled = enroll ? writeEnrolledUserData(environment) : undefined;
  const exceptions = exceptionsOf(environment);
  const text = [
    ...manifest.files.map(
      ({ path, sha256, bytes }) => `${sha256.slice(0, 12)}  ${String(bytes).padStart(6)}  ${path}`,
    ),
    ...removed.map((path) => `removed, rendered no longer: ${path}`),
    ...kept.map(
      (path) => `left alone, though rendered no longer: ${path} was changed by somebody, or is behind a link`,
    ),
    ...exceptionsText(exceptions),
    ...sourcecredNotes(environment),
    ...(enrolled === undefined
      ? []
      : [`user-data for one new machine, with its enrollment token: ${enrolled} (mode 0600)`]),
  ].join('\n');
  return { result: { ...manifest, exceptions, ...(enrolled === undefined ? {} : { enrolled }) }, text };
}

/** Compares what is rendered for an environment with its host, or with an earlier render. */
export async function diffEnvironment(
  name: string,
  against: string | undefined,
): Promise<Printed<DiffResult>> {
  const environment = findEnvironment(name);
  const mask = maskOf(environment, knownSecrets(name, undefined));
  if (against !== undefined) {
    const where = {
      before: (path: string) => join(against, path),
      after: (path: string) => join('rendered', path),
    };
    const rendered = asCompared(renderEnvironment(environment));
    const differences = compareFiles(filesIn(against), rendered, where, mask);
    const result = { same: differences.length === 0, differences };
    return { result, text: diffText(result, `${name} is rendered just as ${against} holds it`) };
  }
  const transport = await connect(await findHost(environment));
  try {
    const projects = comparedProjects(environment, await servingSlot(transport));
    const result = await diffHost({ transport, projects, mask, again: `./cogni render ${name} --diff` });
    const same = `${transport.describe()} has and runs what is rendered for ${name}`;
    return { result, text: diffText(result, same) };
  } finally {
    await transport.close();
  }
}

/** The files of an earlier render: those of its manifest, as they are now. */
function filesIn(folder: string): Readonly<Record<string, HostFileState>> {
  const manifest = readManifest(folder);
  if (manifest === undefined) {
    throw new Failure({
      what: `${folder} holds no render: there is no manifest.json`,
      next: 'name a folder that ./cogni render <env> --out wrote',
      exitCode: ExitCode.usage,
    });
  }
  return Object.fromEntries(
    manifest.files.flatMap(({ path }) => {
      const status = statSync(join(folder, path), { throwIfNoEntry: false });
      if (!status?.isFile()) return [];
      const state = { mode: status.mode & 0o777, content: readFileSync(join(folder, path), 'utf8') };
      return [[path, state] as const];
    }),
  );
}
