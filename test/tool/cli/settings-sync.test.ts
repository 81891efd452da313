import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { capture, run } from '../../../foundation/process';
import { checkout } from '../../../infra/checkout';
import { githubDouble, type GithubDouble } from '../../unit/workflows/github/double';

/** Milliseconds: sources that have changed are compiled first. */
const build = 10 * 60_000;

describe('cogni settings sync', () => {
  let github: GithubDouble;
  beforeAll(async () => {
    await capture({ argv: [join(checkout, 'scripts', 'ensure-built.sh')], deadline: build });
    github = await githubDouble();
  }, build);
  afterAll(() => github.stop());

  it('writes secrets that GitHub can open, as the program that people run, and prints none of them', async () => {
    const password = `p1anted-${randomBytes(12).toString('hex')}`;
    const words = [
      'settings',
      'sync',
      'preview',
      '--settings',
      '-',
      '--no-host',
      '--repository',
      'owner/name',
    ];
    const output = await run({
      argv: [process.execPath, join(checkout, 'dist', 'cli', 'main.js'), ...words],
      stdin: `APP_DB_PASSWORD=${password}\n`,
      env: { GITHUB_TOKEN: github.token, GITHUB_API_URL: github.url, COGNI_SANDBOX: undefined },
      deadline: 60_000,
    });
    expect([output.code, output.stderr]).toEqual([0, expect.not.stringContaining('failed')]);
    expect(github.secrets.get('preview/APP_DB_PASSWORD')).toBe(password);
    expect(`${output.stdout}${output.stderr}`).not.toContain(password);
    expect(github.violations).toEqual([]);
  });
});
