import { resolvedLock } from '../services/example';
import type { Environment } from '../../../stacks/environment';
import { loadEnvironment } from '../../../stacks/load';
import { runtimePropsOf } from '../../../stacks/runtime';
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
