import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, run, type Command } from '../../../../foundation/process';
import { localPackages } from '../../../../sandbox/host/image';
import { makeRepository } from '../../../../sandbox/host/local-repository';

describe('a local repository of packages, read by apt and dpkg', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'cogni-apt-'));
  const program = join(scratch, 'docker-compose');
  const { good, broken } = localPackages(program, 'amd64');

  /** apt-get that knows nothing of this machine: its configuration, lists and status lie in the scratch folder. */
  const apt = (...args: readonly string[]): Command => ({
    argv: [
      'apt-get',
      '-o',
      `Dir=${scratch}`,
      '-o',
      `Dir::Etc::sourcelist=${join(scratch, 'sources.list')}`,
      '-o',
      'APT::Architecture=amd64',
      '-o',
      'APT::Sandbox::User=root',
      ...args,
    ],
    env: { APT_CONFIG: undefined, LC_ALL: 'C' },
    deadline: 60_000,
  });

  beforeAll(async () => {
    writeFileSync(program, '#!/bin/sh\necho compose\n', { mode: 0o700 });
    for (const folder of [
      'var/lib/apt/lists/partial',
      'var/lib/dpkg',
      'var/cache/apt/archives/partial',
      'etc/apt',
    ]) {
      mkdirSync(join(scratch, folder), { recursive: true });
    }
    writeFileSync(join(scratch, 'var/lib/dpkg/status'), '');
    await makeRepository(join(scratch, 'packages'), good);
    await makeRepository(join(scratch, 'broken-packages'), broken);
    writeFileSync(join(scratch, 'sources.list'), `deb [trusted=yes] file:${join(scratch, 'packages')} ./\n`);
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it('is taken by apt-get update without a complaint', async () => {
    const output = await run(apt('update'));
    expect(output).toMatchObject({ code: 0, stderr: '' });
  });

  it('offers Docker Compose under the name that Ubuntu has for it', async () => {
    await capture(apt('update'));
    const uris = await capture(apt('download', '--print-uris', 'docker-compose-v2'));
    expect(uris).toContain('docker-compose-v2_2.40.3_amd64.deb');
  });

  it('holds the plugin where the docker client looks for it, for all to run', async () => {
    const [file] = readdirSync(join(scratch, 'packages')).filter((name) => name.endsWith('.deb'));
    const listing = await capture({
      argv: ['dpkg-deb', '--contents', join(scratch, 'packages', file!)],
      deadline: 10_000,
    });
    expect(listing).toMatch(
      /^-rwxr-xr-x root\/root .* \.\/usr\/libexec\/docker\/cli-plugins\/docker-compose$/m,
    );
  });

  it('has a broken twin of the same name and version, whose configuration fails', async () => {
    const file = 'docker-compose-v2_2.40.3_amd64.deb';
    expect(readdirSync(join(scratch, 'broken-packages'))).toContain(file);
    expect(readdirSync(join(scratch, 'packages'))).toContain(file);
    const control = join(scratch, 'control');
    await capture({
      argv: ['dpkg-deb', '--control', join(scratch, 'broken-packages', file), control],
      deadline: 10_000,
    });
    await expect(
      run({ argv: [join(control, 'postinst'), 'configure'], deadline: 10_000 }),
    ).resolves.toMatchObject({
      code: 1,
    });
  });
});
