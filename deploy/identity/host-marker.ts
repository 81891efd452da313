import { z } from 'zod';
import { layout } from '../rolling/layout';
import type { RemoteCommand } from '../transport';
import { askData, askDisk } from './questions';

const uuid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);

const markerSchema = z.object({
  /** Of this format. */
  v: z.literal(1),
  /** Made when the disk was marked first: another disk has another one, or none. */
  deployment: uuid,
  environment: z.string(),
  /** Generation of the disk ({@link askDisk}). */
  disk: z.string().regex(/^[0-9a-f]{64}$/),
  /** Id of the data that the database held (services/database/marker.ts). */
  data: uuid,
  /** UTC. */
  written: z.string(),
});

/** Which deployment a disk belongs to, and which data: written once by a deploy, into the state of the deploys. */
export type HostMarker = Readonly<z.infer<typeof markerSchema>>;

/** On the host, writable by the deploy user. */
export const markerFile = `${layout.deploy.folder}/identity.json`;

/** @returns undefined for a text that is no marker of a format that this program knows */
export function parseMarker(text: string): HostMarker | undefined {
  try {
    return markerSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * Marks a disk, with the data that its database holds now. `$1` is the environment, `$2` either `new`, which leaves a
 * marker that is there alone, or `replace`, `$3` the file. It is whole or not there, and of two at once one wins.
 */
const script = `set -eu
file=$3
if [ "$2" = new ] && [ -s "$file" ]; then exit 0; fi
data=$(${askData(15)}) || { echo "the database does not say which data it holds: $data" >&2; exit 1; }
case $data in *-*) ;; *) echo 'the data have no marker: the next deploy gives them one' >&2; exit 1 ;; esac
next=$(mktemp "$(dirname "$file")/.identity.XXXXXX")
trap 'rm -f "$next"' EXIT
printf '{"v":1,"deployment":"%s","environment":"%s","disk":"%s","data":"%s","written":"%s"}\\n' \\
  "$(cat /proc/sys/kernel/random/uuid)" "$1" "$(${askDisk})" "$data" "$(date -u +%FT%TZ)" >"$next"
chmod 0644 "$next"
sync "$next"
if [ "$2" = replace ]; then mv -f "$next" "$file"; else ln "$next" "$file" 2>/dev/null || [ -s "$file" ]; fi
`;

/**
 * Writes the marker of a host.
 *
 * @param how `replace`: by a person's word, who says that disk and data are the right ones as they are now
 */
export const writeMarker = (
  environment: string,
  how: 'new' | 'replace',
  file: string = markerFile,
): RemoteCommand => ({
  argv: ['sh', '-s', '--', environment, how, file],
  stdin: script,
  deadline: 30_000,
});

/** Succeeds where there is a marker. */
export const hasMarker: RemoteCommand = { argv: ['test', '-s', markerFile], deadline: 30_000 };
