import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { routes } from '../../../../sandbox/emulator/routes';
import {
  allRules,
  decodedUserData,
  isHostname,
  isPassword,
  Refused,
} from '../../../../sandbox/emulator/validation';

describe('user-data', () => {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');

  test.each(['#cloud-config\n', '#!/bin/bash\necho'])('%j is taken', (text) => {
    expect(decodedUserData(base64(text), 100)).toBe(text);
  });

  test.each([
    ['plain text', '#cloud-config\n', 'userDataNotBase64'],
    [
      'base64 without its padding',
      base64('#cloud-config\n!').replace(/=+$/, '').slice(0, -1),
      'userDataNotBase64',
    ],
    [
      'the URL alphabet',
      base64('#cloud-config\n??>>~~').replaceAll('/', '_').replaceAll('+', '-'),
      'userDataNotBase64',
    ],
    ['a MIME multipart', base64('Content-Type: multipart/mixed'), 'userDataUnknownKind'],
    ['gzip', Buffer.from([0x1f, 0x8b, 8]).toString('base64'), 'userDataUnknownKind'],
    ['one byte too many', base64(`#cloud-config${' '.repeat(88)}`), 'userDataTooLarge'],
  ])('%s is refused', (_, encoded, rule) => {
    expect(() => decodedUserData(encoded, 100)).toThrow(expect.objectContaining({ rule }) as Refused);
  });
});

describe('a root password', () => {
  test.each(['aB3defgh', 'aB3defghijklmnopqrstuvwx', 'zzzzzzZ9z', 'a1B-_=+*'])(
    '%s meets the rules',
    (text) => {
      expect(isPassword(text)).toBe(true);
    },
  );

  test.each([
    ['too short', 'aB3defg'],
    ['too long', 'aB3defghijklmnopqrstuvwxy'],
    ['no lower case letter', 'AB3DEFGH'],
    ['no upper case letter', 'ab3defgh'],
    ['the only upper case letter first', 'Ab3defgh'],
    ['no digit', 'aBcdefgh'],
    ['the only digit last', 'aBcdefg3'],
    ...["'", '"', '`', '!', '$', '%', '&', ';', '#'].map((sign): [string, string] => [
      `a ${sign} in it`,
      `aB3defg${sign}`,
    ]),
  ])('%s is refused', (_, text) => {
    expect(isPassword(text)).toBe(false);
  });
});

describe('a host name', () => {
  test.each(['a', 'prod-app', 'preview.cogni.test', 'A1', '1a', `${'a'.repeat(63)}.b`])(
    '%s is valid',
    (text) => {
      expect(isHostname(text)).toBe(true);
    },
  );

  test.each([
    '',
    '-a',
    'a-',
    'a..b',
    '.a',
    'a.',
    'under_score',
    'ä',
    'a b',
    'a'.repeat(64),
    'a\n',
    'a.'.repeat(127),
  ])('%j is not', (text) => {
    expect(isHostname(text)).toBe(false);
  });

  test('never holds what a shell or a path could take for its own', () => {
    fc.assert(fc.property(fc.string(), (text) => !isHostname(text) || /^[A-Za-z0-9.-]+$/.test(text)));
  });
});

describe('the documentation', () => {
  const page = readFileSync(join(__dirname, '../../../../docs/emulator.md'), 'utf8');
  /** Cells of the table rows whose first cell is `code` in a section. */
  const rows = (heading: string): string[][] =>
    (page.split(`## ${heading}\n`)[1]?.split('\n## ')[0] ?? '')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim().replaceAll('`', '')),
      );

  test('lists every rule with its status, message and where both come from', () => {
    const expected = Object.entries(allRules).map(([name, { status, message, provenance, wording }]) => [
      name,
      String(status),
      message,
      provenance,
      wording,
    ]);
    expect(rows('Refusals')).toEqual(expected);
  });

  test('lists every path with its methods', () => {
    const expected = Object.entries(routes).map(([path, methods]) => [path, Object.keys(methods).join(', ')]);
    expect(rows('Paths').map(([path, methods]) => [path, methods])).toEqual(expected);
  });
});
