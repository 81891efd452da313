import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bootstrapScript, phases } from '../../../bootstrap';
import { parseFindings } from '../../../deploy/host/findings';
import { parseProof, provedKeys } from '../../../deploy/host/host-key';
import { run, type Output } from '../../../foundation/process';

/*
 * The real script with its paths moved below a folder, and with phases of the test's own where its story is what
 * matters: what it does to a real host is shown end to end.
 */

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bootstrap-'));
  for (const path of ['var/lib/cogni', 'var/log', 'run', 'etc/ssh', 'opt'])
    mkdirSync(join(root, path), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));
const path = (name: string): string => join(root, name);
const read = (name: string): string => readFileSync(path(name), 'utf8');
const me = process.getuid?.() === 0 ? 'root' : process.env['USER'];

/** The script as it lies below the folder, with other phases. */
function install(
  own: Partial<Record<(typeof phases)[number], string>>,
  settings = 'revision=abc123\n',
): string {
  const stubs = phases
    .filter((phase) => own[phase] !== 'real')
    .map((phase) => `phase_${phase}() {\n${own[phase] ?? ':'}\n}\n`)
    .join('');
  const script = bootstrapScript
    .replaceAll('/var/lib/cogni', path('var/lib/cogni'))
    .replaceAll('/var/log/', path('var/log/'))
    .replaceAll('/run/cogni', path('run/cogni'))
    .replaceAll('/etc/ssh/', path('etc/ssh/'))
    .replaceAll('/var/lib/cloud', path('var/lib/cloud'))
    .replaceAll('/swapfile', path('swapfile'))
    .replaceAll('/etc/fstab', path('etc/fstab'))
    .replaceAll('/run/cloud-init', path('run/cloud-init'))
    .replace('"$(id -u)" = 0', '1')
    .replaceAll(' 644 root ', ` 644 ${me} `)
    .replace(/main "\$@"\n$/, `${stubs}main "$@"\n`);
  const file = path('opt/bootstrap.sh');
  writeFileSync(file, script, { mode: 0o755 });
  writeFileSync(path('opt/settings'), settings);
  return file;
}
const start = (file: string, ...args: string[]): Promise<Output> =>
  run({ argv: ['bash', file, ...args], deadline: 60_000 });
const marker = (name: string): Record<string, unknown> => JSON.parse(read(name)) as Record<string, unknown>;

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

describe('the first phase', () => {
  const token = 'JHa2bD-4uK1y0f3m7Qp9sT5vW8xZ_cE6gR2iL0nOqUk';
  const keys = [
    'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA root@host',
    'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYA',
  ];
  const userData = `#cloud-config\nwrite_files:\n- content: "${token}"\n`;

  beforeEach(() => {
    writeFileSync(path('var/lib/cogni/enrollment'), token, { mode: 0o600 });
    writeFileSync(path('etc/ssh/ssh_host_ed25519_key.pub'), `${keys[0]}\n`);
    writeFileSync(path('etc/ssh/ssh_host_ecdsa_key.pub'), `${keys[1]}\n`);
    mkdirSync(path('var/lib/cloud/instances/i-1'), { recursive: true });
    symlinkSync('instances/i-1', path('var/lib/cloud/instance'));
    writeFileSync(path('var/lib/cloud/instances/i-1/user-data.txt'), userData);
    writeFileSync(
      path('var/lib/cloud/instances/i-1/obj.pkl'),
      Buffer.concat([Buffer.from([0x80, 0xff]), Buffer.from(token)]),
    );
    mkdirSync(path('run/cloud-init'));
    writeFileSync(path('run/cloud-init/instance-data-sensitive.json'), JSON.stringify({ userData }));
  });

  test('proves every host key so that whoever knows the token can tell', async () => {
    expect((await start(install({ identity: 'real' }))).code).toBe(0);
    const proof = parseProof(read('var/lib/cogni/host-key.proof'));
    expect(provedKeys(token, proof)).toEqual([
      { type: 'ecdsa-sha2-nistp256', base64: 'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYA' },
      { type: 'ssh-ed25519', base64: 'AAAAC3NzaC1lZDI1NTE5AAAA' },
    ]);
    expect(provedKeys('another token', proof)).toEqual([]);
    expect(statSync(path('var/lib/cogni/host-key.proof')).mode & 0o777).toBe(0o644);
  });

  test('leaves the token nowhere on the machine, and every other byte as it was', async () => {
    await start(install({ identity: 'real' }));
    const left = await run({ argv: ['grep', '-rlF', token, root], deadline: 30_000 });
    expect([left.code, left.stdout]).toEqual([1, '']);
    expect(existsSync(path('var/lib/cogni/enrollment'))).toBe(false);
    expect(read('var/lib/cloud/instances/i-1/user-data.txt')).toBe(userData.replace(token, 'x'.repeat(43)));
    expect(readFileSync(path('var/lib/cloud/instance/obj.pkl')).subarray(0, 3)).toEqual(
      Buffer.from([0x80, 0xff, 0x78]),
    );
    expect(lstatSync(path('var/lib/cloud/instance')).isSymbolicLink()).toBe(true);
  });

  test.each([0, 1, 2])(
    'crosses out copies in base64, in one line or more, %i bytes off, without changing their length',
    async (offset) => {
      const text = `${'.'.repeat(offset + 30)}${token} and more`;
      const base64 = Buffer.from(text).toString('base64');
      const folded = base64.replace(/.{61}/, '$&\n');
      writeFileSync(path('var/lib/cloud/instances/i-1/user-data.txt.i'), folded);
      writeFileSync(path('run/cloud-init/combined.json'), JSON.stringify({ base64, folded }));
      await start(install({ identity: 'real' }));
      const left = JSON.parse(read('run/cloud-init/combined.json')) as Record<string, string>;
      const mime = read('var/lib/cloud/instances/i-1/user-data.txt.i');
      for (const copy of [left['base64']!, left['folded']!, mime]) {
        const now = Buffer.from(copy, 'base64').toString('latin1');
        expect(now).not.toContain(token.slice(2, 20));
        expect(now).not.toContain(token.slice(-20, -2));
        expect(now.slice(0, offset + 28)).toBe('.'.repeat(offset + 28));
        expect(now.slice(-8)).toBe('and more');
        expect(now).toHaveLength(text.length);
      }
    },
  );

  test('has been done when a later phase fails', async () => {
    await start(install({ identity: 'real', packages: 'false' }));
    expect(parseProof(read('var/lib/cogni/host-key.proof'))).toHaveLength(2);
  });

  test('changes nothing when it has been done, and says which key has come since', async () => {
    await start(install({ identity: 'real' }));
    const before = read('var/lib/cogni/host-key.proof');
    const again = await start(install({ identity: 'real' }));
    expect(again.stdout).toContain('phase identity done: 0 changes');
    expect(again.stdout).not.toContain('no proof of');
    writeFileSync(path('etc/ssh/ssh_host_rsa_key.pub'), 'ssh-rsa AAAAB3NzaC1yc2EA\n');
    const { stdout } = await start(install({ identity: 'real' }));
    expect(stdout).toContain(`no proof of ${path('etc/ssh/ssh_host_rsa_key.pub')}, and no enrollment token`);
    expect(read('var/lib/cogni/host-key.proof')).toBe(before);
  });

  test('puts the proof into memory where the disk takes nothing', async () => {
    // The proof's name taken by a folder stands for a disk that takes nothing more.
    mkdirSync(path('var/lib/cogni/host-key.proof'));
    expect((await start(install({ identity: 'real' }))).code).toBe(0);
    expect(parseProof(read('run/cogni/host-key.proof'))).toHaveLength(2);
  });
});

describe('the swap', () => {
  /** Programs of the test's own, which the settings bring: a disk with that many free bytes, swap as a file says. */
  const settings = (free: number, mkswap: string): string =>
    [
      'revision=abc123',
      'swap_bytes=1048576',
      'systemd-detect-virt() { return 1; }',
      `df() { echo Avail; echo ${free}; }`,
      `mkswap() { ${mkswap}; }`,
      `swapon() { if [ "$1" = --show=NAME ]; then cat ${path('active')} 2>/dev/null || true; else echo "$1" >${path('active')}; fi; }`,
      `swapoff() { rm ${path('active')}; }`,
      '',
    ].join('\n');
  const swap = (free: number, mkswap = 'true'): Promise<Output> =>
    start(install({ swap: 'real' }, settings(free, mkswap)), 'run', 'swap');
  const room = 1024 ** 3;

  test('is made once, and anew where it has another size', async () => {
    expect((await swap(room)).code).toBe(0);
    expect(statSync(path('swapfile')).size).toBe(1048576);
    expect(statSync(path('swapfile')).mode & 0o777).toBe(0o600);
    expect((await swap(room)).stdout).toContain('swap done: 0 changes');
    writeFileSync(path('swapfile'), 'smaller');
    expect((await swap(room)).stdout).toContain('swap done: 1 changes');
    expect(statSync(path('swapfile')).size).toBe(1048576);
    expect(read('etc/fstab').trim().split('\n')).toHaveLength(1);
  });

  test('is not begun where the disk has no room for it', async () => {
    expect((await swap(1024 ** 2)).code).toBe(1);
    expect(marker('var/lib/cogni/bootstrap.fail')['command']).toMatch(
      /^no room for .*swapfile: 1048576 bytes/,
    );
    expect(existsSync(path('swapfile'))).toBe(false);
  });

  test('leaves no file that is half made', async () => {
    expect((await swap(room, 'false')).code).toBe(1);
    expect(existsSync(path('swapfile'))).toBe(false);
  });
});

describe('the lists of packages', () => {
  /** Runs `after_others` on an apt that prints something and fails, the given number of times, before it is let in. */
  const update = (says: string, times: number): Promise<Output> =>
    start(
      install({
        packages: `
          sleep() { :; }
          apt() {
            echo >>"$here/tries"
            (($(wc -l <"$here/tries") > ${times})) || { echo '${says}'; return 100; }
          }
          after_others apt`,
      }),
    );

  test('are waited for while another apt holds their lock', async () => {
    const says =
      'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 311 (apt-get)\nE: Unable to lock directory';
    const { code } = await update(says, 3);
    expect(code).toBe(0);
    expect(read('var/log/cogni-bootstrap.log').match(/waiting for another apt/g)).toHaveLength(3);
  });

  test('are not waited for where the lock cannot be made: that is a fault of the disk', async () => {
    const says = 'E: Could not open lock file /var/lib/apt/lists/lock - open (28: No space left on device)';
    const { code } = await update(says, 3);
    expect(code).not.toBe(0);
    expect(read('var/log/cogni-bootstrap.log')).not.toContain('waiting for another apt');
  });
});
