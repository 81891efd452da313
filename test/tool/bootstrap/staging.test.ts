import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { HostFile } from '../../../bootstrap';
import { inPlaceCommand, stageCommand } from '../../../deploy/host/staging';
import { capture, run } from '../../../foundation/process';

/* The program that receives files on a host, run by the real Python on folders of this test's own. */

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'staging-'))));
afterEach(() => rmSync(root, { recursive: true, force: true }));
const current = (): string => join(root, 'current');
const staged = (): string => join(root, 'run', 'staged');

async function stage(files: readonly HostFile[]): Promise<string[]> {
  const { argv, stdin } = stageCommand(files, staged());
  const [flag, program] = argv.slice(3);
  const output = await capture({
    argv: ['/usr/bin/python3', flag!, program!, staged(), current()],
    stdin: stdin!,
    deadline: 30_000,
  });
  return JSON.parse(output) as string[];
}
const inPlace = (files: readonly HostFile[]): void => {
  for (const { path, content, mode } of files) {
    mkdirSync(dirname(join(current(), path)), { recursive: true });
    writeFileSync(join(current(), path), content);
    chmodSync(join(current(), path), mode);
  }
};
const files: readonly HostFile[] = [
  { path: 'bootstrap.sh', mode: 0o755, content: '#!/bin/sh\n' },
  { path: 'settings', mode: 0o644, content: "deploy_keys='é\r\n'\n" },
  { path: 'edge/caddy/Caddyfile', mode: 0o644, content: '' },
];

describe('files that are sent to a host', () => {
  test('arrive byte for byte, with their modes, in a folder that only root can change', async () => {
    await stage(files);
    for (const { path, content, mode } of files) {
      expect(readFileSync(join(staged(), path), 'utf8')).toBe(content);
      expect(statSync(join(staged(), path)).mode & 0o777).toBe(mode);
    }
    expect(statSync(staged()).mode & 0o777).toBe(0o755);
  });

  test('that are the same as those in place are no difference', async () => {
    inPlace(files);
    await expect(stage(files)).resolves.toEqual([]);
  });

  test('are all new to a host that has none', async () => {
    await expect(stage(files)).resolves.toEqual(files.map(({ path }) => path).sort());
  });

  test('differ in content or mode, are new, or are no longer rendered', async () => {
    inPlace([...files, { path: 'edge/old', mode: 0o644, content: '' }]);
    writeFileSync(join(current(), 'settings'), 'other');
    chmodSync(join(current(), 'bootstrap.sh'), 0o644);
    const sent = [...files, { path: 'edge/new', mode: 0o644, content: '' }];
    await expect(stage(sent)).resolves.toEqual(['bootstrap.sh', 'edge/new', 'edge/old', 'settings']);
  });

  test('take the place of those that were sent before', async () => {
    await stage([...files, { path: 'gone', mode: 0o644, content: '' }]);
    await stage(files);
    expect(existsSync(join(staged(), 'gone'))).toBe(false);
  });
});

describe('phases that are put in place', () => {
  // Without sudo; the lock and the folders are the test's own.
  const place = async (programs = ''): Promise<number | null> => {
    const own = new Map([
      ['/run/cogni/lock', join(root, 'lock')],
      ['/opt/cogni/bootstrap', current()],
      ['5', '0'],
    ]);
    const [, , ...words] = inPlaceCommand(staged()).argv;
    const [program = '', ...rest] = words.map((word) => own.get(word) ?? word);
    const env = { PATH: `${programs}:${process.env['PATH']}` };
    return (await run({ argv: [program, ...rest], env, deadline: 30_000 })).code;
  };
  const old: readonly HostFile[] = [{ path: 'bootstrap.sh', mode: 0o755, content: 'old' }];
  const script = (): string => readFileSync(join(current(), 'bootstrap.sh'), 'utf8');

  test('take the place of the old ones, and leave nothing beside them', async () => {
    inPlace(old);
    await stage(files);
    await expect(place()).resolves.toBe(0);
    await expect(stage(files)).resolves.toEqual([]);
    for (const rest of ['new', 'old']) expect(existsSync(`${current()}.${rest}`)).toBe(false);
  });

  test('are on the disk before the old ones make room', async () => {
    inPlace(old);
    await stage(files);
    // Notes what is synced, and what is in place by then.
    mkdirSync(join(root, 'bin'));
    const noting = `#!/bin/sh\nprintf '%s\\n' "$@" >'${root}/synced'\ncat '${current()}/bootstrap.sh' >'${root}/by-then'\n`;
    writeFileSync(join(root, 'bin', 'sync'), noting, { mode: 0o755 });
    await expect(place(join(root, 'bin'))).resolves.toBe(0);
    expect(readFileSync(join(root, 'by-then'), 'utf8')).toBe('old');
    expect(readFileSync(join(root, 'synced'), 'utf8').split('\n')).toEqual(
      expect.arrayContaining(files.map(({ path }) => `${current()}.new/${path}`)),
    );
  });

  test('are put there on a host that has none', async () => {
    await stage(files);
    await expect(place()).resolves.toBe(0);
    expect(script()).toBe('#!/bin/sh\n');
  });

  test('do not cost the only copy of the old ones where a run was cut off between its renames', async () => {
    inPlace(old);
    renameSync(current(), `${current()}.old`);
    // Nothing is staged: the copy fails.
    await expect(place()).resolves.not.toBe(0);
    expect(script()).toBe('old');
    await stage(files);
    await expect(place()).resolves.toBe(0);
    expect(script()).toBe('#!/bin/sh\n');
  });

  test('stay as they are while another run holds the lock', async () => {
    inPlace(old);
    await stage(files);
    const holder = spawn('flock', [join(root, 'lock'), 'sh', '-c', 'echo held; read -r line']);
    const ended = once(holder, 'exit');
    await once(holder.stdout, 'data');
    await expect(place()).resolves.toBe(75);
    expect(script()).toBe('old');
    holder.stdin.end();
    await ended;
    await expect(place()).resolves.toBe(0);
  });
});
