import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localTransport } from '../../../../deploy/local';
import { folderWhileHeld, unheldFolders } from '../../../../deploy/rolling/registry-login';
import { surveyCommands } from '../../../../deploy/rolling/survey';
import { askLeftovers } from '../../../../deploy/status/leftovers';
import { isHeld } from '../../../../deploy/transport';

const here = localTransport();
const folder = mkdtempSync(join(tmpdir(), 'cogni-logins-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('logins to the registry', () => {
  test('are left behind only where nobody holds them, and are only looked at', async () => {
    const [used, killed] = [join(folder, 'cogni-used'), join(folder, 'cogni-killed')];
    mkdirSync(killed);
    const login = await here.hold({
      argv: ['sh', '-c', folderWhileHeld, 'sh', used],
      deadline: 60_000,
    });
    if (!isHeld(login)) throw new Error(login.stderr);
    const find = [
      'find',
      folder,
      '-maxdepth',
      '1',
      ...unheldFolders(join(folder, 'cogni-')),
      '-print',
    ] as const;
    const { stdout } = await here.run({ argv: find, deadline: 60_000 });
    expect(stdout).toBe(`${killed}\n`);
    expect([used, killed].map((path) => existsSync(path))).toEqual([true, true]);
    await login.release();
  });

  test.each([
    ['a deploy', surveyCommands().leftovers],
    ['the status', askLeftovers],
  ])('that are in use count as left behind for nothing that %s looks at', (_, { argv }) => {
    expect(argv.join(' ')).toContain('-path /dev/shm/cogni-* -exec flock --nonblock {} true ; ) -print');
  });

  test('of SourceCred are no matter of a deploy', () => {
    expect(surveyCommands().leftovers.argv.join(' ')).toContain(
      ' -o -not -path /dev/shm/cogni-sourcecred-* -path /dev/shm/cogni-* ',
    );
  });
});
