import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { checkout } from '../infra/checkout';
import { checkoutState, type CheckoutState } from './checkout-state';

/** What this program is: the package's version, and what of its checkout git knows. */
export interface Version extends Partial<CheckoutState> {
  readonly version: string;
}

const packageForm = z.object({ version: z.string() });

/** @returns version alone where there is no git, no repository or no commit */
export async function versionHere(): Promise<Version> {
  const { version } = packageForm.parse(JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')));
  return { version, ...(await checkoutState(checkout)) };
}

/** `cogni 0.1.0, commit 0123…`, on one line. */
export const versionText = ({ version, commit, dirty }: Version): string =>
  [
    `cogni ${version}`,
    commit === undefined ? 'of no commit' : `commit ${commit}`,
    ...(dirty ? ['with changes that are not committed'] : []),
  ].join(', ');
