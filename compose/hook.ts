import type { EnvironmentValue, Value } from './reference';
import { orNone, type Mapping } from './tree';

/** A command that Compose runs in a container after it has started, or before it is stopped. */
export interface Hook {
  /** Program and arguments, run without a shell. */
  readonly command: readonly [Value, ...Value[]];
  /** @default - the service's */
  readonly user?: Value;
  /** With all rights. @default false */
  readonly privileged?: boolean;
  /** @default - the service's */
  readonly workingDirectory?: Value;
  /** Beside the service's own. @default - none */
  readonly environment?: { readonly [name: string]: EnvironmentValue };
}

/** The entry under `post_start`, `pre_stop` and a watch's `exec`. */
export const renderHook = (hook: Hook): Mapping => ({
  command: hook.command,
  user: hook.user,
  privileged: hook.privileged ? true : undefined,
  working_dir: hook.workingDirectory,
  environment: orNone(hook.environment),
});
