import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endHolder } from '../../../deploy/lock/release';
import { askLock, parseLock, type LockState } from '../../../deploy/lock/status';
import { localTransport } from '../../../deploy/local';
import { isHeld, type Held } from '../../../deploy/transport';

const here = localTransport();
let folder: string;
let lock: string;
let holder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogni-lock-'));
  [lock, holder] = [join(folder, 'lock'), join(folder, 'lock.holder')];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const state = async (): Promise<LockState> => {
  const output = await here.run(askLock(lock, holder));
  return parseLock(output.stdout)!;
};

/** As a deploy takes it. */
async function take(): Promise<Held> {
  const held = await here.hold({
    argv: ['flock', '--nonblock', '--conflict-exit-code', '75', lock, 'tee', holder],
    stdin: 'ada on laptop, deploying x\n',
    deadline: 10_000,
  });
  if (!isHeld(held)) throw new Error(`it was not to be had: ${JSON.stringify(held)}`);
  return held;
}

describe('the deploy lock, as the kernel knows it', () => {
  test('is free, held while a run has it, and free again when that has ended, whatever the file still says', async () => {
    expect(await state()).toEqual({ state: 'free', last: undefined });
    const run = await take();
    const seen = await state();
    expect(seen).toMatchObject({ state: 'held', says: 'ada on laptop, deploying x' });
    if (seen.state !== 'held') return;
    expect(Math.abs(Date.parse(seen.since!) - Date.now())).toBeLessThan(5_000);
    expect(seen.processes.map(({ program }) => program)).toEqual(['flock', 'tee']);
    await run.release();
    expect(await state()).toEqual({ state: 'free', last: 'ada on laptop, deploying x' });
  });

  test('is not disturbed by the question: who asks for it meanwhile gets it', async () => {
    const asking = Array.from({ length: 5 }, () => state());
    const run = await take();
    await Promise.all(asking);
    await run.release();
  });

  test('is taken from the named run alone, which sees that it has lost it', async () => {
    const run = await take();
    const seen = await state();
    if (seen.state !== 'held') throw new Error('nobody holds it');
    expect(await here.run(endHolder(`${seen.processes[0]!.pid}-1`, lock))).toMatchObject({ code: 76 });
    expect(run.alive()).toBe(true);
    expect(await here.run(endHolder(seen.id!, lock))).toMatchObject({ code: 0 });
    expect(await state()).toMatchObject({ state: 'free' });
    await run.release();
    expect(run.alive()).toBe(false);
    await (await take()).release();
  });
});
