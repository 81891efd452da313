import { Project, raw, Service, type Allowance } from '../../../compose';
import { longRunning } from './example';
import { untyped, type RuleCase } from './rule-case';

/** For whatever needs one. */
export const reason = 'the test says so';

/** A project that lets its service `allowed` have these. */
export function allowing(...powers: readonly Allowance['power'][]): Project {
  const { name, logging, generatedBy } = untyped();
  const allow = powers.map((power) => ({ service: 'allowed', power, reason }));
  return new Project(undefined, name, { logging, generatedBy, allow });
}

/** A service of raw entries for each way, named by its place in the list. */
export const services = (project: Project, ways: readonly Parameters<typeof raw>[0][]): void =>
  ways.forEach((entries, index) => {
    new Service(project, `way${index}`, { ...longRunning, raw: raw(entries, reason) });
  });

/** One fault for each way, in their order. */
export const faultOfEach = (messages: readonly RegExp[]): RuleCase['faults'] =>
  messages.map((message, index) => [`shop/services/way${index}`, message]);
