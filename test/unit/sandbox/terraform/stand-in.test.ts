import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command, Output } from '../../../../foundation/process';
import { silent } from '../../../../foundation/progress';
import { buildStandIns, buildStep, digestOf } from '../../../../sandbox/terraform/stand-in';
import { cherryProvider, nullProvider } from '../../../../sandbox/terraform/providers';

let folder: string;
const savedCache = process.env['XDG_CACHE_HOME'];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogni-stand-in-'));
  process.env['XDG_CACHE_HOME'] = join(folder, 'cache');
});

afterEach(() => {
  if (savedCache === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = savedCache;
  rmSync(folder, { recursive: true, force: true });
});

describe('the hash of the sources', () => {
  const sources = (): string => {
    const made = join(folder, 'sources');
    mkdirSync(join(made, 'internal'), { recursive: true });
    writeFileSync(join(made, 'go.mod'), 'module a');
    writeFileSync(join(made, 'go.sum'), '');
    writeFileSync(join(made, 'internal', 'a.go'), 'package a');
    return made;
  };

  it.each([
    ['a Go file', ['internal', 'a.go']],
    ['go.mod', ['go.mod']],
    ['go.sum', ['go.sum']],
    ['a new Go file', ['internal', 'b.go']],
  ])('changes with %s', (_, path) => {
    const made = sources();
    const before = digestOf(made);
    writeFileSync(join(made, ...path), 'package b');
    expect(digestOf(made)).not.toBe(before);
  });

  it('does not change with a test or a text', () => {
    const made = sources();
    const before = digestOf(made);
    writeFileSync(join(made, 'internal', 'a_test.go'), 'package a');
    writeFileSync(join(made, 'README.md'), 'words');
    expect(digestOf(made)).toBe(before);
  });
});

describe('the build of the stand-ins', () => {
  const ended = (code: number, stdout: string, stderr = ''): Output => ({
    code,
    signal: null,
    stdout,
    stderr,
    timedOut: false,
    milliseconds: 1,
  });

  it('follows the committed go.sum and nothing of the user’s own', () => {
    const step = buildStep('/sources', '/target');
    expect(step.argv).toEqual([
      'go',
      'build',
      '-trimpath',
      '-gcflags=all=-dwarf=false',
      '-ldflags=-s -w',
      '-o',
      '/target/',
      './cmd/...',
    ]);
    expect(step).toMatchObject({
      cwd: '/sources',
      env: { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly -buildvcs=false', GOWORK: 'off' },
    });
  });

  it('is done once for each Go', async () => {
    const builds: Command[] = [];
    const withGo = (version: string) => (command: Command) => {
      if (command.argv[1] === 'build') builds.push(command);
      return Promise.resolve(ended(0, `go version ${version} linux/amd64\n`));
    };
    const first = await buildStandIns(silent, withGo('go1.26.1'));
    expect(await buildStandIns(silent, withGo('go1.26.1'))).toEqual(first);
    expect(builds).toHaveLength(1);
    const second = await buildStandIns(silent, withGo('go1.26.2'));
    expect(builds).toHaveLength(2);
    expect(second.get(cherryProvider)).not.toBe(first.get(cherryProvider));
    expect(first.get(nullProvider)).toMatch(/\/terraform-provider-null$/);
  });

  it('that fails says what was built and shows what Go said', async () => {
    const failing = (command: Command) =>
      Promise.resolve(
        command.argv[1] === 'build'
          ? ended(1, '', 'internal/a.go:1: syntax error')
          : ended(0, 'go version go1.26.1 linux/amd64'),
      );
    await expect(buildStandIns(silent, failing)).rejects.toThrow(
      /building the stand-in for the Cherry provider[\s\S]*syntax error/,
    );
  });
});
