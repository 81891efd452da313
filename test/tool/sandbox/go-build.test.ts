import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { goBuild } from '../../../sandbox/go-build';

describe('a command of a Go module, built by the real Go toolchain', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'cogni-go-'));
  const module = join(scratch, 'hello');

  beforeAll(() => {
    process.env['XDG_CACHE_HOME'] = join(scratch, 'cache');
    mkdirSync(join(module, 'cmd', 'hello'), { recursive: true });
    // The exclude directive is what makes `go install` refuse such a module.
    writeFileSync(
      join(module, 'go.mod'),
      'module example.test/hello\n\ngo 1.21\n\nexclude example.test/other v0.1.0\n',
    );
    writeFileSync(
      join(module, 'cmd', 'hello', 'main.go'),
      'package main\n\nvar Version = "none"\n\nfunc main() { println("hello " + Version) }\n',
    );
  });
  afterAll(() => {
    Reflect.deleteProperty(process.env, 'XDG_CACHE_HOME');
    rmSync(scratch, { recursive: true, force: true });
  });

  it('runs without a C library, prints the version the linker set, and is built only once', async () => {
    const command = {
      name: 'hello',
      module: 'example.test/hello',
      version: 'v1.2.3',
      packagePath: 'example.test/hello/cmd/hello',
      replace: { 'example.test/hello': module },
      variables: { 'main.Version': 'v1.2.3' },
    };
    const binary = await goBuild(command, silent);
    const output = await capture({ argv: ['sh', '-c', 'exec "$0" 2>&1', binary], deadline: 10_000 });
    expect(output).toBe('hello v1.2.3\n');
    rmSync(module, { recursive: true });
    await expect(goBuild(command, silent)).resolves.toBe(binary);
  });
});
