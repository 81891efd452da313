import { posix } from 'node:path';
import { hostLayout } from '../../services';
import { layout } from '../rolling/layout';

/** Where a new version waits for the rename that puts it in its place. */
const waiting = (path: string): string => posix.join(posix.dirname(path), `.${posix.basename(path)}.next`);

/**
 * Paths below the edge's folder that say how things are and are rendered by nobody: deploys and `./cogni maintenance` make and
 * remove them while the edge runs. No comparison with what is rendered is about them.
 */
export const edgeState: readonly string[] = [
  hostLayout.maintenance,
  waiting(hostLayout.maintenance),
  waiting(hostLayout.activeUpstream),
  posix.join(posix.dirname(hostLayout.activeUpstream), layout.edge.upstream.previous),
];
