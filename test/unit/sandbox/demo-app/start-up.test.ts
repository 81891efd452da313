import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from '../../../../foundation/process';

const folder = resolve(__dirname, '..', '..', '..', '..', 'sandbox', 'demo-app');

/** Only the image has these packages. Whoever would get as far as to use them would fail here. */
let modules: string;
beforeAll(() => {
  modules = mkdtempSync(join(tmpdir(), 'cogni-modules-'));
  for (const name of ['pg', 'ws']) {
    mkdirSync(join(modules, name));
    writeFileSync(join(modules, name, 'index.js'), 'module.exports = {};\n');
  }
});
afterAll(() => rmSync(modules, { recursive: true, force: true }));

/** A program of the demo application, started with these variables and no others. */
const start = (program: string, variables: Readonly<Record<string, string>>) => {
  const cleared = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  return run({
    argv: [process.execPath, join(folder, program)],
    env: { ...cleared, PATH: process.env['PATH'], NODE_PATH: modules, ...variables },
    deadline: 20_000,
  });
};

const wrong = { AUTH_SECRET: 'planted', PORT: '0', LITELLM_BASE_URL: '' };

describe('the demo application, started with an environment that is not right', () => {
  it('ends at once with a code that is not 0, and with every fault, missing and malformed alike', async () => {
    const { code, stdout, stderr } = await start('server.js', wrong);
    expect(code).toBe(1);
    for (const name of [
      'DATABASE_URL is missing',
      'AUTH_SECRET is not valid',
      'PORT is',
      'LITELLM_BASE_URL is set and empty',
    ]) {
      expect(`${stdout}${stderr}`).toContain(name);
    }
    expect(`${stdout}${stderr}`).not.toContain('planted');
  });

  it('has a migrator that does the same', async () => {
    const { code, stdout, stderr } = await start('migrate.js', {});
    expect(code).not.toBe(0);
    expect(`${stdout}${stderr}`).toContain('DATABASE_URL is missing');
  });
});
