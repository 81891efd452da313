import { planRolling } from '../../../../deploy/rolling/plan';
import { parseRecord, renderRecord } from '../../../../deploy/rolling/record';
import { settingsHash } from '../../../../deploy/rolling/settings-hash';
import { readSettings } from '../../../../services';
import { emptyHost, propsFor, request, settingsSource } from './sample';

const checkout = { commit: 'c'.repeat(40), dirty: true };
const { release } = planRolling({ ...propsFor(emptyHost, { request: { checkout } }), run: '2026-1f2e' });

describe('the record of a release', () => {
  test('names the run and the checkout it came from', () => {
    expect(release).toMatchObject({ version: 2, run: '2026-1f2e', checkout });
    expect(parseRecord(renderRecord(release))).toEqual(release);
  });

  test('names the keys that had signed its images, and a rollback names them again', () => {
    const [app, migrator] = ['1', '2'].map((one) => ({ file: 'keys/cosign.pub', fingerprint: one }));
    const signers = { app: app!, migrator: migrator! };
    const { release: signed } = planRolling({ ...propsFor(emptyHost), signers });
    expect(signed.signedBy).toEqual(signers);
    expect(parseRecord(renderRecord(signed))).toEqual(signed);
    expect(planRolling({ ...propsFor(emptyHost), backTo: signed }).release.signedBy).toEqual(signers);
    expect(release.signedBy).toBeUndefined();
  });

  test('is read as an older program wrote it', () => {
    const added = ['run', 'checkout', 'settingsHash', 'timings'];
    const known = Object.entries(release).filter(([name]) => !added.includes(name));
    const first: unknown = { ...Object.fromEntries(known), version: 1 };
    expect(parseRecord(JSON.stringify(first))).toEqual(first);
  });

  test('of a newer version is refused, with what is allowed', () => {
    expect(parseRecord(JSON.stringify({ ...release, version: 3 }))).toContain('version: ');
  });
});

describe('the hash of the settings', () => {
  const hashWith = (changes: Record<string, string> = {}): string =>
    settingsHash(readSettings({ ...settingsSource, DOMAIN: request.domain, ...changes }, 'deploy'));

  test('is equal for equal settings, in whatever order they were given', () => {
    const turned = Object.fromEntries(
      Object.entries({ ...settingsSource, DOMAIN: request.domain }).reverse(),
    );
    expect(settingsHash(readSettings(turned, 'deploy'))).toBe(hashWith());
    expect(release.settingsHash).toBe(hashWith());
    expect(hashWith()).toMatch(/^[0-9a-f]{64}$/);
  });

  test('changes with every setting that the host gets, secret or plain', () => {
    for (const name of Object.keys(settingsSource).filter((one) => !one.startsWith('GHCR_'))) {
      expect([name, hashWith({ [name]: `${settingsSource[name]!}x` })]).not.toEqual([name, hashWith()]);
    }
  });

  test('does not change with the login to the registry, which in CI is another one each time', () => {
    expect(hashWith({ GHCR_DEPLOY_TOKEN: 'another-registry-token' })).toBe(hashWith());
  });

  test('of the plain settings alone cannot be told from it: the key takes every secret', () => {
    const changed = hashWith({ AUTH_SECRET: 'p1anted-other-secret-of-32-characters' });
    const both = hashWith({
      AUTH_SECRET: 'p1anted-other-secret-of-32-characters',
      POSTGRES_ROOT_PASSWORD: 'p1anted-other-root-password',
    });
    expect(new Set([hashWith(), changed, both]).size).toBe(3);
  });
});
