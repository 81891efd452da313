import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { displayedCommandLine, remoteCommandLine } from '../../../deploy/quote';

const word = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'));

/** The words that a POSIX shell makes of a command line. */
const wordsOfShell = (line: string): string[] =>
  execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1);

describe('the command line of a remote command', () => {
  test('comes out of a POSIX shell as the very words that went in', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 25 }), (words) => {
        expect(wordsOfShell(remoteCommandLine(words))).toEqual(words);
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    "it's",
    '$HOME',
    '`id`',
    '$(id)',
    'a\nb',
    '',
    '*',
    '~',
    '!!',
    '#x',
    'a\\',
    '"',
    'FOO=bar',
    '-n',
  ])('gives no meaning to %j', (text) => {
    expect(wordsOfShell(remoteCommandLine([text]))).toEqual([text]);
  });

  test('quotes the first word too, so that no keyword, alias or assignment is read into it', () => {
    expect(remoteCommandLine(['if', 'A=b'])).toBe(`'if' 'A=b'`);
  });

  test('refuses what no argument can hold', () => {
    expect(() => remoteCommandLine(['a\0b'])).toThrow('NUL');
  });
});

describe('the command line that people are shown', () => {
  test('quotes only where a shell would need it', () => {
    expect(displayedCommandLine(['docker', 'run', '--name=a', 'two words', "it's"])).toBe(
      `docker run --name=a 'two words' 'it'\\''s'`,
    );
  });

  test('means the same to a POSIX shell', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 25 }), (words) => {
        expect(wordsOfShell(displayedCommandLine(words))).toEqual(words);
      }),
      { numRuns: 20 },
    );
  });
});
