import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkComposeFiles } from '../../../cli/check-compose-files';

describe('cogni compose check', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-check-'))));
  afterEach(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const entry = `image: a@sha256:${'a'.repeat(64)}, mem_limit: 64m, logging: {driver: local, options: {max-size: 1m}}`;

  it('ends with 0 for files that keep every rule', () => {
    const { exitCode, text } = checkComposeFiles(
      [file('compose.yaml', `services: {a: {${entry}}}`)],
      undefined,
    );
    expect(text).toMatch(/^0 faults, 0 breaches of rules/);
    expect(exitCode).toBe(0);
  });

  it('ends with 0 where something is only written in other words, and says where', () => {
    const { exitCode, text } = checkComposeFiles(
      [file('compose.yaml', `services:\n  a: {${entry}}\nx-a: 1\n`)],
      undefined,
    );
    expect(text).toContain('  compose.yaml:3 x-a  an extension field');
    expect(text).toMatch(/, 1 place that needs raw or other words$/);
    expect(exitCode).toBe(0);
  });

  it('ends with 1 for a broken rule, with its code, file, line and service', () => {
    const { exitCode, text, document } = checkComposeFiles(
      [file('compose.yaml', `services:\n  a:\n    {${entry.replace('64m', '1m')}}\n`)],
      undefined,
    );
    expect(text).toContain('  COMPOSE-601  compose.yaml:2 services/a  its memory limit is 1m');
    expect(text).toContain('0 faults, 1 breach of rules');
    expect(document.breaches).toHaveLength(1);
    expect(exitCode).toBe(1);
  });

  it('ends with 1 for faults, all of them, of all files', () => {
    const { exitCode, text } = checkComposeFiles(
      [file('compose.yaml', 'services:\n  a:\n    imgae: x\n'), file('more.yaml', 'netwroks: {}\n')],
      undefined,
    );
    expect(text).toContain('COMPOSE-903  compose.yaml:3 services/a/imgae');
    expect(text).toContain('COMPOSE-903  more.yaml:1 netwroks');
    expect(exitCode).toBe(1);
  });

  it('writes them as one file beside the first one, and reads that as the same', () => {
    const files = [
      file('compose.yaml', `services: {a: {${entry}}}`),
      file('more.yaml', 'services: {a: {command: [b]}}'),
    ];
    const { document } = checkComposeFiles(files, 'one.yaml');
    expect(document.written).toBe(join(folder, 'one.yaml'));
    expect(readFileSync(join(folder, 'one.yaml'), 'utf8')).toContain('    command:\n      - b\n');
    expect(checkComposeFiles([join(folder, 'one.yaml')], undefined).exitCode).toBe(0);
  });

  it('writes nothing when there are faults', () => {
    const { document, text } = checkComposeFiles([file('compose.yaml', 'a: 1')], 'one.yaml');
    expect(text).toContain('\n1 fault, 0 breaches of rules (no rule was asked');
    expect(document.written).toBeUndefined();
    expect(() => readFileSync(join(folder, 'one.yaml'))).toThrow('ENOENT');
  });

  it('ends with 1 where a file names what is no file, and says what it is', () => {
    const zero = join(folder, 'zero');
    symlinkSync('/dev/zero', zero);
    const services = ['.', 'compose.yaml/x', 'a\0b', 'x'.repeat(5_000), 'zero'].map(
      (name, index) => `  s${index}: {extends: {file: ${JSON.stringify(name)}, service: a}}\n`,
    );
    const compose = file('compose.yaml', `include: [zero]\nservices:\n${services.join('')}`);
    const { exitCode, document } = checkComposeFiles([compose], undefined);
    expect(document.faults.map(({ code, path, message }) => `${code} ${path} ${message}`)).toEqual([
      'COMPOSE-901 services/s0/extends the file . is a folder',
      'COMPOSE-901 services/s1/extends there is no file compose.yaml/x, or it cannot be read',
      'COMPOSE-901 services/s2/extends the file "a\\u0000b" has a name that no file can have',
      `COMPOSE-901 services/s3/extends the file "${'x'.repeat(200)}"… has a name that no file can have`,
      'COMPOSE-901 services/s4/extends the file zero is not a regular file',
    ]);
    expect(exitCode).toBe(1);
    expect(checkComposeFiles([zero], undefined).document.faults).toMatchObject([
      { code: 'COMPOSE-901', message: 'the file zero is not a regular file' },
    ]);
  });

  it('refuses a file that is not there, and an output in another folder, as wrong usage', () => {
    const there = file('compose.yaml', 'services: {}');
    expect(() => checkComposeFiles([there, join(folder, 'absent.yaml')], undefined)).toThrow(
      'no file to read',
    );
    expect(() => checkComposeFiles([there], '/tmp/one.yaml')).toThrow('would mean something else');
  });
});
