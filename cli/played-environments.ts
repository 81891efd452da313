import type { PlayedEnvironment } from '../sandbox/up';
import { environments } from '../stacks/environments';

/** The environments that the sandbox plays: those with a host that is rented. */
export const playedEnvironments: readonly PlayedEnvironment[] = environments.flatMap(
  ({ name, www, host, imageTagPrefix }) =>
    host.kind === 'cherry' ? [{ name, hostName: host.name, www, imageTagPrefix }] : [],
);

/** @throws Error when stacks/environments.ts has no rented host of that name */
export function findPlayed(name: string): PlayedEnvironment {
  const found = playedEnvironments.find((environment) => environment.name === name);
  if (found === undefined)
    throw new Error(`stacks/environments.ts has no environment "${name}" with a rented host`);
  return found;
}
