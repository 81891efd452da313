import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureOf } from '../../../failure-of';
import { localTransport } from '../../../../deploy/local';
import { progressTo, type ProgressEvent } from '../../../../foundation/progress';
import { programOf } from '../../../../deploy/behind-a-lock';
import {
  askWhichAreHeld,
  oneAtATime,
  unlessAtWork,
  waitUntilFree,
} from '../../../../deploy/lock/one-at-a-time';

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

    const looks = unlessAtWork({ argv: ['echo', 'looks'], deadline: 60_000 }, lock);
    expect(await here.run(looks)).toMatchObject({ code: 75, stdout: '' });
    const asked = askWhichAreHeld(join(folder, 'never'), lock, join(folder, 'free'));
    expect(await here.run(asked)).toMatchObject({ code: 0, stdout: `${lock}\n` });

    const next = './cogni edge apply preview';
    const waits = { program: 'Docker Compose', deadline: 1000, next };
    const notes: ProgressEvent[] = [];
    const told = { progress: progressTo((event) => notes.push(event)) };
    expect(await failureOf(waitUntilFree(here, lock, waits, told))).toMatchObject({
      exitCode: 4,
      what: 'an earlier run has left Docker Compose at work on the host, and it has not ended',
    });
    expect(notes).toEqual([
      {
        kind: 'note',
        text: "another run's Docker Compose is at work on the host: its end is waited for, 1 s at most",
      },
    ]);

    const looking = waitUntilFree(here, lock, { ...waits, deadline: 60_000 });
    const waiting = here.run(oneAtATime({ argv: ['echo', 'second'], deadline: 60_000 }, lock));
    await writeFile(end, 'end\n');
    expect(await waiting).toMatchObject({ code: 0, stdout: 'second\n' });
    await looking;
    expect(await here.run(looks)).toMatchObject({ code: 0, stdout: 'looks\n' });
  });

  test('is not waited for where none ever worked, and no file is made by that', async () => {
    const lock = join(folder, 'never');
    await waitUntilFree(here, lock, { program: 'it', deadline: 1000, next: 'again' });
    expect(existsSync(lock)).toBe(false);
  });

  test('is called by the program that works, in what is said of its failure', () => {
    const command = { argv: ['docker', 'compose'], deadline: 1000 } as const;
    const wrapped = [command, oneAtATime(command, '/lock'), unlessAtWork(command, '/lock')];
    expect(wrapped.map(programOf)).toEqual(['docker', 'docker', 'docker']);
    expect(programOf({ argv: ['flock', '/lock', 'true'] })).toBe('flock');
  });

  test('may wait for as long as it may itself take', () => {
    const { argv, deadline } = oneAtATime({ argv: ['true'], deadline: 90_000 }, '/lock');
    expect([argv.slice(0, 3), deadline]).toEqual([['flock', '--timeout', '90'], 185_000]);
  });

  test('is ended where it takes longer, and frees its lock, also where it does not hear a request to end', async () => {
    const lock = join(folder, 'deaf');
    const deaf = ['sh', '-c', 'trap "" TERM; while :; do sleep 0.1; done'] as const;
    expect(await here.run(oneAtATime({ argv: deaf, deadline: 1000 }, lock))).toMatchObject({ code: 137 });
    const looks = unlessAtWork({ argv: ['echo', 'looks'], deadline: 60_000 }, lock);
    expect(await here.run(looks)).toMatchObject({ code: 0, stdout: 'looks\n' });
  }, 30_000);
});
