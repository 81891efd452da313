import { relative } from 'node:path';
import { terraformBinary } from '../terraform';
import type { TerraformAt } from './terraform-run';

/**
 * A command of Terraform's in a stack's folder, for people to run by hand: `terraform -chdir=cdktf.out/stacks/preview
 * state rm …`. Nothing in it is secret.
 */
export function byHand(
  { folder, env }: Pick<TerraformAt, 'folder' | 'env'>,
  ...args: readonly string[]
): string {
  const here = relative(process.cwd(), folder);
  const shown = here === '' || here.startsWith('..') ? folder : here;
  return [terraformBinary({ ...process.env, ...env }), `-chdir=${shown}`, ...args].map(quoted).join(' ');
}

/** As a shell takes it; plain words stay as they are. */
const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
