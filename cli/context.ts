import { resolve } from 'node:path';
import { worldOf, type World } from '../sandbox/world';

/** The checkout that this command runs from: `dist/cli` lies two folders below it. */
export const checkout = resolve(__dirname, '..', '..');

/**
 * The sandbox that a command means. `COGNI_SANDBOX_NAME` chooses another one beside the usual: the end-to-end tests
 * use it to stay out of a person's way.
 */
export const world = (): World => worldOf(checkout, process.env['COGNI_SANDBOX_NAME'] || undefined);
