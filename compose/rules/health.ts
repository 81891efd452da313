import { Duration } from '../duration';
import { Healthcheck } from '../healthcheck';
import type { ServiceView } from '../inspection';
import { isService } from '../service';
import { mappingOf, type PlainMapping } from '../tree';
import { millisecondsOf, numberOf } from './amounts';
import { hasVariable, listOf, mayBeTrue, startedAgain, textOf, waitsFor, wordsOf } from './entry';
import { perProject, perService, type Rule } from './rule';

/** Its healthcheck; undefined where it has none, or one that is off. */
function healthcheckOf(entry: PlainMapping): PlainMapping | undefined {
  const { disable, ...healthcheck } = mappingOf(entry['healthcheck']);
  const { test } = healthcheck;
  // Compose specification, "healthcheck": `NONE` is another word for `disable`.
  const isOff = mayBeTrue(disable) || test === 'NONE' || listOf(test)[0] === 'NONE';
  return Object.keys(healthcheck).length > 0 && !isOff ? healthcheck : undefined;
}

/** How long others wait for it: only a construct can say so. */
function waitBudgetOf({ workload }: ServiceView): Healthcheck['props']['waitBudget'] {
  if (workload === undefined || !isService(workload)) return undefined;
  const { healthcheck } = workload;
  return healthcheck instanceof Healthcheck ? healthcheck.props.waitBudget : undefined;
}

export const healthRules: readonly Rule[] = [
  {
    code: 'COMPOSE-205',
    rule: 'a healthcheck can tell well from unwell',
    why: 'without a retry one slow answer counts as a failure for ever, a check without time always fails, and one without a command tells nothing',
    check: perService(function* ({ entry }) {
      const { test, interval, timeout, retries, start_interval } = healthcheckOf(entry) ?? {};
      const command = Array.isArray(test) ? wordsOf(test)[1] : textOf(test);
      if (test !== undefined && (command ?? '').trim() === '')
        yield 'the test of its healthcheck has no command';
      if (millisecondsOf(interval) === 0) yield 'the interval of its healthcheck is 0';
      if (millisecondsOf(timeout) === 0) yield 'the timeout of its healthcheck is 0';
      if (millisecondsOf(start_interval) === 0) yield 'the interval of its healthcheck at the start is 0';
      const count = numberOf(retries);
      if (count !== undefined && !(Number.isInteger(count) && count >= 1)) {
        yield `the healthcheck has ${count} retries: a whole number from 1 is allowed`;
      }
    }),
  },
  {
    code: 'COMPOSE-206',
    rule: 'the start period of a healthcheck covers the time that others wait for the service, and that time is said',
    why: 'a slow start would be called a failure while there is still time, and whoever waits gives up early',
    check: perProject(function* ({ services }) {
      const waiting = new Map(
        services.flatMap(({ name, entry }) =>
          waitsFor(entry, 'service_healthy').map((on) => [on, name] as const),
        ),
      );
      for (const service of services) {
        const { at, name, entry, workload } = service;
        const healthcheck = healthcheckOf(entry);
        // What comes from another file has no place to say how long.
        if (healthcheck === undefined || workload === undefined) continue;
        const budget = waitBudgetOf(service);
        if (budget === undefined) {
          const message = `${waiting.get(name) ?? ''} waits until it is healthy, and its Healthcheck does not say how long (waitBudget)`;
          if (waiting.has(name)) yield { at, message };
          continue;
        }
        const { start_period } = healthcheck;
        const period = millisecondsOf(start_period) ?? 0;
        if (!hasVariable(start_period) && period < budget.toMilliseconds()) {
          const written = Duration.milliseconds(Math.floor(period)).toString();
          yield {
            at,
            message: `its start period is ${written}, and others wait for it up to ${budget.toString()}`,
          };
        }
      }
    }),
  },
  {
    code: 'COMPOSE-209',
    rule: 'whoever waits for a service to be healthy waits for one with a healthcheck',
    why: 'it never would be; the types say so for constructs, and this for what comes through `raw`',
    check: perProject(function* ({ services }) {
      const byName = new Map(services.map(({ name, entry }) => [name, entry]));
      for (const { at, entry } of services) {
        for (const name of waitsFor(entry, 'service_healthy')) {
          const on = byName.get(name);
          if (on !== undefined && healthcheckOf(on) === undefined) {
            yield { at, message: `it waits for ${name} to be healthy, which has no healthcheck` };
          }
        }
      }
    }),
  },
  {
    code: 'COMPOSE-210',
    rule: 'a job that has ended is not started again, nor is a service whose end others wait for',
    why: 'a migration would run over and over, and whoever waits for its end would wait for ever',
    check: perProject(function* ({ services }) {
      const byName = new Map(services.map((service) => [service.name, service]));
      for (const { at, workload, entry } of services) {
        const again = startedAgain(entry);
        if (workload !== undefined && !isService(workload) && again !== undefined) {
          yield { at, message: `it is a job, and its restart is ${again}` };
        }
        for (const name of waitsFor(entry, 'service_completed_successfully')) {
          const theirs = startedAgain(byName.get(name)?.entry ?? {});
          if (theirs !== undefined) {
            yield { at, message: `it waits for the end of ${name}, whose restart is ${theirs}` };
          }
        }
      }
    }),
  },
];
