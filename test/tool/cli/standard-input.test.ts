import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run, type Output } from '../../../foundation/process';
import { renderDotEnv } from '../../../services';
import { deploySettings } from '../../unit/services/example';

const program = resolve('dist/cli/main.js');
const cogni = (words: readonly string[], stdin: string): Promise<Output> =>
  run({
    argv: [process.execPath, program, ...words],
    // Nothing that this process has by chance.
    env: {
      ...Object.fromEntries(Object.keys(deploySettings).map((name) => [name, undefined])),
      COGNI_SANDBOX: undefined,
      GITHUB_ACTIONS: undefined,
      NO_COLOR: '1',
    },
    stdin,
    deadline: 60_000,
  });

/** Everything but the domain, which stands in the record. */
const dotEnv = (changes: Readonly<Record<string, string>> = {}): string =>
  renderDotEnv(
    Object.entries({ ...deploySettings, ...changes }).filter(([name]) => name !== 'DOMAIN'),
  ).reveal();

describe('settings on standard input', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-standard-input-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('are checked as those of a file are: every fault, and no value', async () => {
    const text = dotEnv({ AUTH_SECRET: 'pl4nt3d', OWNER_DB_USER: 'cogni_app' });
    const file = join(folder, 'settings.env');
    writeFileSync(file, text);
    const piped = await cogni(['settings', 'check', 'preview', '--from', '-'], text);
    expect(piped.code).toBe(1);
    expect(piped.stderr).toContain('AUTH_SECRET is shorter than');
    expect(piped.stderr).toContain('APP_DB_USER is the same role as OWNER_DB_USER');
    expect(piped.stderr).not.toContain('APP_DB_PASSWORD');
    expect(piped.stdout + piped.stderr).not.toContain('pl4nt3d');
    expect(await cogni(['settings', 'check', 'preview', '--from', file], '')).toMatchObject({
      code: piped.code,
      stderr: piped.stderr,
    });
  });

  it('are compared with those of a file', async () => {
    const file = join(folder, 'settings.env');
    writeFileSync(file, dotEnv());
    const other = dotEnv({ AUTH_SECRET: 'pl4nt3d-pl4nt3d-pl4nt3d-pl4nt3d-pl4nt3d' });
    const { code, stdout } = await cogni(
      ['--json', 'settings', 'diff', 'preview', '--from', '-', '--with', file],
      other,
    );
    expect(code).toBe(0);
    const rows = JSON.parse(stdout) as readonly { readonly name: string; readonly is: string }[];
    expect(rows.filter(({ is }) => is !== 'equal')).toEqual([{ name: 'AUTH_SECRET', is: 'different' }]);
    expect(rows.length).toBeGreaterThan(10);
  });

  it('that are none are refused by the name of where they came from', async () => {
    const { code, stderr } = await cogni(['settings', 'check', 'preview', '--from', '-'], 'no settings\n');
    expect(code).toBe(1);
    expect(stderr).toContain('standard input');
  });
});
