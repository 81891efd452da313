import { Healthcheck } from '../healthcheck';
import { mappingOf } from '../tree';
import { isService } from '../service';
import { listOf, mayBeTrue, namesOf } from './entry';
import { perProject, perService, type Rule } from './rule';

export const healthRules: readonly Rule[] = [
  {
    code: 'COMPOSE-205',
    rule: 'a healthcheck can tell well from unwell',
    why: 'without a retry one slow answer counts as a failure for ever, and a check without time always fails',
    check: perService(function* ({ workload }) {
      if (workload === undefined || !isService(workload)) return;
      const { healthcheck } = workload;
      if (!(healthcheck instanceof Healthcheck)) return;
      const { interval, timeout, retries, startInterval } = healthcheck.props;
      if (interval.toMilliseconds() === 0) yield 'the interval of its healthcheck is 0';
      if (timeout.toMilliseconds() === 0) yield 'the timeout of its healthcheck is 0';
      if (startInterval?.toMilliseconds() === 0) yield 'the interval of its healthcheck at the start is 0';
      if (!Number.isInteger(retries) || retries < 1) {
        yield `the healthcheck has ${retries} retries: a whole number from 1 is allowed`;
      }
    }),
  },
  {
    code: 'COMPOSE-206',
    rule: 'the start period of a healthcheck covers the time that others wait for the service',
    why: 'a slow start would be called a failure while there is still time, and whoever waits gives up early',
    check: perService(function* ({ workload }) {
      if (workload === undefined || !isService(workload)) return;
      const { healthcheck } = workload;
      if (!(healthcheck instanceof Healthcheck)) return;
      const { startPeriod, waitBudget } = healthcheck.props;
      if (waitBudget !== undefined && startPeriod.toMilliseconds() < waitBudget.toMilliseconds()) {
        yield `its start period is ${startPeriod.toString()}, and others wait for it up to ${waitBudget.toString()}`;
      }
    }),
  },
  {
    code: 'COMPOSE-209',
    rule: 'whoever waits for a service to be healthy waits for one with a healthcheck',
    why: 'it never would be; the types say so for constructs, and this for what comes through `raw`',
    check: perProject(function* ({ services }) {
      const checked = new Map(
        services.map(({ name, entry }) => {
          const { disable, ...healthcheck } = mappingOf(entry['healthcheck']);
          const { test } = healthcheck;
          // Compose specification, "healthcheck": `NONE` is another word for `disable`.
          const isOff = mayBeTrue(disable) || test === 'NONE' || listOf(test)[0] === 'NONE';
          return [name, Object.keys(healthcheck).length > 0 && !isOff];
        }),
      );
      for (const { at, entry } of services) {
        for (const name of namesOf(entry['depends_on'])) {
          const { condition } = mappingOf(mappingOf(entry['depends_on'])[name]);
          if (condition === 'service_healthy' && checked.get(name) === false) {
            yield { at, message: `it waits for ${name} to be healthy, which has no healthcheck` };
          }
        }
      }
    }),
  },
];
