import { join, resolve } from 'node:path';
import { worldOf, type World } from '../sandbox/world';

/** The checkout that this command runs from: `dist/cli` lies two folders below it. */
export const checkout = resolve(__dirname, '..', '..');

/**
 * The sandbox that a command means. `COGNI_SANDBOX_NAME` chooses another one beside the usual: the end-to-end tests
 * use it to stay out of a person's way.
 */
export const world = (): World => worldOf(checkout, process.env['COGNI_SANDBOX_NAME'] || undefined);

/**
 * Where an environment's local files live (host key pin, enrollment token): under the sandbox's folder when the
 * sandbox's variables are set (`eval "$(./cogni sandbox env)"`), in `.cogni/<env>` otherwise.
 */
export const environmentFolder = (name: string): string =>
  join(process.env['COGNI_SANDBOX'] || join(checkout, '.cogni'), name);
