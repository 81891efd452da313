import { load } from 'js-yaml';
import { app, imageReference, renderRuntime, runtimeServices, type AppSlot } from '../../../../services';
import { resolvedLock } from '../example';

interface Service {
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
}

describe('the health checks of the runtime', () => {
  const lock = resolvedLock();
  const servicesOf = (slot: AppSlot): Readonly<Record<string, Service>> => {
    const [compose] = renderRuntime({
      slot,
      images: { postgres: imageReference(lock, 'postgres') },
      litellm: { image: imageReference(lock, 'litellm'), database: true },
      alloy: { image: imageReference(lock, 'alloy'), environment: 'preview' },
    });
    return (load(compose?.content ?? '') as { services: Readonly<Record<string, Service>> }).services;
  };

  it.each<[string, AppSlot]>([
    [app.slots.a.service, 'a'],
    [app.slots.b.service, 'b'],
    [runtimeServices.postgres, 'a'],
    [runtimeServices.litellm, 'a'],
    [runtimeServices.alloy, 'a'],
  ])('are rendered for %s, so that an image need not have one', (service, slot) => {
    const { healthcheck } = servicesOf(slot)[service] ?? {};
    expect(healthcheck?.test?.[0]).toBe('CMD');
    expect(healthcheck?.test?.length).toBeGreaterThan(1);
    expect(healthcheck?.disable).toBeUndefined();
  });
});
