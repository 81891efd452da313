import fc from 'fast-check';
import { Secret } from '../../../../foundation/secret';
import { databaseUrl } from '../../../../services';
import { anyString } from '../../compose/hostile';

const parts = { host: 'postgres', port: 5432, database: 'cogni', sslmode: 'disable' } as const;

describe('a connection URL', () => {
  it('is composed from its parts, with the way of encryption', () => {
    const url = databaseUrl('DATABASE_URL', {
      ...parts,
      user: 'cogni_app',
      password: Secret.of('P', "p@ss/w'rd?#"),
    });
    expect(url.reveal()).toBe(
      'postgresql://cogni_app:p%40ss%2Fw%27rd%3F%23@postgres:5432/cogni?sslmode=disable',
    );
  });

  it('is a secret under its own name', () => {
    const url = databaseUrl('DATABASE_URL', { ...parts, user: 'a', password: Secret.of('P', 'planted') });
    expect(String(url)).toBe('[secret DATABASE_URL]');
  });

  it('reads back as its parts, whatever they are', () => {
    const wellFormed = anyString.filter((text) => !/[\uD800-\uDFFF]/u.test(text));
    fc.assert(
      fc.property(wellFormed, wellFormed, (user, password) => {
        const url = new URL(
          databaseUrl('U', { ...parts, user, password: Secret.of('P', password) }).reveal(),
        );
        expect(decodeURIComponent(url.username)).toBe(user);
        expect(decodeURIComponent(url.password)).toBe(password);
        expect([url.hostname, url.port, url.pathname, url.search]).toEqual([
          'postgres',
          '5432',
          '/cogni',
          '?sslmode=disable',
        ]);
      }),
      { numRuns: 1_000 },
    );
  });
});
