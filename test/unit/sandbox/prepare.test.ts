import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitCode, Failure } from '../../../foundation/failure';
import { withFileLock } from '../../../foundation/file-lock';
import { silent } from '../../../foundation/progress';
import { ensurePrograms, prepareForTests, releaseAfterTests } from '../../../sandbox/prepare';

describe('the programs that are missing on a machine', () => {
  const noPackages = new Failure({
    what: 'programs are missing',
    faults: ['pip3 (package python3-pip)'],
    next: 'sudo apt-get install',
  });
  const noGo = new Failure({ what: 'Go cannot be started', next: 'install Go' });
  const machineOf = (isRoot: boolean, go?: Failure, packages?: Failure) => ({
    isRoot,
    requireGo: () => (go ? Promise.reject(go) : Promise.resolve('go version go1.26')),
    ensurePackages: () => (packages ? Promise.reject(packages) : Promise.resolve()),
  });

  it('are told all at once without root, Go among them', async () => {
    await expect(ensurePrograms([], silent, machineOf(false, noGo, noPackages))).rejects.toMatchObject({
      faults: ['pip3 (package python3-pip)', 'Go cannot be started'],
      next: expect.stringMatching(/go\.dev.*sudo apt-get install/) as string,
    });
    await expect(ensurePrograms([], silent, machineOf(false, undefined, noPackages))).rejects.toBe(
      noPackages,
    );
    await expect(ensurePrograms([], silent, machineOf(false, noGo))).rejects.toBe(noGo);
  });

  it('are no reason for root to install the rest where there is no Go', async () => {
    let installed = false;
    const machine = {
      ...machineOf(true, noGo),
      ensurePackages: () => Promise.resolve(void (installed = true)),
    };
    await expect(ensurePrograms([], silent, machine)).rejects.toBe(noGo);
    expect(installed).toBe(false);
  });
});

describe('the tests of a checkout', () => {
  let checkout: string;
  let done: string[];
  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), 'cogni-tests-'));
    done = [];
  });
  afterEach(() => rmSync(checkout, { recursive: true, force: true }));

  const lock = (): string => join(checkout, '.cogni', 'test.lock');
  const machine = (): Parameters<typeof prepareForTests>[2] => {
    const does = (step: string): Promise<never> => {
      done.push(step);
      return Promise.resolve({ engine: { docker: {} }, terraform: { path: '/tofu' } } as never);
    };
    return {
      ensureSshdProgram: () => does('sshd'),
      prepareMachine: () => does('machine'),
      releaseEngine: () => does('release'),
    };
  };

  it('are refused while others of it run, with what runs, and release nothing of those', async () => {
    await withFileLock(lock(), { purpose: 'cogni test' }, async () => {
      await expect(prepareForTests(silent, checkout, machine())).rejects.toMatchObject({
        exitCode: ExitCode.locked,
        what: `another run holds the lock ${lock()}: cogni test (process ${process.pid})`,
      });
      await releaseAfterTests(silent, checkout, machine());
    });
    expect(done).toEqual([]);
  });

  it('keep others of it out until they have released the engine, also when preparing failed', async () => {
    const broken = { ...machine()!, prepareMachine: () => Promise.reject(new Error('no room')) };
    await expect(prepareForTests(silent, checkout, broken)).rejects.toThrow('no room');
    await releaseAfterTests(silent, checkout, machine());
    expect(done.at(-1)).toBe('release');

    await expect(prepareForTests(silent, checkout, machine())).resolves.toEqual({
      TERRAFORM_BINARY_NAME: '/tofu',
    });
    const again = withFileLock(lock(), { purpose: 'another' }, () => Promise.resolve());
    await expect(again).rejects.toThrow(/cogni test/);
    await releaseAfterTests(silent, checkout, machine());
    await expect(withFileLock(lock(), { purpose: 'another' }, () => Promise.resolve('free'))).resolves.toBe(
      'free',
    );
  });
});
