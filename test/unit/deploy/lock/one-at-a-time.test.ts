import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localTransport } from '../../../../deploy/local';
import { oneAtATime } from '../../../../deploy/lock/one-at-a-time';

const here = localTransport();
const folder = mkdtempSync(join(tmpdir(), 'cogni-one-at-a-time-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a command that works one at a time', () => {
  test('ends as it would by itself where nobody is at work', async () => {
    const command = { argv: ['sh', '-c', 'cat; exit 3'], stdin: 'given', deadline: 1000 } as const;
    expect(await here.run(oneAtATime(command, join(folder, 'free')))).toMatchObject({
      code: 3,
      stdout: 'given',
    });
  });

  test('waits for one whose run was killed: its processes have the lock for as long as they live', async () => {
    const lock = join(folder, 'held');
    const end = join(folder, 'end');
    await here.run({ argv: ['mkfifo', end], deadline: 60_000 });
    // It works until somebody writes there.
    const works = ['sh', '-c', 'echo works; read -r line <"$1"', 'sh', end] as const;
    const [program, ...words] = oneAtATime({ argv: works, deadline: 60_000 }, lock).argv;
    const first = spawn(program, words, { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(first.stdout, 'data');
    first.kill('SIGKILL');
    await once(first, 'exit');

    const second = oneAtATime({ argv: ['echo', 'second'], deadline: 1000 }, lock);
    expect(await here.run(second)).toMatchObject({ code: 75, stdout: '' });

    const waiting = here.run(oneAtATime({ argv: ['echo', 'second'], deadline: 60_000 }, lock));
    await writeFile(end, 'end\n');
    expect(await waiting).toMatchObject({ code: 0, stdout: 'second\n' });
  });

  test('may wait for as long as it may itself take', () => {
    const { argv, deadline } = oneAtATime({ argv: ['true'], deadline: 90_000 }, '/lock');
    expect([argv.slice(0, 3), deadline]).toEqual([['flock', '--timeout', '90'], 180_000]);
  });
});
