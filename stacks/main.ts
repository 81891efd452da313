import { mkdirSync } from 'node:fs';
import { Failure } from '../foundation/failure';
import { synthesize } from './app';
import { readProviderLock } from '../infra/provider-lock';
import { environments } from './environments';
import { environmentFolder, outputFolder, surroundingsHere, warningsFor } from './here';
import { examineEnvironments } from './load';
import { prepareStackFolder } from './stack-folder';
import { userDataOf } from './user-data';

/** The CDKTF application: what `cdktf.json` runs, for every command of CDKTF, whatever stack that is for. */
function main(): void {
  const surroundings = surroundingsHere();
  const output = outputFolder();
  mkdirSync(output, { recursive: true });
  const stacks = synthesize({
    outputFolder: output,
    examined: examineEnvironments(environments, surroundings),
    surroundings,
    userData: userDataOf,
    environmentFolder,
    warnings: warningsFor(),
  });
  for (const stack of stacks) {
    prepareStackFolder(stack, {
      environmentFolder,
      providerLock: surroundings.sandbox ? undefined : readProviderLock(surroundings.checkout),
    });
  }
}

try {
  main();
} catch (thrown) {
  if (!(thrown instanceof Failure)) throw thrown;
  process.stderr.write(`${thrown.message}\n`);
  process.exitCode = 1;
}
