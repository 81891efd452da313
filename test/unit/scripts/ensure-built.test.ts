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
    // Everything is built already.
    writeFileSync(join(checkout, 'package-lock.json'), '{}');
    utimesSync(join(checkout, 'package-lock.json'), 1, 1);
    writeFileSync(join(checkout, 'node_modules', '.package-lock.json'), '{}');
    writeFileSync(join(checkout, 'dist', '.built'), '');
  });
  afterEach(() => rmSync(checkout, { recursive: true }));

  /** The script with a Node.js that says this version. */
  const withNode = (answer: string): Promise<Output> => {
    const node = join(checkout, 'bin', 'node');
    writeFileSync(node, `#!/bin/sh\n${answer}\n`);
    chmodSync(node, 0o755);
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
    await expect(withNode(`echo ${version}`)).resolves.toMatchObject({ code: 0, stderr: '' });
  });

  it('is Node.js: none that starts is a refusal that says what to install', async () => {
    const { code, stderr } = await withNode('exit 127');
    expect(code).toBe(1);
    expect(stderr).toContain('install Node.js 20.19+ or 22');
  });
});
