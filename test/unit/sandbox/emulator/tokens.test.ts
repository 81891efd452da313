import { Tokens } from '../../../../sandbox/emulator/tokens';

const tokens = new Tokens([
  { name: 'own', token: 'secret-one', team: 1, access: 'full' },
  { name: 'reader', token: 'secret-two', team: 1, access: 'read-only' },
]);

describe('tokens', () => {
  test('are found by their value in a bearer header', () => {
    expect(tokens.tryFind('Bearer secret-one', {})).toEqual({ token: 'own', team: 1, access: 'full' });
    expect(tokens.tryFind('Bearer secret-two', {})).toEqual({
      token: 'reader',
      team: 1,
      access: 'read-only',
    });
  });

  test.each([
    undefined,
    '',
    'secret-one',
    'Bearer',
    'Bearer secret',
    'Bearer own',
    'Bearer secret-one secret-one',
  ])('%j is none', (header) => {
    expect(tokens.tryFind(header, {})).toBeUndefined();
  });

  test('have the access that was changed since', () => {
    expect(tokens.tryFind('Bearer secret-one', { own: 'revoked' })?.access).toBe('revoked');
  });

  test('are shown by name, whatever the header holds', () => {
    const headers = [undefined, 'Bearer secret-one', 'Bearer other', 'Basic c2VjcmV0'];
    expect(headers.map((header) => tokens.redacted(header))).toEqual([
      '(none)',
      'Bearer (token own)',
      'Bearer (unknown token)',
      '(not a bearer token)',
    ]);
  });

  test('do not show their values when they are printed', () => {
    expect(JSON.stringify(tokens)).not.toContain('secret');
  });
});
