import fc from 'fast-check';
import { RequestLog, shownBody, withoutSecrets } from '../../../../sandbox/emulator/request-log';

describe('a body as it may be shown', () => {
  test('is the parsed body without password and user-data', () => {
    const shown = shownBody(
      '{"type":"reinstall","password":"geheim","user_data":"I2Nsb3Vk","ssh_keys":["1"]}',
    );
    expect(shown).toEqual({
      type: 'reinstall',
      password: '(hidden)',
      user_data: '(hidden: 8 bytes, sha256 3e7e7cf8757e)',
      ssh_keys: ['1'],
    });
  });

  test('tells a changed user-data from the same one', () => {
    expect(shownBody('{"user_data":"one"}')).toEqual(shownBody('{"user_data":"one"}'));
    expect(shownBody('{"user_data":"one"}')).not.toEqual(shownBody('{"user_data":"two"}'));
  });

  test('is nothing for no body, and a size for one that is not JSON', () => {
    expect(shownBody('')).toBeUndefined();
    expect(shownBody('password=geheim')).toBe('(15 bytes, not JSON)');
  });

  test('never holds the value of a secret, however deep it lies', () => {
    const secret = 'a-secret-value-that-must-not-be-seen';
    const name = fc.constantFrom('password', 'user_data', 'userData');
    const nested = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        fc.record({ harmless: fc.jsonValue() }),
        name.map((key) => ({ [key]: secret })),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(fc.string(), tie('value'), { maxKeys: 3 }),
      ),
    })).value;
    fc.assert(fc.property(nested, (value) => !JSON.stringify(withoutSecrets(value)).includes(secret)));
  });
});

describe('the request log', () => {
  const entry = {
    at: '2026-01-01T00:00:00.000Z',
    method: 'GET',
    path: '/v1/user',
    authorization: '(none)',
    userAgent: undefined,
    connection: undefined,
    body: undefined,
    status: 200,
    milliseconds: 1,
    fault: undefined,
  };

  test('numbers entries on, also over a clearing, and keeps the latest 5000', () => {
    const log = new RequestLog();
    for (let call = 0; call < 5_010; call += 1) log.add(entry);
    expect([log.entries.length, log.entries[0]?.n, log.entries.at(-1)?.n]).toEqual([5_000, 11, 5_010]);
    log.clear();
    expect(log.add(entry).n).toBe(5_011);
    expect(log.entries).toHaveLength(1);
  });
});
