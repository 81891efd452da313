import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../foundation/process';
import { sandboxSource } from '../../../sandbox/sources';

const folder = sandboxSource('images');
const scripts = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.sh'),
);

describe('the scripts that make and start images', () => {
  it('are there', () => expect(scripts).toContain('postgres/docker-entrypoint.sh'));

  it.each(scripts)('%s passes shellcheck', async (script) => {
    const { stdout, code } = await run({ argv: ['shellcheck', join(folder, script)], deadline: 60_000 });
    expect(stdout).toBe('');
    expect(code).toBe(0);
  });
});
