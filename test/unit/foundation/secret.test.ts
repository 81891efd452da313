import { inspect } from 'node:util';
import { masked, reveal, Secret } from '../../../foundation/secret';

describe('a secret', () => {
  const secret = Secret.of('APP_DB_PASSWORD', 'hunter2');

  it.each([
    ['a template', `password: ${String(secret)}`],
    ['joining', ['a', secret].join(' ')],
    ['JSON', JSON.stringify({ secret })],
    ['inspect', inspect({ nested: { secret } }, { depth: 9, showHidden: true })],
    ['an error message', new Error(String(secret)).message],
  ])('shows its name and not its value in %s', (_where, text) => {
    expect(text).toContain('[secret APP_DB_PASSWORD]');
    expect(text).not.toContain('hunter2');
  });

  it('is given only to who asks for it by name', () => {
    expect(reveal(['P=', secret])).toBe('P=hunter2');
    expect(masked(['P=', secret])).toBe('P=[secret APP_DB_PASSWORD]');
  });
});
