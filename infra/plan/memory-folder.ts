import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../foundation/failure';

/** Types of file systems that live in memory, as statfs(2) numbers them: tmpfs and ramfs. */
const inMemory = [0x01021994, 0x858458f6];

/** What is asked of the machine, replaced in tests. */
export interface Places {
  /** Folders that may lie in memory, best first. */
  readonly candidates: readonly string[];
  /** Whether a folder lies in memory and can be written to. */
  readonly isMemory: (folder: string) => boolean;
  /** Where there is no such thing (macOS): mode 0700 has to do. */
  readonly otherwise: string | undefined;
}

const placesHere = (): Places => ({
  candidates: [process.env['XDG_RUNTIME_DIR'] ?? '', '/dev/shm', '/run/shm'].filter(Boolean),
  isMemory: (folder) => {
    try {
      return inMemory.includes(statfsSync(folder).type);
    } catch {
      return false;
    }
  },
  otherwise: process.platform === 'linux' ? undefined : tmpdir(),
});

/**
 * Does something with a folder in memory that only this user may enter, and takes the folder away afterwards.
 *
 * However this process ends, kill -9 included: a child waits on a pipe from it and removes the folder when that closes.
 *
 * @throws Failure where no memory can be had: a plan in clear has no business on a disk
 */
export async function withMemoryFolder<T>(
  work: (folder: string) => Promise<T>,
  places: Places = placesHere(),
): Promise<T> {
  const folder = makeIn(places);
  // The folder's name is an argument, not part of the script.
  const remover = spawn('sh', ['-c', 'cat >/dev/null; rm -rf -- "$1"', 'sh', folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  remover.on('error', () => undefined);
  remover.stdin.on('error', () => undefined);
  remover.unref();
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    remover.stdin.end();
  }
}

function makeIn({ candidates, isMemory, otherwise }: Places): string {
  for (const candidate of candidates) {
    if (!isMemory(candidate)) continue;
    try {
      // mkdtemp makes it with mode 0700.
      return mkdtempSync(join(candidate, 'cogni-plan-'));
    } catch {
      // Not ours to write in: the next one may be.
    }
  }
  if (otherwise !== undefined) return mkdtempSync(join(otherwise, 'cogni-plan-'));
  throw new Failure({
    what: `a plan holds secrets and is only unpacked in memory, and none of these is a folder in memory that can be written to: ${candidates.join(', ')}`,
    next: 'set XDG_RUNTIME_DIR to a folder on a tmpfs, then run this again',
  });
}
