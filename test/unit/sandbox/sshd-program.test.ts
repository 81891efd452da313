import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { ensureSshdProgram, unpackedSshd } from '../../../sandbox/sshd-program';

describe('the SSH server of the tests', () => {
  let scratch: string;
  const cacheHome = process.env['XDG_CACHE_HOME'];
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'cogni-sshd-program-'));
    process.env['XDG_CACHE_HOME'] = scratch;
  });
  afterEach(() => {
    if (cacheHome === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = cacheHome;
    rmSync(scratch, { recursive: true, force: true });
  });

  it('is the one of this machine where there is one', async () => {
    const sshd = await ensureSshdProgram(
      silent,
      () => '/usr/sbin/sshd',
      () => Promise.reject(new Error('nothing is run')),
    );
    expect(sshd).toMatchObject({ path: '/usr/sbin/sshd', config: [] });
    expect(sshd.environment(scratch)).toEqual({});
  });

  it('is downloaded and unpacked, and never installed', async () => {
    const commands: string[][] = [];
    const runner = ({ argv }: Command) => {
      commands.push([...argv]);
      const archives = argv.find((word) => word.startsWith('Dir::Cache::archives='))?.split('=')[1];
      if (archives) writeFileSync(join(archives, 'openssh-server.deb'), '');
      if (argv[0] === 'dpkg-deb') mkdirSync(argv[3]!);
      return Promise.resolve({
        code: 0,
        signal: null,
        stdout: '',
        stderr: '',
        timedOut: false,
        milliseconds: 1,
      });
    };
    const sshd = await ensureSshdProgram(silent, () => undefined, runner);
    expect(sshd.path).toMatch(/openssh-server-[0-9a-f]+\/root\/usr\/sbin\/sshd$/);
    expect(commands.map(([program]) => program)).toEqual(['apt-get', 'dpkg-deb']);
    expect(commands[0]).toContain('--download-only');
    expect(commands[1]).toContain('-x');
  });

  describe('that is unpacked', () => {
    const users = (text: string): string => {
      writeFileSync(join(scratch, 'users'), text);
      return join(scratch, 'users');
    };

    it('is told where the programs are that serve a connection, as far as its release has them', () => {
      expect(unpackedSshd(scratch).config).toEqual([]);
      mkdirSync(join(scratch, 'usr/lib/openssh'), { recursive: true });
      writeFileSync(join(scratch, 'usr/lib/openssh/sshd-session'), '');
      expect(unpackedSshd(scratch).config).toEqual([
        `SshdSessionPath ${scratch}/usr/lib/openssh/sshd-session`,
      ]);
    });

    it('finds its own libraries, and its user where the machine has none of that name', () => {
      mkdirSync(join(scratch, 'usr/lib/x86_64-linux-gnu'), { recursive: true });
      const given = unpackedSshd(scratch, users('root:x:0:0::/root:/bin/sh\n')).environment(scratch);
      expect(given['LD_LIBRARY_PATH']).toBe(`${scratch}/usr/lib/x86_64-linux-gnu`);
      expect(readFileSync(given['NSS_WRAPPER_PASSWD']!, 'utf8')).toMatch(/^root:.*\nsshd:/);
    });

    it('uses the user of the machine where there is one', () => {
      const given = unpackedSshd(scratch, users('sshd:x:101:65534::/run/sshd:/bin/false\n')).environment(
        scratch,
      );
      expect(given).not.toHaveProperty('LD_PRELOAD');
      expect(existsSync(join(scratch, 'passwd'))).toBe(false);
    });
  });
});
