import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../../foundation/failure';
import type { Command, Output, Run } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import {
  compilerEnvironment,
  goBuild,
  goBuildSteps,
  parseGoVersion,
  wantedGo,
  type GoCommand,
} from '../../../sandbox/go-build';

const hello: GoCommand = {
  name: 'hello',
  module: 'example.test/hello',
  version: 'v1.2.3',
  packagePath: 'example.test/hello/cmd/hello',
};

const ended = (code: number, stdout = '', stderr = ''): Output => ({
  code,
  signal: null,
  stdout,
  stderr,
  timedOut: false,
  milliseconds: 1,
});

describe('the steps of a Go build', () => {
  it('require the pinned version in a throw-away module and build a static, trimmed binary', () => {
    const steps = goBuildSteps(hello, '/work', '/out/hello');
    expect(steps.map((step) => step.argv.join(' '))).toEqual([
      'go mod init cogni.test/hello',
      'go mod edit -require=example.test/hello@v1.2.3',
      'go build -trimpath -gcflags=all=-dwarf=false -ldflags=-s -w -o /out/hello example.test/hello/cmd/hello',
    ]);
    expect(steps.every((step) => step.env?.['CGO_ENABLED'] === '0' && step.cwd === '/work')).toBe(true);
  });

  it('repeat the replacements of the module before anything is resolved', () => {
    const steps = goBuildSteps(
      { ...hello, replace: { 'a.test/b': 'c.test/d@v0.1.0' } },
      '/work',
      '/out/hello',
    );
    expect(steps[1]?.argv).toEqual(['go', 'mod', 'edit', '-replace=a.test/b=c.test/d@v0.1.0']);
  });

  it('set the variables that the linker is to set', () => {
    const steps = goBuildSteps({ ...hello, variables: { 'a.test/b.Version': 'v1' } }, '/work', '/out/hello');
    expect(steps[2]?.argv).toContain('-ldflags=-s -w -X=a.test/b.Version=v1');
  });

  it('are not changed by a Go workspace, target or flags of the user', () => {
    for (const step of goBuildSteps(hello, '/work', '/out/hello')) {
      expect(step.env).toMatchObject({ GOWORK: 'off', GOOS: undefined, GOARCH: undefined });
    }
  });
});

describe('the compiler', () => {
  it('collects its garbage less often where there is memory for it, and as usual on a small machine', () => {
    expect(compilerEnvironment(8e9)).toEqual({ GOGC: '400' });
    expect(compilerEnvironment(4e9)).toEqual({});
  });
});

describe('a Go toolchain', () => {
  let cache: string;
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), 'cogni-go-'));
    process.env['XDG_CACHE_HOME'] = cache;
  });
  afterEach(() => {
    Reflect.deleteProperty(process.env, 'XDG_CACHE_HOME');
    rmSync(cache, { recursive: true, force: true });
  });

  it.each([
    ['go version go1.26.8 linux/amd64', [1, 26]],
    ['go version go1.21 linux/arm64', [1, 21]],
    ['go version devel go1.27-abc linux/amd64', [1, 27]],
    ['command not understood', undefined],
  ])('is known by what it prints: %s', (text, version) => {
    expect(parseGoVersion(text)).toEqual(version);
  });

  it('that is missing is a failure that says what it is for and what to install', async () => {
    const missing = (): Promise<Output> =>
      Promise.reject(new Failure({ what: 'the program "go" was not found', next: 'install go' }));
    await expect(goBuild(hello, silent, missing)).rejects.toThrow(
      /hello v1\.2\.3 has to be built from its Go module.*"go" was not found[\s\S]*install a current Go toolchain/,
    );
  });

  it('that is older than the oldest usable one is a failure that names both', async () => {
    const old = (): Promise<Output> => Promise.resolve(ended(0, 'go version go1.19.8 linux/amd64\n'));
    await expect(goBuild(hello, silent, old)).rejects.toThrow(
      /too old: go version go1\.19\.8.*1\.25 or newer/,
    );
  });

  it('that is asked for is the one of the README and of the modules here', () => {
    const text = (file: string): string => readFileSync(join(__dirname, '../../..', file), 'utf8');
    expect(text('README.md')).toContain(`- Go ${wantedGo} or later`);
    expect(text('sandbox/provider/go.mod')).toContain(`\ngo ${wantedGo}.`);
  });

  it('that is older than the module wants is a failure that names the version it wants', async () => {
    const old = (command: Command): Promise<Output> =>
      Promise.resolve(
        command.argv[1] === 'build'
          ? ended(
              1,
              '',
              'go: example.test/hello@v1.2.3 requires go >= 1.30.1 (running go 1.26.8; GOTOOLCHAIN=local)',
            )
          : ended(0, 'go version go1.26.8 linux/amd64'),
      );
    await expect(goBuild(hello, silent, old)).rejects.toThrow(/hello v1\.2\.3 needs Go 1\.30\.1 or newer/);
  });

  it('compiles tied to this process, so that a killed build does not go on beside the next one', async () => {
    const tied: Record<string, boolean | undefined> = {};
    const failing: Run = ({ argv }, options) => {
      tied[argv[1]!] = options?.tied;
      return Promise.resolve(argv[1] === 'build' ? ended(2) : ended(0, 'go version go1.26'));
    };
    await expect(goBuild(hello, silent, failing)).rejects.toThrow('building hello');
    expect(tied).toMatchObject({ mod: true, build: true });
  });

  it('whose build fails leaves nothing that looks like a finished build', async () => {
    let calls = 0;
    const failing = (command: Command): Promise<Output> => {
      calls += 1;
      return Promise.resolve(
        command.argv[1] === 'build' ? ended(2, '', 'undefined: x') : ended(0, 'go version go1.26'),
      );
    };
    await expect(goBuild(hello, silent, failing)).rejects.toThrow(
      /building hello v1\.2\.3[\s\S]*undefined: x/,
    );
    const once = calls;
    await expect(goBuild(hello, silent, failing)).rejects.toThrow(/undefined: x/);
    expect(calls).toBe(2 * once);
  });
});
