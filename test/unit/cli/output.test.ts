import { stripVTControlCharacters } from 'node:util';
import { ExitCode, Failure } from '../../../foundation/failure';
import { progressOn, reportThrown } from '../../../cli/output';

const sink = (isTTY: boolean) => {
  const written: string[] = [];
  const stream = { isTTY, columns: 80, write: (text: string) => written.push(text) > 0 };
  return { written, stream: stream as unknown as NodeJS.WriteStream };
};

describe('progress', () => {
  it('is one plain line an event where nobody watches a terminal', async () => {
    const { written, stream } = sink(false);
    await progressOn({ json: false }, stream).step('start dns', () => Promise.resolve(7), {
      why: 'all parts ask it',
      describe: (value) => `port ${value}`,
    });
    expect(written[0]).toBe('▸ start dns: all parts ask it\n');
    expect(written[1]).toMatch(/start dns .*\(0\.0 s\).* port 7\n$/);
    expect(written.join('')).not.toContain('\x1b[2K');
  });

  it('is one JSON document a line with --json', async () => {
    const { written, stream } = sink(true);
    await progressOn({ json: true }, stream).step('start dns', () => Promise.resolve());
    expect(written.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual(['step', 'done']);
  });

  it('keeps the steps under way in the last lines of a terminal, and takes a finished one out of them', async () => {
    const { written, stream } = sink(true);
    const progress = progressOn({ json: false }, stream);
    let finish = (): void => undefined;
    const first = progress.step('one', () => new Promise<void>((resolve) => (finish = resolve)));
    await progress.step('two', () => Promise.resolve());
    // "two" is done; "one" is still under way and is drawn below it.
    expect(written.at(-1)).toMatch(/two.*\n.*one\n$/s);
    finish();
    await first;
    expect(written.at(-1)).toMatch(/one.*\(\d+\.\d s\).*\n$/s);
  });
});

describe('a failure that reaches a person', () => {
  let errors: string;
  let document: string;
  beforeEach(() => {
    errors = document = '';
    jest
      .spyOn(process.stderr, 'write')
      .mockImplementation((text) => ((errors += stripVTControlCharacters(String(text))), true));
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => ((document += String(text)), true));
  });
  afterEach(() => jest.restoreAllMocks());

  const refused = new Failure({
    what: 'the plan wipes a disk',
    next: './cogni plan production',
    exitCode: ExitCode.refused,
  });

  it('is told apart as refused or failed, with state and next command, and gives its exit code', () => {
    expect(reportThrown(refused, { json: false })).toBe(3);
    expect(errors).toContain('refused: the plan wipes a disk');
    expect(errors).toMatch(/state: nothing was changed\n.*next: {2}\.\/cogni plan production/s);
  });

  it('is one document on standard output with --json, and nothing else', () => {
    expect(reportThrown(refused, { json: true })).toBe(3);
    expect(JSON.parse(document)).toMatchObject({ failed: { what: 'the plan wipes a disk', exitCode: 3 } });
    expect(errors).toBe('');
  });

  const refusals: readonly (readonly [string, string | undefined, string])[] = [
    ['ENOSPC', undefined, 'make room there'],
    ['EROFS', '/cache/engine', 'make it writable'],
    ['EACCES', '/cache/engine', 'mend the permissions there'],
    ['ENOTDIR', '/cache/engine', 'move away what is there'],
  ];
  it.each(refusals)('is what the machine refuses, with the remedy for it: %s', (code, path, remedy) => {
    const cause = Object.assign(new Error(`${code}: refused, write`), { code }, path ? { path } : {});
    expect(reportThrown(cause, { json: false })).toBe(1);
    expect(errors).toContain(`failed: ${code}: refused, write${path ? ` (${path})` : ''}`);
    expect(errors).toContain(remedy);
    expect(errors).toContain('XDG_CACHE_HOME');
    expect(errors).not.toContain('fault of its own');
  });

  it('is our own fault where an error of this kind names no file', () => {
    reportThrown(Object.assign(new Error('kill EPERM'), { code: 'EPERM' }), { json: false });
    expect(errors).toContain('cogni has a fault of its own');
  });

  it('has the same fields with --json, whosever fault it is', () => {
    const fields = (thrown: unknown): string[] => {
      document = '';
      reportThrown(thrown, { json: true });
      return Object.keys((JSON.parse(document) as { failed: object }).failed);
    };
    expect(fields(new TypeError('x'))).toEqual(['what', 'state', 'next', 'faults', 'output', 'exitCode']);
    expect(fields(refused)).toEqual(['what', 'state', 'next', 'faults', 'output', 'exitCode']);
  });

  it('is said to be our own fault, with its stack, where it is none of ours', () => {
    expect(reportThrown(new TypeError('undefined is not a function'), { json: false })).toBe(1);
    expect(errors).toContain('cogni has a fault of its own');
    expect(errors).toContain('TypeError: undefined is not a function');
  });
});
