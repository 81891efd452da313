import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode, Failure } from '../foundation/failure';
import type { Progress } from '../foundation/progress';
import { orphanAdvice, orphansOf, serverAddress } from '../infra/cherry/orphans';
import { destroyStack } from '../infra/plan/destroy-stack';
import { initAt, stateAt } from '../infra/plan/terraform-run';
import { stackFolder } from '../infra/stack-folder';
import { stateServer } from '../infra/state-server';
import { removalFaults } from '../recovery/rebuild/removal';
import { environmentFolder, outputFolder } from '../stacks/here';
import { rehearsalMarker, rehearsalName } from '../stacks/rehearsal';
import { linesTo } from './apply-plan';
import { cherryApiHere } from './cherry-account';
import { alone, planTarget, synthesizeHere } from './plan-target';
import { rehearsalStands } from './rehearsal-facts';
import { whileLocked } from './while-locked';

interface Removal {
  readonly again: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Removes what a rehearsal has made, however far it got: its server, its state's content, and its folder here. What is its own is held
 * against the living environment's state first. Its folder goes last, so that the same call goes on with one that was cut off.
 *
 * @returns what was removed, for people
 * @throws Failure when anything of it is left, or cannot be told to be its own
 */
export async function removeRehearsal(of: string, { again, progress, signal }: Removal): Promise<string> {
  if (!rehearsalStands(of)) return 'nothing of it is there';
  const name = rehearsalName(of);
  const { host, stack, at } = planTarget(name);
  const removed = await whileLocked(progress, signal, () =>
    alone(`removing the rehearsal of ${of}`, async () => {
      await synthesizeHere();
      await initAt(at);
      await requireOwn(of, (await stateAt(at)).ids[serverAddress]);
      return destroyStack({
        ...{ at, stack, again },
        judge: (json) => removalFaults(json, host.name),
        onOutput: linesTo((line) => progress.note(line)),
      });
    }),
  );
  // A server whose order was cut off is in no state.
  const left = orphansOf(
    await cherryApiHere(signal).servers(host.projectId),
    { version: null, ids: {} },
    { environment: name, hostName: host.name },
  );
  if (left.length > 0) {
    throw new Failure({
      what: `a server of the rehearsal of ${of} is still there`,
      faults: left.map((server) => orphanAdvice(server, stack)),
      state: 'it is paid for, and holds what the rehearsal had brought to it',
      next: `remove it as said above, then ${again}`,
      exitCode: ExitCode.refused,
    });
  }
  rmSync(at.folder, { recursive: true, force: true });
  removeFolder(environmentFolder(name));
  return removed.length === 0 ? 'it had made nothing' : removed.join(', ');
}

/** The marker goes last: while it is there, all of this can be done again. */
function removeFolder(folder: string): void {
  for (const file of readdirSync(folder).filter((each) => each !== rehearsalMarker))
    rmSync(join(folder, file), { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
}

/** @throws Failure when the state of a rehearsal has the server of the living environment */
async function requireOwn(of: string, id: string | undefined): Promise<void> {
  if (id === undefined) return;
  const living = await stateServer({ folder: stackFolder(outputFolder(), of) });
  if (living === null || String(living.id) !== id) return;
  throw new Failure({
    what: `the state of the rehearsal has server ${id}, which is the host of ${of}: it is not removed`,
    next: `look at both states: ./cogni plan ${of} and ./cogni plan ${rehearsalName(of)}`,
    exitCode: ExitCode.refused,
  });
}
