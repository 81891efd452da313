import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { parseProof, provedKeys } from '../../../deploy/host/host-key';
import { run } from '../../../foundation/process';
import { movedScript, start } from './moved-script';

const { path, read, install } = movedScript();

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

  test('has the proof on the disk before it erases the token', async () => {
    // Python reads this module by itself when it starts.
    writeFileSync(
      path('opt/sitecustomize.py'),
      `import os, shutil
written = os.sync
def noting():
    for name in ('host-key.proof', 'enrollment'):
        shutil.copy('${path('var/lib/cogni')}/' + name, '${path('opt')}/' + name)
    written()
os.sync = noting
`,
    );
    const settings = `revision=abc123\nexport PYTHONPATH=${path('opt')}\n`;
    expect((await start(install({ identity: 'real' }, settings))).code).toBe(0);
    expect(provedKeys(token, parseProof(read('opt/host-key.proof')))).toHaveLength(2);
    expect(read('opt/enrollment').trim()).toBe(token);
  });

  test('leaves the token nowhere on the machine, and every other byte as it was', async () => {
    await start(install({ identity: 'real' }));
    const left = await run({ argv: ['grep', '-rlF', token, path('.')], deadline: 30_000 });
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
    expect(stdout).toContain(`no proof of ${path('etc/ssh/ssh_host_rsa_key.pub')}, and no token to make one`);
    expect(read('var/lib/cogni/host-key.proof')).toBe(before);
  });

  test('puts the proof into memory where the disk takes nothing', async () => {
    // The proof's name taken by a folder stands for a disk that takes nothing more.
    mkdirSync(path('var/lib/cogni/host-key.proof'));
    expect((await start(install({ identity: 'real' }))).code).toBe(0);
    expect(parseProof(read('run/cogni/host-key.proof'))).toHaveLength(2);
  });
});
