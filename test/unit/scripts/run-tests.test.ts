import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryReadFile } from '../../../foundation/files';
import { countsOf, parseTiers, runTests, summaryOf } from '../../../scripts/run-tests';

const reportWith = (statuses: Record<string, string>, status = 'passed') => ({
  numFailedTestSuites: 0,
  numRuntimeErrorTestSuites: 0,
  testResults: [
    {
      name: 'some.test.ts',
      status,
      message: '',
      assertionResults: Object.entries(statuses).map(([fullName, each]) => ({ fullName, status: each })),
    },
  ],
});

describe('counting tests', () => {
  it('counts a skipped test without a written reason as failed', () => {
    expect(countsOf(reportWith({ a: 'passed', b: 'pending' }), {})).toMatchObject({
      passed: 1,
      failed: 1,
      skipped: 0,
    });
  });

  it('counts a skipped test with a reason as skipped and shows the reason', () => {
    expect(countsOf(reportWith({ b: 'pending' }), { b: 'no binary can be had' })).toEqual({
      passed: 0,
      failed: 0,
      skipped: 1,
      remarks: ['skipped: b: no binary can be had'],
    });
  });

  it('counts a file that broke before its first test as failed', () => {
    expect(countsOf(reportWith({}, 'failed'), {})).toMatchObject({ failed: 1 });
  });

  it('does not count a file twice whose tests failed', () => {
    expect(countsOf(reportWith({ a: 'failed' }, 'failed'), {})).toMatchObject({ failed: 1 });
  });

  it('ends with the sum of all tiers alone on the last line', () => {
    const lines = summaryOf([
      { tier: 'unit', passed: 3, failed: 0, skipped: 0, milliseconds: 1200, remarks: [] },
      { tier: 'tool', passed: 2, failed: 1, skipped: 1, milliseconds: 800, remarks: ['failed: x'] },
    ]).split('\n');
    expect(lines.at(-1)).toBe('5 passed, 1 failed, 1 skipped');
    expect(lines).toContain('tool: failed: x');
  });

  it('refuses a tier that does not exist and names those that do', () => {
    expect(() => parseTiers(['unti'])).toThrow(
      /unknown test tier: unti; allowed: static, unit, contract, tool, e2e, nightly/,
    );
  });

  it('runs every tier but the nightly one when none is named', () => {
    expect(parseTiers([])).toEqual(['static', 'unit', 'contract', 'tool', 'e2e']);
    expect(parseTiers(['nightly', 'unit'])).toEqual(['unit', 'nightly']);
  });

  it('runs tiers in their own order, whatever order they are named in', () => {
    expect(parseTiers(['e2e', 'unit'])).toEqual(['unit', 'e2e']);
  });
});

describe('tests that are chosen by their path', () => {
  let checkout: string;
  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), 'cogni-chosen-'));
    // In the place of jest: a program that reports one test where the pattern is "there", and none otherwise.
    const folder = join(checkout, 'node_modules', 'jest', 'bin');
    mkdirSync(folder, { recursive: true });
    mkdirSync(join(checkout, 'test'));
    writeFileSync(join(checkout, 'test', 'skips.json'), '{}');
    writeFileSync(
      join(folder, 'jest.js'),
      `const file = process.argv.find((word) => word.startsWith('--outputFile=')).slice('--outputFile='.length);
       const testResults = process.argv.includes('there') ? ${JSON.stringify(reportWith({ a: 'passed' }).testResults)} : [];
       require('node:fs').writeFileSync(file, JSON.stringify({ testResults }));`,
    );
  });
  afterEach(() => rmSync(checkout, { recursive: true, force: true }));

  const runWith = async (pathPattern?: string): Promise<string> =>
    summaryOf(
      await runTests({
        checkout,
        tiers: ['unit', 'contract'],
        ...(pathPattern === undefined ? {} : { pathPattern }),
        prepare: () => Promise.resolve({}),
        print: () => undefined,
      }),
    );

  it('have failed where no path matches, and the summary says so', async () => {
    const summary = await runWith('zzz');
    expect(summary).toContain('no test file of unit, contract has a path that matches "zzz"');
    expect(summary).toMatch(/0 passed, 1 failed, 0 skipped$/);
  });

  it('are told where a later tier cannot begin, which counts as failed', async () => {
    const printed: string[] = [];
    const running = runTests({
      checkout,
      tiers: ['unit', 'contract'],
      pathPattern: 'there',
      prepare: () => Promise.reject(new Error('no engine')),
      print: (text) => void printed.push(text),
    });
    await expect(running).rejects.toThrow('no engine');
    expect(printed.join('')).toMatch(/contract: failed: [^]*\n1 passed, 1 failed, 0 skipped\n$/);
  });

  it('pass where one of the tiers has such a path', async () => {
    expect(await runWith('there')).toMatch(/2 passed, 0 failed, 0 skipped$/);
  });
});

describe('a run that is cancelled', () => {
  let checkout: string;
  beforeEach(() => (checkout = mkdtempSync(join(tmpdir(), 'cogni-cancelled-'))));
  afterEach(() => rmSync(checkout, { recursive: true, force: true }));

  const isThere = (pid: number): boolean => {
    try {
      process.kill(pid, 0);
      return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  };

  it('ends the tests under way with what they have begun, and begins no other tier', async () => {
    // In the place of jest: a program with a child that ends for nothing but SIGKILL.
    const folder = join(checkout, 'node_modules', 'jest', 'bin');
    const pids = join(checkout, 'pids');
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      join(folder, 'jest.js'),
      `const child = require('node:child_process').spawn('sh', ['-c', "trap '' TERM; while :; do sleep 0.1; done"]);
       require('node:fs').writeFileSync(${JSON.stringify(pids)}, process.pid + ' ' + child.pid);
       setInterval(() => undefined, 1000);`,
    );
    const controller = new AbortController();
    const printed: string[] = [];
    const running = runTests({
      checkout,
      tiers: ['unit', 'static'],
      prepare: () => Promise.reject(new Error('nothing is prepared')),
      print: (text) => void printed.push(text),
      signal: controller.signal,
    });
    const ended = expect(running).rejects.toThrow('enough');
    while (!tryReadFile(pids)?.includes(' ')) await once(spawn('sleep', ['0.02']), 'close');
    controller.abort(new Error('enough'));
    await ended;
    expect(printed.join('')).not.toContain('static');
    for (const pid of readFileSync(pids, 'utf8').split(' '))
      expect([pid, isThere(Number(pid))]).toEqual([pid, false]);
  });
});
