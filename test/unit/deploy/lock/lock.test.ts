import * as fc from 'fast-check';
import { releaseLock } from '../../../../deploy/lock/release';
import { askLock, parseLock, readLock } from '../../../../deploy/lock/status';
import { ExitCode } from '../../../../foundation/failure';
import { lockReleaseText, lockText } from '../../../../cli/lock-text';
import { failureOf } from '../../../failure-of';
import { fakeTransport, type Answer } from '../fake-transport';

const free = 'clock 1795248000 1000.50 100\nfile 65024 9980021\n';
const says = 'says bob on ci, deploying preview-9999999 since 08:00\n';
const held = `${free}lock 1: FLOCK  ADVISORY  WRITE 812 fe:00:9980021 0 EOF\nholder 812 90050 flock\nholder 814 90051 tee\n${says}`;
const host = (answer: Answer | Answer[]) => fakeTransport([['date +%s', answer]]);

describe('the state of the deploy lock', () => {
  test('is free on a host that was never deployed to, and where nobody has the file locked', () => {
    expect(parseLock('clock 1795248000 1000.50 100\n')).toEqual({ state: 'free', last: undefined });
    expect(parseLock(free)).toEqual({ state: 'free', last: undefined });
  });

  test('is free whatever a text says of a holder that has ended', () => {
    expect(parseLock(`${free}${says}`)).toEqual({
      state: 'free',
      last: 'bob on ci, deploying preview-9999999 since 08:00',
    });
  });

  test('names the holding process by number and start, since when, and what the run said of itself', () => {
    expect(parseLock(held)).toEqual({
      state: 'held',
      id: '812-90050',
      says: 'bob on ci, deploying preview-9999999 since 08:00',
      // The machine started 1000.5 s before 08:00:00; the process 900.5 s after that.
      since: new Date((1_795_248_000 - 100) * 1000).toISOString().replace('.000', ''),
      processes: [
        { pid: 812, start: 90_050, program: 'flock' },
        { pid: 814, start: 90_051, program: 'tee' },
      ],
    });
  });

  test('is held when a process of another user has the lock, whose files cannot be looked into', () => {
    const line = (file: string): string => `${free}lock 4: FLOCK  ADVISORY  WRITE 7 ${file} 0 EOF\n`;
    expect(parseLock(line('fe:00:9980021'))).toMatchObject({ state: 'held', id: undefined });
    expect(parseLock(line('fe:01:9980021'))).toMatchObject({ state: 'free' });
    expect(parseLock(line('fe:00:998002'))).toMatchObject({ state: 'free' });
  });

  test('takes no text for an answer that is none', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.startsWith('clock '));
        expect(parseLock(text)).toBeUndefined();
      }),
    );
  });

  test('is asked for without taking the lock', () => {
    expect(askLock().argv.join(' ')).not.toMatch(/\bflock\b(?!\()/);
    expect(askLock().argv.slice(-2)).toEqual([
      '/var/lib/cogni/deploy/lock',
      '/var/lib/cogni/deploy/lock.holder',
    ]);
  });

  test('is a failure when the host does not answer', async () => {
    const failure = await failureOf(readLock(host({ code: 127, stderr: 'sh: not found' }), 'preview'));
    expect(failure.what).toContain('sh: not found');
    expect(failure.next).toBe('./cogni host check preview');
  });
});

describe('releasing the deploy lock', () => {
  test('has nothing to do where it is free', async () => {
    const transport = host({ stdout: free });
    expect(await releaseLock(transport, 'preview', '812-90050')).toMatchObject({ outcome: 'free' });
    expect(transport.log).toHaveLength(1);
  });

  test('is refused while a run lives, with who it is and the word that would end it', async () => {
    const transport = host({ stdout: held });
    const failure = await failureOf(releaseLock(transport, 'preview'));
    expect(failure.exitCode).toBe(ExitCode.refused);
    expect(failure.faults.join('\n')).toContain('bob on ci, deploying preview-9999999');
    expect(failure.next).toContain('./cogni lock release preview --end-the-run 812-90050');
    expect(transport.log).toHaveLength(1);
  });

  test('is refused for another run than the one that holds it', async () => {
    const transport = host({ stdout: held });
    const failure = await failureOf(releaseLock(transport, 'preview', '812-1'));
    expect(failure).toMatchObject({ exitCode: ExitCode.refused });
    expect(failure.what).toContain('is not held by 812-1');
    expect(transport.log).toHaveLength(1);
  });

  test('ends exactly the named holder', async () => {
    const transport = host({ stdout: held });
    const result = await releaseLock(transport, 'preview', '812-90050');
    expect(result.outcome).toBe('ended');
    expect(transport.log[1]).toMatch(/ sh \/var\/lib\/cogni\/deploy\/lock 812-90050$/);
    expect(lockReleaseText(result)).toContain('bob on ci');
  });

  test('is refused when another run has taken it in between', async () => {
    const other = held.replaceAll('812 90050', '999 95000').replaceAll('814 90051', '999 95000');
    const transport = fakeTransport([
      ['date +%s', [{ stdout: held }, { stdout: other }]],
      ['sh /var/lib/cogni/deploy/lock 812-90050', { code: 76 }],
    ]);
    const failure = await failureOf(releaseLock(transport, 'preview', '812-90050'));
    expect(failure.exitCode).toBe(ExitCode.refused);
    expect(failure.faults).toContain('holder id: 999-95000');
  });

  test('says so when the holder could not be ended', async () => {
    const transport = fakeTransport([
      ['date +%s', { stdout: held }],
      ['sh /var/lib/cogni/deploy/lock 812-90050', { code: 1 }],
    ]);
    const failure = await failureOf(releaseLock(transport, 'preview', '812-90050'));
    expect(failure).toMatchObject({ exitCode: ExitCode.failed, next: './cogni lock status preview' });
  });
});

test('the text for a person has the holder and its id', () => {
  expect(lockText(parseLock(held)!)).toContain('holder id 812-90050');
  expect(lockText(parseLock(`${free}${says}`)!)).toBe(
    'free; held last by bob on ci, deploying preview-9999999 since 08:00',
  );
});

test('the text for a person says what a run that was killed has left at work', () => {
  expect(lockText(parseLock(free)!, ['the runtime'])).toBe(
    'free\nDocker Compose is at work at the runtime, for a run that goes on or that was killed: the next run waits for its end',
  );
});
