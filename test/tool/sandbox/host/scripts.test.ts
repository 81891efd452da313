import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../../foundation/process';
import { sandboxSource } from '../../../../sandbox/sources';

const files = sandboxSource('host', 'image', 'files', 'usr', 'lib');

describe('what a host gets beside its packages', () => {
  it.each(readdirSync(join(files, 'cogni-sandbox')))(
    'has a script %s that shellcheck finds nothing in',
    async (name) => {
      const output = await run({
        argv: ['shellcheck', join(files, 'cogni-sandbox', name)],
        deadline: 60_000,
      });
      expect(output).toMatchObject({ code: 0, stdout: '' });
    },
  );
});
