import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { phases } from '../../../bootstrap';
import { parseFindings } from '../../../deploy/host/findings';
import { me, movedScript, start } from './moved-script';

const { path, read, marker, install } = movedScript();

describe('a run of the phases', () => {
  test('takes them in their order, each with its time, and ends with 0', async () => {
    const { code, stdout } = await start(install({ ssh: 'change "write something" true' }));
    expect(code).toBe(0);
    expect([...stdout.matchAll(/phase (\S+) begins/g)].map(([, phase]) => phase)).toEqual(phases);
    expect(stdout).toMatch(/^\S+Z phase ssh done: 1 changes, \d+ ms$/m);
    expect(read('var/log/cogni-bootstrap.log')).toBe(stdout);
    expect(read('run/cogni/bootstrap.log')).toBe(stdout);
  });

  test('says so when nothing had to change', async () => {
    expect((await start(install({}))).stdout).toContain('nothing had to change');
    expect((await start(install({ ssh: 'change it true' }))).stdout).not.toContain('nothing had to change');
  });

  test('takes only those that it is told to', async () => {
    const { stdout } = await start(install({}), 'run', 'ssh', 'edge');
    expect([...stdout.matchAll(/phase (\S+) begins/g)].map(([, phase]) => phase)).toEqual(['ssh', 'edge']);
  });

  test.each([
    [['run', 'nope'], 'there is no phase nope'],
    [['jump'], 'there is no mode jump'],
  ])(
    'of something that there is not (%j) changes nothing and says what there is',
    async (args, complaint) => {
      const { code, stderr } = await start(install({}), ...args);
      expect(code).toBe(64);
      expect(stderr).toContain(complaint);
      expect(stderr).toContain(phases.join(' '));
      expect(existsSync(path('var/lib/cogni/bootstrap.fail'))).toBe(false);
    },
  );
});

describe('a phase that fails', () => {
  const failing: [string, string, number, string][] = [
    [
      'in a command that change runs, with its values',
      'v=b; change "do it" sh -c "exit 7" "a $v"',
      7,
      'sh -c exit 7 a b',
    ],
    ['in any other command', 'false "$HOME"', 1, 'false "$HOME"'],
    ['deep inside', 'inner() { grep -q x /dev/null; }; change "do it" inner', 1, 'grep -q x /dev/null'],
    ['on its own finding', 'change "do it" eval \'die "port 80 is \\"taken\\""\'', 1, 'port 80 is "taken"'],
    [
      'for good after it was tried again',
      'sleep() { :; }; change "get it" retry 2 sh -c "exit 3" word',
      1,
      'sh -c exit 3 word',
    ],
  ];

  test.each(failing)(
    '%s ends the run, and its marker names phase, exit code and command',
    async (_, body, exitCode, command) => {
      const { code, stdout } = await start(install({ network: body, ssh: 'echo after' }));
      expect(code).toBe(exitCode);
      expect(marker('var/lib/cogni/bootstrap.fail')).toEqual({
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as unknown,
        document: 'abc123',
        phase: 'network',
        exitCode,
        command,
      });
      expect(stdout).toContain(`phase network failed with exit code ${exitCode}: ${command}`);
      expect(stdout).not.toContain('after');
    },
  );

  test('takes the marker of an earlier success away, and the next run takes its own away', async () => {
    writeFileSync(path('var/lib/cogni/bootstrap.ok'), '{}');
    await start(install({ network: 'false' }));
    expect(existsSync(path('var/lib/cogni/bootstrap.ok'))).toBe(false);
    await start(install({}));
    expect(existsSync(path('var/lib/cogni/bootstrap.fail'))).toBe(false);
  });

  test.each(['docker', 'journald'] as const)(
    'by being killed before it restarted %s does so the next time, although it finds everything written',
    async (phase) => {
      // Another phase brings programs of the test's own; the first restart ends the run.
      const programs = `
        file() { cat >/dev/null; [ -e "$here/written" ] || change 'write it' touch "$here/written"; }
        systemctl() {
          [[ $1 = *restart ]] || return 0
          echo >>"$here/restarts"
          [ -e "$here/killed" ] || { touch "$here/killed"; kill -9 $$; }
        }`;
      const script = install({ swap: programs, [phase]: 'real' });
      expect((await start(script, 'run', 'swap', phase)).code).not.toBe(0);
      const before = read('opt/restarts').length;
      expect((await start(script, 'check', 'swap', phase)).code).toBe(10);
      expect((await start(script, 'run', 'swap', phase)).code).toBe(0);
      expect(read('opt/restarts').length).toBeGreaterThan(before);
      expect((await start(script, 'check', 'swap', phase)).code).toBe(0);
    },
  );

  test('leaves its marker in memory where the disk takes nothing', async () => {
    // A file in place of the folder: nothing can be written below it, whoever asks.
    rmSync(path('var/lib/cogni'), { recursive: true });
    const body = `rm -rf "$state"; touch "$state"; echo "No space left on device" >&2; false`;
    await start(install({ packages: body }));
    expect(marker('run/cogni/bootstrap.fail')).toMatchObject({ phase: 'packages', command: 'false' });
    expect(read('run/cogni/bootstrap.log')).toContain('No space left on device');
  });

  test('finds room for its marker that was kept free from the beginning', async () => {
    await start(install({ packages: 'stat -c %s $state/.reserve; false' }));
    expect(read('run/cogni/bootstrap.log')).toContain('\n65536\n');
    expect(existsSync(path('var/lib/cogni/.reserve'))).toBe(false);
  });

  test('leaves its marker when the whole process group is ended by a signal', async () => {
    const child = spawn('bash', [install({ edge: 'echo waiting; sleep 50' })], {
      detached: true,
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    for (
      let i = 0;
      i < 200 &&
      !(existsSync(path('run/cogni/bootstrap.log')) && read('run/cogni/bootstrap.log').includes('waiting'));
      i++
    ) {
      await delay(50);
    }
    process.kill(-child.pid!, 'SIGTERM');
    expect((await ended)[0]).toBe(143);
    expect(marker('var/lib/cogni/bootstrap.fail')).toMatchObject({
      phase: 'edge',
      exitCode: 143,
      command: 'ended by a signal',
    });
  });
});

describe('two runs at once', () => {
  test('are one: the second waits a moment, then gives way and leaves no marker', async () => {
    const first = start(install({ ssh: 'sleep 8' }));
    for (let i = 0; i < 100 && !existsSync(path('run/cogni/pid')); i++) await delay(50);
    const second = await start(path('opt/bootstrap.sh'));
    expect([second.code, second.stderr]).toEqual([
      75,
      'another run of the bootstrap is under way on this host\n',
    ]);
    expect(existsSync(path('var/lib/cogni/bootstrap.fail'))).toBe(false);
    expect((await first).code).toBe(0);
  });
});

describe('a check', () => {
  test('finds nothing to do: exit code 0 and one line a phase', async () => {
    const { code, stdout } = await start(install({}), 'check');
    expect(code).toBe(0);
    expect(parseFindings(stdout)).toEqual(phases.map((phase) => ({ phase, verdict: 'ok', what: '' })));
  });

  test('finds what a run would do, does none of it, and writes neither log nor marker', async () => {
    const target = path('etc/target');
    const { code, stdout } = await start(
      install({ ssh: `file ${target} 644 ${me} <<<text; change "reload" false` }),
      'check',
      'ssh',
    );
    expect(code).toBe(10);
    expect(parseFindings(stdout).map(({ what }) => what)).toEqual([`write ${target}`, 'reload']);
    for (const name of [
      'etc/target',
      'var/log/cogni-bootstrap.log',
      'var/lib/cogni/bootstrap.fail',
      'var/lib/cogni/.reserve',
    ]) {
      expect(existsSync(path(name))).toBe(false);
    }
  });

  test('that finds only the running edge otherwise ends with 11, one that also finds work with 10', async () => {
    const edge = 'differs=$((differs + 1)); printf "edge\\tdiffers\\tx\\n"';
    expect((await start(install({ edge }), 'check')).code).toBe(11);
    expect((await start(install({ edge, ssh: 'change it true' }), 'check')).code).toBe(10);
  });

  test('that cannot be made names the phase', async () => {
    const { code, stdout } = await start(install({ docker: 'cat /nonexistent' }), 'check');
    expect(code).toBe(1);
    expect(parseFindings(stdout).at(-1)).toEqual({
      phase: 'docker',
      verdict: 'failed',
      what: 'cat /nonexistent',
    });
  });
});

describe('a file that a phase wants', () => {
  const wanted = (): string => `file ${path('etc/x.conf')} 640 ${me} <<<"a  b"`;

  test('is written once, with its mode, and again when text or mode have changed', async () => {
    const changes = async (): Promise<string | undefined> =>
      /phase ssh done: (\d) changes/.exec((await start(install({ ssh: wanted() }))).stdout)?.[1];
    expect(await changes()).toBe('1');
    expect([read('etc/x.conf'), statSync(path('etc/x.conf')).mode & 0o777]).toEqual(['a  b\n', 0o640]);
    expect(await changes()).toBe('0');
    writeFileSync(path('etc/x.conf'), 'a b\n');
    expect(await changes()).toBe('1');
    chmodSync(path('etc/x.conf'), 0o644);
    expect(await changes()).toBe('1');
    expect(statSync(path('etc/x.conf')).mode & 0o777).toBe(0o640);
    rmSync(path('etc/x.conf'));
    expect(await changes()).toBe('1');
  });
});
