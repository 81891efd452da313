import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { Failure, messageOf } from '../foundation/failure';
import { commandFailure, run, type Command, type Output, type Run } from '../foundation/process';
import type { Progress } from '../foundation/progress';
import { cached } from './cache';

/** A command of a public Go module, pinned. */
export interface GoCommand {
  /** What the binary is called: `caddy`. */
  readonly name: string;
  /** Module path: `github.com/caddyserver/caddy/v2`. */
  readonly module: string;
  /** Exact version: `v2.11.9`. The checksum database vouches for what comes (Go modules reference, "Authenticating modules"). */
  readonly version: string;
  /** Import path of its main package: `github.com/caddyserver/caddy/v2/cmd/caddy`. */
  readonly packagePath: string;
  /**
   * Replacements that the module's own go.mod declares and that Go ignores in a dependency, repeated here: module path
   * to `path@version` (or to a folder). @default none
   */
  readonly replace?: Readonly<Record<string, string>>;
  /** String variables set by the linker, such as the version that the program prints: `import/path.Name` to value. */
  readonly variables?: Readonly<Record<string, string>>;
  /** For the person who waits: why it is built here. @default no binary of it is in the distribution */
  readonly why?: string;
}

/** Milliseconds: downloading the modules, and compiling the largest of them on two busy cores. */
const deadline = 25 * 60_000;

/**
 * The first Go that understands the `go` and `toolchain` lines of today's modules. It fetches the newer one that they ask for; where it may not
 * (`GOTOOLCHAIN=local`), the build itself says which that is.
 */
const oldestGo: readonly [number, number] = [1, 21];
/** What to install, so that nothing has to be fetched: as the README has it, and the newest that a module of ours asks for. */
export const wantedGo = '1.25';

/**
 * Builds a command from a throw-away module that requires it, and gives the path of the static binary. This works also
 * where `go install pkg@version` refuses because the module's go.mod has exclude or replace directives. Built once a
 * version and kept in the cache of builds.
 *
 * @throws Failure when there is no Go toolchain, when it is too old for the module, or when the build fails.
 */
export async function goBuild(command: GoCommand, progress: Progress, runner: Run = run): Promise<string> {
  const { name, module, version, packagePath } = command;
  const folder = await cached(
    {
      name,
      key: [
        module,
        version,
        packagePath,
        JSON.stringify(command.replace ?? {}),
        JSON.stringify(command.variables ?? {}),
        process.arch,
        recipe,
      ],
      why: command.why ?? `the distribution has no ${name} ${version}; it is built from its public Go module`,
      build: async (unfinished) => {
        await requireGo(`${name} ${version}`, runner);
        const throwAway = join(unfinished, 'module');
        mkdirSync(throwAway);
        for (const step of goBuildSteps(command, throwAway, join(unfinished, name))) {
          const output = await runner(step, { tied: true });
          if (output.code !== 0) throw goBuildFailure(`${name} ${version}`, packagePath, step, output);
        }
        rmSync(throwAway, { recursive: true, force: true });
      },
    },
    progress,
  );
  const binary = join(folder, name);
  if (existsSync(binary)) return binary;
  throw new Failure({
    what: `the cached build ${folder} holds no ${name}`,
    next: `rm -r ${folder}, then run this again`,
  });
}

/** Part of the cache key: a changed recipe is another build. */
const recipe = 'static, trimmed, stripped';

/**
 * What every build of ours has in common, so that they share the compiled standard library. What the linker strips
 * (`-s -w`) is not made in the first place: a seventh of the time, and the same program.
 */
export const compilerFlags = ['-trimpath', '-gcflags=all=-dwarf=false'] as const;
/**
 * Where there is memory for it, the compiler collects its garbage less often: a tenth of the time. The largest packages of
 * OpenTofu hold some hundred MB each, and as many are compiled at once as there are processors.
 */
export const compilerEnvironment = (memory: number = totalmem()): Readonly<Record<string, string>> =>
  memory >= plentyOfMemory ? { GOGC: '400' } : {};
/** Bytes: 7 GiB, what a machine that is sold with 8 shows. */
const plentyOfMemory = 7 * 2 ** 30;

/** The commands of a build as data, in order. */
export function goBuildSteps(command: GoCommand, throwAway: string, binary: string): readonly Command[] {
  const step = (...argv: readonly [string, ...string[]]): Command => ({
    argv: ['go', ...argv],
    cwd: throwAway,
    // A workspace or flags of the user's own would change what is built.
    env: {
      CGO_ENABLED: '0',
      GOFLAGS: '-mod=mod -buildvcs=false',
      GOWORK: 'off',
      GOOS: undefined,
      GOARCH: undefined,
      ...compilerEnvironment(),
    },
    deadline,
  });
  const variables = Object.entries(command.variables ?? {}).map(([name, value]) => `-X=${name}=${value}`);
  return [
    step('mod', 'init', `cogni.test/${command.name}`),
    ...Object.entries(command.replace ?? {}).map(([from, to]) =>
      step('mod', 'edit', `-replace=${from}=${to}`),
    ),
    step('mod', 'edit', `-require=${command.module}@${command.version}`),
    step(
      'build',
      ...compilerFlags,
      `-ldflags=${['-s', '-w', ...variables].join(' ')}`,
      '-o',
      binary,
      command.packagePath,
    ),
  ];
}

/** Major and minor of what `go version` prints; undefined for anything else. */
export function parseGoVersion(text: string): readonly [number, number] | undefined {
  const found = /\bgo(\d+)\.(\d+)/.exec(text);
  return found ? [Number(found[1]), Number(found[2])] : undefined;
}

/**
 * Sees to it that there is a Go toolchain of today.
 *
 * @param product what is to be built, for the message: `caddy v2.11.9`
 * @returns the toolchain's own line: `go version go1.26.0 linux/amd64`. It belongs into a build's key where the result
 *   must not come from an older one.
 * @throws Failure when there is none, or when it is too old; it says what to install.
 */
export async function requireGo(product: string, runner: Run): Promise<string> {
  const next =
    'install a current Go toolchain (https://go.dev/dl), put its bin folder on PATH, then run this again';
  const what = `${product} has to be built from its Go module`;
  let output: Output;
  try {
    output = await runner({ argv: ['go', 'version'], deadline: 30_000 });
  } catch (cause) {
    throw new Failure({
      what: `${what}, and Go cannot be started: ${messageOf(cause).split('\n')[0]}`,
      next,
      cause,
    });
  }
  const version = parseGoVersion(output.stdout);
  if (output.code === 0 && version && (version[0] > oldestGo[0] || version[1] >= oldestGo[1])) {
    return output.stdout.trim();
  }
  throw new Failure({
    what: `${what}, and this Go is too old: ${output.stdout.trim() || output.stderr.trim()} (needed: ${wantedGo} or newer)`,
    next,
  });
}

/** The failure of one step of a build: says when the toolchain is too old for the module. */
export function goBuildFailure(product: string, packagePath: string, step: Command, output: Output): Failure {
  const tooOld = /requires go >= ?([\d.]+)[^\n]*/.exec(output.stderr);
  const state = 'nothing of it was kept; what it downloaded stays in the Go module cache';
  if (tooOld) {
    return new Failure({
      what: `${product} needs Go ${tooOld[1]} or newer: ${tooOld[0]}`,
      state,
      next: 'install a current Go toolchain (https://go.dev/dl), put its bin folder on PATH, then run this again',
      output: output.stderr,
    });
  }
  return commandFailure(step, output, {
    what: `building ${product} (${packagePath})`,
    state,
    next: 'see whether the Go module proxy can be reached (go env GOPROXY), then run this again',
  });
}
