import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from '../../../foundation/process';

const checkout = resolve(__dirname, '..', '..', '..');

describe('the benchmark of the compose library', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-bench-test-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const bench = (...words: string[]) =>
    run({
      argv: ['npm', 'run', '--silent', 'bench:compose', '--', ...words],
      cwd: checkout,
      deadline: 110_000,
    });

  it('runs to its report, on few services and one turn', async () => {
    const out = join(folder, 'reports', 'compose.md');
    const { code, stderr, stdout } = await bench('', '1', '--services', '10,20', '--out', out);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const report = readFileSync(out, 'utf8');
    expect(stdout).toContain(report);
    expect(report).toMatch(/^\| 10 \| compose \| \d+ ms \(\d+–\d+\) \|/m);
    expect(report).toMatch(/^\| 20 \| js-yaml \| \d+ ms .*\| \d+\.\d+ \(/m);
    expect(report).toContain('| services | compose | js-yaml |');
    expect(report).toContain('| modules of `compose/` that `cogni --help` loads | 0 |');
    expect(report).not.toMatch(/NaN|undefined/);
  });

  it('says which word it does not take, and measures nothing', async () => {
    const { code, stderr } = await bench('', 'many');
    expect(code).toBe(1);
    expect(stderr).toContain('the number of turns "many" is not a whole number');
  });
});
