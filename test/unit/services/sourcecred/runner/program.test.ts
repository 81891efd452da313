import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProgram } from './modules';

/** Ignores that it is to end, starts another that does too, and notes both. */
const hangs = (noted: string): string => `
const { spawn } = require('node:child_process');
const { renameSync, writeFileSync } = require('node:fs');
process.on('SIGTERM', () => undefined);
setInterval(() => undefined, 1_000);
if (process.argv[2] !== 'child') {
  const { pid } = spawn(process.execPath, [__filename, 'child'], { stdio: 'ignore' });
  writeFileSync('${noted}.new', JSON.stringify([process.pid, pid]));
  renameSync('${noted}.new', '${noted}');
}
`;

/** A process that has ended and that nobody has asked after yet is there no longer for anybody. */
const isThere = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a program of the runner', () => {
  let folder: string;
  const program = (text: string): string => {
    const file = join(folder, 'program.js');
    writeFileSync(file, text);
    return file;
  };
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-runner-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const options = { name: 'sourcecred go', milliseconds: 60_000, stdio: 'ignore' } as const;

  it('ends well with exit code 0, and else says how it ended', async () => {
    await expect(startProgram([program('')], options).ended).resolves.toBeUndefined();
    await expect(startProgram([program('process.exit(3)')], options).ended).rejects.toThrow(
      'sourcecred go ended with exit code 3',
    );
    await expect(
      startProgram([program("process.kill(process.pid, 'SIGKILL')")], options).ended,
    ).rejects.toThrow('sourcecred go ended with SIGKILL');
  });

  it('that never ends is ended when its time is over, and has failed', async () => {
    const file = program(hangs(join(folder, 'pids')));
    const { ended } = startProgram([file], { ...options, milliseconds: 60, grace: 30 });
    await expect(ended).rejects.toThrow('sourcecred go did not end within 0.001 minutes');
  });

  it('that is told to stop and does not is ended after a while, with all that it has started', async () => {
    const noted = join(folder, 'pids');
    const { ended, stop } = startProgram([program(hangs(noted))], { ...options, grace: 50 });
    const failed = expect(ended).rejects.toThrow('sourcecred go ended with SIGKILL');
    await until(() => existsSync(noted));
    stop();
    await failed;
    const pids = JSON.parse(readFileSync(noted, 'utf8')) as readonly number[];
    await until(() => !pids.some(isThere));
  });

  it('that cannot be started has failed', async () => {
    const nowhere = { ...options, cwd: join(folder, 'none') };
    await expect(startProgram(['x.js'], nowhere).ended).rejects.toThrow('ENOENT');
  });
});
