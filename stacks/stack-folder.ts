import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { tryReadFile } from '../foundation/files';
import { ensureEnrollmentToken } from '../infra/enrollment-file';
import { forgetEnrollmentVariable, writeEnrollmentVariable } from '../infra/enrollment-token';
import { forgetImports } from '../infra/plan/imports';
import { forgetProviderLock, placeProviderLock } from '../infra/provider-lock';
import { refusedState, writeRefusedState } from '../infra/refused-stack';
import type { SynthesizedStack } from './app';

export interface StackFolderProps {
  /** Folder of an environment's local files. */
  readonly environmentFolder: (name: string) => string;
  /** Text of the providers' lock, for a real environment; a sandbox has providers of its own. */
  readonly providerLock: string | undefined;
}

/**
 * Makes a stack's folder ready for Terraform, beside what was synthesized into it: the enrollment token as a variable,
 * and the lock of the providers.
 */
export function prepareStackFolder(stack: SynthesizedStack, props: StackFolderProps): void {
  forgetRefusal(stack);
  forgetImports(stack.folder);
  if (stack.kind === 'refused') {
    forgetEnrollmentVariable(stack.folder);
    writeRefusedState(stack.folder);
    return;
  }
  if (props.providerLock === undefined) forgetProviderLock(stack.folder);
  else placeProviderLock(stack.folder, props.providerLock);
  if (stack.kind === 'host') {
    writeEnrollmentVariable(
      stack.folder,
      ensureEnrollmentToken(props.environmentFolder(stack.environment), randomBytes),
    );
  }
}

/**
 * Terraform remembers in the folder which backend it was initialised with, and offers to move the state when it is
 * another one. To and from a refused stack's empty state there is nothing to move, and it must not be offered.
 */
function forgetRefusal(stack: SynthesizedStack): void {
  const memory = join(stack.folder, '.terraform', 'terraform.tfstate');
  const text = tryReadFile(memory);
  if (text === undefined) return;
  const wasRefused = text.includes(`"${refusedState}"`);
  if (wasRefused !== (stack.kind === 'refused')) rmSync(memory);
}
