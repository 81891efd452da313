import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../foundation/failure';
import { tryReadFile } from '../foundation/files';

/** What is seen of control groups version 2 (cgroups(7)) where a Docker engine is to run. */
export interface ControlGroupFacts {
  /** `cgroup.controllers` of the root; undefined on version 1. */
  readonly controllers: string | undefined;
  /** `cgroup.subtree_control` of the root: what its children have already. */
  readonly enabled: string;
  readonly writable: boolean;
  /** Whether systemd manages the groups (sd_booted(3)). */
  readonly runsSystemd: boolean;
  /** `/proc/self/cgroup`: `0::/` in the root of a namespace. */
  readonly own: string;
  /** Whether the root has a `cgroup.type`: the kernel's own root has none, and may hold processes anyhow. */
  readonly namespaced: boolean;
}

/**
 * Which controllers have to be handed to child groups before an engine can limit containers; none when there is nothing
 * to do or it is not ours to do. A group that holds processes cannot hand any down (cgroups(7), "no internal
 * processes"), so those have to move to a child first.
 */
export function controllersToEnable(facts: ControlGroupFacts): readonly string[] {
  if (facts.controllers === undefined || !facts.writable || facts.runsSystemd || !facts.namespaced) return [];
  if (!/^0::\/$/m.test(facts.own)) return [];
  const enabled = words(facts.enabled);
  return words(facts.controllers).filter((controller) => !enabled.includes(controller));
}

const words = (text: string): readonly string[] => text.split(/\s+/).filter(Boolean);

/**
 * In a container or a CI runner with control groups version 2 and no systemd: moves all processes of the root group to
 * the group `init` and hands the controllers down, as images with an engine inside a container do. Does nothing
 * anywhere else, and never fails: where it is not permitted, the engine is tried all the same.
 *
 * @param note told when something could not be done
 */
export function prepareControlGroups(
  note: (text: string) => void,
  root = '/sys/fs/cgroup',
  facts: ControlGroupFacts = controlGroupFacts(root),
): void {
  const controllers = controllersToEnable(facts);
  if (controllers.length === 0) return;
  try {
    mkdirSync(join(root, 'init'), { recursive: true });
    // One at a time: the file takes one process id a write, and one that has ended by now is refused.
    for (const pid of words(readFileSync(join(root, 'cgroup.procs'), 'utf8')))
      tryWrite(join(root, 'init', 'cgroup.procs'), pid);
    writeFileSync(join(root, 'cgroup.subtree_control'), controllers.map((name) => `+${name}`).join(' '));
  } catch (cause) {
    note(`control groups could not be handed down (${messageOf(cause)}); hosts may have no memory limit`);
  }
}

function tryWrite(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch {
    // What stays in the root makes the next step fail, which tells it.
  }
}

const controlGroupFacts = (root: string): ControlGroupFacts => ({
  controllers: tryReadFile(join(root, 'cgroup.controllers')),
  enabled: tryReadFile(join(root, 'cgroup.subtree_control')) ?? '',
  writable: isWritable(join(root, 'cgroup.subtree_control')),
  runsSystemd: existsSync('/run/systemd/system'),
  own: tryReadFile('/proc/self/cgroup') ?? '',
  namespaced: existsSync(join(root, 'cgroup.type')),
});

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
