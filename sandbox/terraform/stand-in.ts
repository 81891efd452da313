import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run, type Command, type Run } from '../../foundation/process';
import type { Progress } from '../../foundation/progress';
import { cached } from '../cache';
import { compilerEnvironment, compilerFlags, goBuildFailure, requireGo } from '../go-build';
import { sandboxSource } from '../sources';
import { cherryProvider, nullProvider, type Provider, type ProviderBinaries } from './providers';

/** Milliseconds: downloading the modules and compiling two plugins on two busy cores. */
const deadline = 20 * 60_000;

/** What is built, for messages. */
export const product = 'the stand-in for the Cherry provider';

/** Which command of the Go module stands in for which provider. */
const commands: readonly (readonly [Provider, string])[] = [
  [cherryProvider, 'terraform-provider-cherryservers'],
  [nullProvider, 'terraform-provider-null'],
];

/**
 * Builds the stand-ins for both providers from `sandbox/provider`, once for each state of its sources and each Go.
 *
 * @returns the binaries' paths in the cache
 * @throws Failure when there is no usable Go, or when the build fails
 */
export async function buildStandIns(progress: Progress, runner: Run = run): Promise<ProviderBinaries> {
  const sources = sandboxSource('provider');
  const go = await requireGo(product, runner);
  const folder = await cached(
    {
      name: 'provider-stand-ins',
      key: [digestOf(sources), go, recipe],
      why: 'the Terraform registry is not used, and the sandbox has stand-ins for its two providers',
      build: async (unfinished) => {
        const step = buildStep(sources, unfinished);
        const output = await runner(step, { tied: true });
        if (output.code !== 0) throw goBuildFailure(product, './cmd/...', step, output);
      },
    },
    progress,
  );
  return new Map(commands.map(([provider, command]) => [provider, join(folder, command)]));
}

/** Part of the cache key: a changed recipe is another build. */
const recipe = 'static, trimmed, stripped, without DWARF';

/** The build as data. The same sources and the same Go give the same bytes, so that a lock file stays valid. */
export const buildStep = (sources: string, target: string): Command => ({
  argv: ['go', 'build', ...compilerFlags, '-ldflags=-s -w', '-o', `${target}/`, './cmd/...'],
  cwd: sources,
  env: {
    CGO_ENABLED: '0',
    // The committed go.sum decides what is built; a build that would have to change it fails.
    GOFLAGS: '-mod=readonly -buildvcs=false',
    GOWORK: 'off',
    GOOS: undefined,
    GOARCH: undefined,
    ...compilerEnvironment(),
  },
  deadline,
});

/** Hash over everything that goes into the binaries: Go files that are no tests, go.mod and go.sum. */
export function digestOf(sources: string): string {
  const hash = createHash('sha256');
  const files = readdirSync(sources, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && isCompiled(entry.name))
    .map((entry) => relative(sources, join(entry.parentPath, entry.name)))
    .sort();
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(sources, file)))
      .update('\0');
  return hash.digest('hex');
}

const isCompiled = (name: string): boolean =>
  name === 'go.mod' || name === 'go.sum' || (name.endsWith('.go') && !name.endsWith('_test.go'));
