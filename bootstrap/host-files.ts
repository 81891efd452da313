import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import type { HostFile, HostNeeds } from './host-needs';
import { packedScript } from './packed-script';

/** The script that runs the phases, as it lies on a host. */
export const bootstrapScript: string = gunzipSync(Buffer.from(packedScript, 'base64')).toString('utf8');

/**
 * What a bootstrap works from, as files below /opt/cogni/bootstrap: the script, its settings, and the edge as
 * rendered. The first boot gets them through user-data, a living host through `cogni host converge`.
 */
export function hostFiles(needs: HostNeeds): readonly HostFile[] {
  return [
    { path: 'bootstrap.sh', mode: 0o755, content: bootstrapScript },
    { path: 'settings', mode: 0o644, content: `revision=${revisionOf(needs)}\n${settings(needs)}` },
    ...edgeFiles(needs),
  ];
}

/**
 * SHA-256, in hex, of all that the host's state follows from. The success marker notes it, so that a host says by
 * itself which rendering it was brought to.
 */
export function revisionOf(needs: HostNeeds): string {
  const parts = [bootstrapScript, settings(needs), edgeFiles(needs)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Shell assignments. Single quotes hold every value: the needs allow no quote in any of them. */
function settings(needs: HostNeeds): string {
  return [
    `swap_bytes=${needs.swapBytes}`,
    `edge_domain='${needs.edge.domain}'`,
    `edge_seeds='${seeds(needs).join(' ')}'`,
    `deploy_keys='${authorizedKeys(needs).join('\n')}'`,
    '',
  ].join('\n');
}

/** Lines of authorized_keys; `restrict` takes everything away that a key can be allowed (sshd(8)). */
const authorizedKeys = ({ deployKeys, commandKeys = [] }: HostNeeds): string[] => [
  ...deployKeys.map((key) => key.trim()),
  ...commandKeys.map(({ key, command }) => `restrict,command="${command.join(' ')}" ${key.trim()}`),
];

const seeds = ({ edge }: HostNeeds): string[] =>
  edge.files
    .filter((file) => file.seed)
    .map((file) => file.path)
    .sort();

/** Sorted, so that the order in which somebody listed them wipes no disk. */
const edgeFiles = ({ edge }: HostNeeds): HostFile[] =>
  edge.files
    .map(({ path, mode, content }) => ({ path: `edge/${path}`, mode, content }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
