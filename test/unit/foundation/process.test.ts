import { spawnSync } from 'node:child_process';
import { capture, run } from '../../../foundation/process';
import { Secret } from '../../../foundation/secret';

const deadline = 5_000;

describe('running a command', () => {
  it('passes arguments as they are, without a shell in between', async () => {
    const hostile = '$(id) `id` "quoted" \'single\' ; rm -rf nothing';
    await expect(capture({ argv: ['printf', '%s', hostile], deadline })).resolves.toBe(hostile);
  });

  it('hands a secret over on standard input, as its real value', async () => {
    const stdin = ['PASSWORD=', Secret.of('PASSWORD', 'hunter2'), '\n'];
    await expect(capture({ argv: ['cat'], stdin, deadline })).resolves.toBe('PASSWORD=hunter2\n');
  });

  it('ends the whole process group at its deadline and says so', async () => {
    const output = await run({ argv: ['sh', '-c', 'sleep 30 & sleep 30'], deadline: 100 });
    expect(output).toMatchObject({ timedOut: true, code: null, signal: 'SIGTERM' });
  });

  it('reports how a command ended instead of throwing', async () => {
    await expect(
      run({ argv: ['sh', '-c', 'echo out; echo err >&2; exit 7'], deadline }),
    ).resolves.toMatchObject({
      code: 7,
      stdout: 'out\n',
      stderr: 'err\n',
    });
  });

  it('names a program that is not there and what to do', async () => {
    await expect(run({ argv: ['no-such-program-here'], deadline })).rejects.toMatchObject({
      what: 'the program "no-such-program-here" was not found',
      next: expect.stringContaining('install no-such-program-here'),
    });
  });

  it('takes a variable out of the environment where it is undefined', async () => {
    process.env['COGNI_TEST_VARIABLE'] = 'inherited';
    await expect(
      capture({
        argv: ['sh', '-c', 'printf %s "${COGNI_TEST_VARIABLE-absent}"'],
        env: { COGNI_TEST_VARIABLE: undefined },
        deadline,
      }),
    ).resolves.toBe('absent');
    delete process.env['COGNI_TEST_VARIABLE'];
  });

  it('shows the end of the output of a command that failed', async () => {
    await expect(capture({ argv: ['sh', '-c', 'echo why >&2; exit 1'], deadline })).rejects.toMatchObject({
      output: 'why',
      message: expect.stringContaining('ended with exit code 1'),
    });
  });

  it('ends a command that is cancelled', async () => {
    const cancel = new AbortController();
    const running = run({ argv: ['sleep', '30'], deadline }, { signal: cancel.signal });
    cancel.abort();
    await expect(running).resolves.toMatchObject({ signal: 'SIGTERM' });
  });

  it('leaves no child of a program that was killed, where it is tied', async () => {
    const argv = ['sh', '-c', 'sleep 300 >/dev/null 2>&1 & echo $!; kill -9 $$'] as const;
    const tied = await run({ argv: [...argv], deadline }, { tied: true });
    expect(tied).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(isRunning(Number(tied.stdout))).toBe(false);
    const free = await run({ argv: [...argv], deadline });
    expect(isRunning(Number(free.stdout))).toBe(true);
    process.kill(Number(free.stdout), 'SIGKILL');
  });

  it('changes nothing for a program that ends by itself, where it is tied', async () => {
    await expect(run({ argv: ['sh', '-c', 'echo out'], deadline }, { tied: true })).resolves.toMatchObject({
      code: 0,
      stdout: 'out\n',
    });
  });
});

/** Whether there is a process of that id that is more than an entry to be read. */
function isRunning(id: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(id)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}
