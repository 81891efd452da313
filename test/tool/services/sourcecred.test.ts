import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { run, type Output } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { npmPackages } from '../../../sandbox/images/npm-packages';
import { instanceFiles } from '../../../services/sourcecred/instance';
import { runner } from '../../../services/sourcecred/runner-version';

/** Milliseconds: it brings eight hundred packages, once. */
const installDeadline = 12 * 60_000;

/**
 * SourceCred itself, as the runner's lock pins it, with one double: its database driver, which is only compiled in the
 * image's own build and which nothing here opens.
 */
describe('SourceCred of the runner', () => {
  let packages: string;
  let folder: string;
  beforeAll(async () => {
    packages = await npmPackages('sourcecred', resolve(runner.context), silent);
  }, installDeadline);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-sourcecred-'));
    write('without-driver.js', withoutDriver);
    write('instance/data/ledger.json', '[]\n');
    for (const { path, content } of files) write(`instance/${path}`, content);
    // Without a plugin it asks nobody, and still reads its whole configuration.
    write('instance/sourcecred.json', '{"bundledPlugins":[]}');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const files = instanceFiles({
    repositories: ['cogni-dao/cogni-template'],
    currency: { name: 'Cogni', suffix: 'COG' },
  });
  function write(path: string, content: string): void {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  const sourcecred = (...words: string[]): Promise<Output> =>
    run({
      argv: [
        process.execPath,
        '--require',
        join(folder, 'without-driver.js'),
        join(packages, 'sourcecred/bin/sourcecred.js'),
        ...words,
      ],
      cwd: join(folder, 'instance'),
      deadline: 60_000,
    });

  it('is the version that the tag of a release names', async () => {
    expect((await sourcecred('--version')).stdout.trim()).toBe(`sourcecred v${runner.sourcecred}`);
  });

  it('reads the configuration as rendered', async () => {
    const { stdout, stderr } = await sourcecred('hybrid');
    expect(stdout + stderr).toMatch(/DONE {2}hybrid: running credrank/);
  });

  it.each(['config/weights.json', 'config/dependencies.json'])('does not read a damaged %s', async (path) => {
    write(`instance/${path}`, '{"damaged": true}');
    const { code, stdout, stderr } = await sourcecred('hybrid');
    expect(code).not.toBe(0);
    expect(stdout + stderr).not.toMatch(/DONE {2}hybrid: running credrank/);
  });

  it('makes a site of its own with nothing that can be written through', async () => {
    expect((await sourcecred('site')).code).toBe(0);
    const info = await run({
      argv: ['cat', join(folder, 'instance/site/static/server-info.json')],
      deadline: 10_000,
    });
    expect(JSON.parse(info.stdout)).toEqual({ hasBackend: false });
  });
});

const withoutDriver = `
const Module = require('node:module');
const load = Module._load;
Module._load = (request, ...rest) => (request === 'better-sqlite3' ? class {} : load(request, ...rest));
`;
