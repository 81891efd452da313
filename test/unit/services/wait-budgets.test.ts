import { check, Healthcheck, Service } from '../../../compose';
import { app, runtimeServices, waitBudgets } from '../../../services';
import { defaultLimits } from '../../../deploy/rolling/request';
import { everything } from './everything';

/** Services that somebody starts and waits for, by what their budget is called. */
const known: Readonly<Record<string, keyof typeof waitBudgets>> = {
  caddy: 'caddy',
  sourcecred: 'sourcecred',
  [app.slots.a.service]: 'app',
  [runtimeServices.postgres]: 'postgres',
  [runtimeServices.litellm]: 'litellm',
  [runtimeServices.alloy]: 'alloy',
  [runtimeServices.backup]: 'backup',
  [runtimeServices.copies]: 'copies',
};

describe('the time that others wait for a service', () => {
  const services = everything().flatMap(({ services }) =>
    services.filter((service) => service instanceof Service),
  );

  it.each(services.map((service) => [service.name, service] as const))(
    'is said by the healthcheck of %s, so that the rule is asked of it',
    (name, { healthcheck }) => {
      expect(healthcheck).toBeInstanceOf(Healthcheck);
      const { waitBudget } = (healthcheck as Healthcheck).props;
      expect(waitBudget).toBe(waitBudgets[known[name] ?? 'app']);
      expect(Object.keys(known)).toContain(name);
    },
  );

  it('is covered by every start period', () => {
    expect(check(...everything()).filter(({ code }) => code === 'COMPOSE-206')).toEqual([]);
  });

  it('is the time that a deploy waits', () => {
    const { postgres, app: application, litellm, alloy, backup, copies } = waitBudgets;
    expect(defaultLimits).toMatchObject({
      database: postgres.toMilliseconds(),
      ready: application.toMilliseconds(),
      litellm: litellm.toMilliseconds(),
      alloy: alloy.toMilliseconds(),
      backup: backup.toMilliseconds(),
      copies: copies.toMilliseconds(),
    });
  });
});
