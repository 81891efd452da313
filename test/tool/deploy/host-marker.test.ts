import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseMarker, writeMarker } from '../../../deploy/identity/host-marker';
import { reveal } from '../../../foundation/secret';
import { run, type Output } from '../../../foundation/process';

const data = '22222222-2222-2222-2222-222222222222';

describe('the script that marks a disk', () => {
  let folder: string;
  const file = (): string => join(folder, 'identity.json');
  const marker = () => parseMarker(readFileSync(file(), 'utf8'));
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-marker-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A machine whose database answers `says`, and ends with `code`. */
  const mark = (how: 'new' | 'replace', says = data, code = 0, environment = 'preview'): Promise<Output> => {
    const bin = mkdtempSync(join(folder, 'bin-'));
    writeFileSync(join(bin, 'docker'), `#!/bin/sh\ncat >/dev/null\necho '${says}'\nexit ${code}\n`);
    chmodSync(join(bin, 'docker'), 0o755);
    const { argv, stdin, deadline } = writeMarker(environment, how, file());
    return run({
      argv,
      stdin: reveal(stdin ?? ''),
      deadline,
      env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` },
    });
  };

  it('writes which disk it is and which data it holds, whole, for all to read', async () => {
    expect(await mark('new')).toMatchObject({ code: 0, stderr: '' });
    expect(marker()).toMatchObject({ v: 1, environment: 'preview', data });
    expect(readdirSync(folder).filter((name) => name.startsWith('.identity'))).toEqual([]);
  });

  it('leaves a marker that is there alone, so that other data are found', async () => {
    await mark('new');
    const first = readFileSync(file(), 'utf8');
    expect(await mark('new', '33333333-3333-3333-3333-333333333333')).toMatchObject({ code: 0 });
    expect(readFileSync(file(), 'utf8')).toBe(first);
  });

  it('replaces it by a person’s word, with another deployment', async () => {
    await mark('new');
    const first = marker();
    expect(await mark('replace', '33333333-3333-3333-3333-333333333333')).toMatchObject({ code: 0 });
    expect(marker()?.data).toBe('33333333-3333-3333-3333-333333333333');
    expect(marker()?.deployment).not.toBe(first?.deployment);
    expect(marker()?.disk).toBe(first?.disk);
  });

  it('lets one of two at once win, and neither fail', async () => {
    const both = await Promise.all([mark('new'), mark('new', '33333333-3333-3333-3333-333333333333')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(marker()).toBeDefined();
  });

  it.each([
    ['does not answer', 'Error: No such container', 1],
    ['holds data without a marker', 'none', 0],
  ])('writes nothing when the database %s', async (_name, says, code) => {
    const output = await mark('new', says, code);
    expect(output.code).toBe(1);
    expect(output.stderr).not.toBe('');
    expect(existsSync(file())).toBe(false);
  });
});
