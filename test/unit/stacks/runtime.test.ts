import { resolvedLock } from '../services/example';
import type { Environment, EnvironmentRecord } from '../../../stacks/environment';
import { loadEnvironment } from '../../../stacks/load';
import { runtimePropsOf, settingsNeededFor } from '../../../stacks/runtime';
import { record, surroundings } from './example';

const environment = (runtime: Environment['runtime']): Environment =>
  loadEnvironment('preview', [record({ runtime })], surroundings());

describe('what an environment runs', () => {
  const lock = resolvedLock();

  it('is its record, by the digests of the lock', () => {
    expect(runtimePropsOf(environment({ litellm: 'with-database', alloy: false }), lock)).toMatchObject({
      images: { postgres: `${lock.postgres.image}@${lock.postgres.digest ?? ''}` },
      litellm: { image: `${lock.litellm.image}@${lock.litellm.digest ?? ''}`, database: true },
    });
  });

  it('has LiteLLM without a database where the record says so', () => {
    expect(
      runtimePropsOf(environment({ litellm: 'without-database', alloy: false }), lock).litellm,
    ).toMatchObject({
      database: false,
    });
  });

  it.each(['preview', 'production'])('has what Alloy sends named after it: %s', (name) => {
    const runtime = { litellm: 'off', alloy: true } as const;
    const named = loadEnvironment(name, [record({ name, runtime })], surroundings());
    expect(runtimePropsOf(named, lock).alloy).toMatchObject({ environment: name });
  });

  it('needs no image of what is off', () => {
    const none = { ...lock.litellm, digest: null, resolvedAt: null };
    const off = runtimePropsOf(environment({ litellm: 'off', alloy: false }), { ...lock, litellm: none });
    expect(off).not.toHaveProperty('litellm');
    expect(() =>
      runtimePropsOf(environment({ litellm: 'with-database', alloy: false }), { ...lock, litellm: none }),
    ).toThrow('the image litellm (ghcr.io/berriai/litellm-non_root:v1.108.11) has no digest yet');
  });

  it('is refused with a word that is not known', () => {
    const odd = { litellm: 'on', alloy: false } as unknown as Environment['runtime'];
    expect(() => environment(odd)).toThrow(
      'runtime.litellm "on" is not known; allowed: with-database, without-database, off',
    );
  });
});

describe('the settings that an environment needs', () => {
  const neededBy = (runtime: Environment['runtime'], more: Partial<EnvironmentRecord> = {}) =>
    settingsNeededFor(record({ runtime, ...more }));

  it('are those of the services that its record asks for', () => {
    const least = neededBy({ litellm: 'off', alloy: false });
    expect(least).toContain('APP_DB_PASSWORD');
    expect(least).not.toContain('OPENROUTER_API_KEY');
    expect(least).not.toContain('METRICS_TOKEN');
    const without = neededBy({ litellm: 'without-database', alloy: false });
    expect(without).toEqual(expect.arrayContaining(['LITELLM_MASTER_KEY', 'OPENROUTER_API_KEY']));
    expect(without).not.toContain('LITELLM_DB_PASSWORD');
    expect(neededBy({ litellm: 'with-database', alloy: true })).toEqual(
      expect.arrayContaining([
        'METRICS_TOKEN',
        'OPENROUTER_API_KEY',
        'LITELLM_DB_USER',
        'LITELLM_DB_PASSWORD',
        'LITELLM_DB_NAME',
        'GRAFANA_CLOUD_LOKI_URL',
        'PROMETHEUS_PASSWORD',
      ]),
    );
  });

  it('are asked for before an image was looked up, and hold nothing that others give', () => {
    const all = neededBy({ litellm: 'with-database', alloy: true });
    for (const name of ['APP_IMAGE', 'DATABASE_URL', 'LITELLM_DATABASE_URL', 'DOMAIN']) {
      expect(all).not.toContain(name);
    }
  });

  it('have the token of SourceCred where there is one', () => {
    const runtime = { litellm: 'off', alloy: false } as const;
    const sourcecred = { repositories: ['a/b'], currency: { name: 'Grain', suffix: 'G' } } as const;
    expect(neededBy(runtime)).not.toContain('SOURCECRED_GITHUB_TOKEN');
    expect(neededBy(runtime, { sourcecred })).toContain('SOURCECRED_GITHUB_TOKEN');
  });
});
