import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run, type Output } from '../../../foundation/process';

const script = resolve(__dirname, '..', '..', '..', 'scripts', 'ensure-built.sh');

describe('what ./cogni looks at before it runs', () => {
  let checkout: string;
  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), 'cogni-built-'));
    for (const folder of ['scripts', 'node_modules', 'dist', 'bin']) mkdirSync(join(checkout, folder));
    copyFileSync(script, join(checkout, 'scripts', 'ensure-built.sh'));
    // The packages are there, and nothing is compiled yet.
    writeFileSync(join(checkout, 'package-lock.json'), '{}');
    utimesSync(join(checkout, 'package-lock.json'), 1, 1);
    writeFileSync(join(checkout, 'node_modules', '.package-lock.json'), '{}');
    program('npm', 'true');
  });
  afterEach(() => rmSync(checkout, { recursive: true }));

  const program = (name: string, does: string): void => {
    const path = join(checkout, 'bin', name);
    writeFileSync(path, `#!/bin/sh\n${does}\n`);
    chmodSync(path, 0o755);
  };

  /** The script with a Node.js that says this version. */
  const withNode = (answer: string): Promise<Output> => {
    program('node', answer);
    return run({
      argv: ['sh', join(checkout, 'scripts', 'ensure-built.sh')],
      env: { PATH: `${join(checkout, 'bin')}:/usr/bin:/bin` },
      deadline: 60_000,
    });
  };

  it.each(['8.17.0', '12.22.9', '18.20.4', '20.18.3'])(
    'is Node.js: %s is refused, with what is there and what is needed',
    async (version) => {
      const { code, stderr } = await withNode(`echo ${version}`);
      expect(code).toBe(1);
      expect(stderr).toContain(`this is Node.js ${version} (${join(checkout, 'bin', 'node')})`);
      expect(stderr).toContain('Install Node.js 20.19+ or 22');
    },
  );

  it.each(['20.19.0', '20.20.2', '22.1.0', '24.0.0'])('is Node.js: %s is taken', async (version) => {
    await expect(withNode(`echo ${version}`)).resolves.toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^cogni: compiling TypeScript.*\n$/),
    });
  });

  it('is not asked for where everything is compiled: no command begins later for it', async () => {
    writeFileSync(join(checkout, 'dist', '.built'), '');
    await expect(withNode('exit 127')).resolves.toMatchObject({ code: 0, stderr: '' });
  });

  it('is Node.js: none that starts is a refusal that says what to install', async () => {
    const { code, stderr } = await withNode('exit 127');
    expect(code).toBe(1);
    expect(stderr).toContain('install Node.js 20.19+ or 22');
  });
});
