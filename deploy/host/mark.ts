import { Failure } from '../../foundation/failure';
import { commandFailure } from '../../foundation/process';
import { hasMarker, markerFile, parseMarker, writeMarker, type HostMarker } from '../identity/host-marker';
import type { Transport } from '../transport';

export interface MarkResult {
  readonly environment: string;
  readonly marker: HostMarker;
  /** False where there was one already, which was left alone. */
  readonly written: boolean;
}

/**
 * Marks the disk of a living host with the data that its database holds: a deploy does it once, a person may do it
 * before that, or anew.
 *
 * @param replace a person says that disk and data are the right ones as they are
 * @throws Failure when the database does not say which data it holds; the marker is then as before
 */
export async function markHost(
  transport: Transport,
  environment: string,
  { replace }: { readonly replace: boolean },
): Promise<MarkResult> {
  const there = (await transport.run(hasMarker)).code === 0;
  if (!there || replace) {
    const command = writeMarker(environment, replace ? 'replace' : 'new');
    const output = await transport.run(command);
    if (output.code !== 0) {
      throw commandFailure(command, output, {
        what: `the disk of ${environment} could not be marked`,
        state: 'its marker is as it was',
        next: `./cogni status ${environment}; data without a marker get one from the next deploy`,
      });
    }
  }
  const marker = parseMarker((await transport.run({ argv: ['cat', markerFile], deadline: 30_000 })).stdout);
  if (marker !== undefined) return { environment, marker, written: !there || replace };
  throw new Failure({
    what: `${markerFile} on ${environment} is no marker that this program knows`,
    next: `if disk and data are the right ones: ./cogni host mark ${environment} --replace`,
  });
}
