import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';

const program = resolve('dist/cli/main.js');

describe('a command', () => {
  it.each(['stdout', 'stderr'] as const)(
    'whose %s nobody reads any more ends as if it was read',
    async (which) => {
      const words = which === 'stdout' ? ['--help'] : ['no-such-command'];
      const child = spawn(process.execPath, [program, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
      child[which].destroy();
      const other = text(child[which === 'stdout' ? 'stderr' : 'stdout']);
      const [code] = (await once(child, 'close')) as [number | null];
      expect({ code, said: await other }).toEqual({ code: which === 'stdout' ? 0 : 2, said: '' });
    },
  );

  it('whose result finds no room says so, and fails', async () => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [program, '--help'], { stdio: ['ignore', full, 'pipe'] });
    closeSync(full);
    const said = text(child.stderr as NonNullable<typeof child.stderr>);
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(1);
    expect(await said).toMatch(/failed: the output cannot be written: ENOSPC/);
  });
});
