import type { Transport } from '../transport';
import { compareProject, type ComparedProject, type Difference } from './compare';
import { readProjectState } from './host-state';

export interface DiffProps {
  /** Connected to the host. */
  readonly transport: Transport;
  readonly projects: readonly ComparedProject[];
  /** Takes secrets out of what is shown. */
  readonly mask: (text: string) => string;
  /** The command to run again, for failures. */
  readonly again: string;
}

export interface DiffResult {
  readonly same: boolean;
  readonly differences: readonly Difference[];
}

/**
 * Compares what is rendered with what a host has and runs: file by file, the names of its settings, and each container's
 * configuration and image. It only reads.
 *
 * @throws Failure when the host cannot be asked
 */
export async function diffHost({ transport, projects, mask, again }: DiffProps): Promise<DiffResult> {
  const differences: Difference[] = [];
  for (const project of projects) {
    differences.push(...compareProject(project, await readProjectState(transport, project, again), mask));
  }
  return { same: differences.length === 0, differences };
}

/** For people: each difference with its diff. */
export function diffText({ differences }: DiffResult, same: string): string {
  if (differences.length === 0) return same;
  const texts = differences.map(({ at, what, diff }) => [`${at}: ${what}`, diff].filter(Boolean).join('\n'));
  const count = `${differences.length} ${differences.length === 1 ? 'difference' : 'differences'}`;
  return [...texts, count].join('\n').trimEnd();
}
