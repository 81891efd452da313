import { keyFault } from './public-key';

/** Everything that decides a host's user-data. */
export interface HostNeeds {
  /**
   * One RFC 1123 label, in lower case.
   * @wipes
   */
  readonly hostName: string;
  /**
   * Public keys that may log in as the deploy user, as lines of authorized_keys without options.
   * @wipes (a living host gets new ones by `cogni host converge`)
   */
  readonly deployKeys: readonly string[];
  /**
   * Keys that may log in as the deploy user and run one command each, whatever they ask for: no other program, no terminal, no file, no
   * forwarding of any kind.
   * @default - none
   * @wipes (a living host gets new ones by `cogni host converge`)
   */
  readonly commandKeys?: readonly CommandKey[];
  /** Size of the swap file in bytes, a multiple of 1 MiB; 0 for none. */
  readonly swapBytes: number;
  readonly edge: EdgeNeeds;
}

export interface CommandKey {
  /** A public key, as a line of authorized_keys without options. */
  readonly key: string;
  /** What it runs, word by word; words need no quotes. */
  readonly command: readonly [string, ...string[]];
}

/** The compose project `cogni-edge` as rendered elsewhere. */
interface EdgeNeeds {
  /** Asked for on the host itself, to see that the edge answers. */
  readonly domain: string;
  /** Paths relative to /opt/cogni/edge; `compose.yaml` is among them, and names every image by digest. */
  readonly files: readonly HostFile[];
}

export interface HostFile {
  readonly path: string;
  readonly content: string;
  /** Permission bits. */
  readonly mode: number;
  /** Only its first content is rendered: written when missing, from then on a deploy's state, never compared. */
  readonly seed?: true;
}

/** What the API takes; the limit is the usual one of clouds, since the provider documents none. */
export const userDataLimit = 16 * 1024;

/** Thrown with everything that is wrong with a host's needs, not only the first of it. */
export class UnfitHostNeeds extends Error {
  override readonly name = 'UnfitHostNeeds';
  constructor(
    hostName: string,
    /** Each names the value and what is allowed. */
    readonly faults: readonly string[],
  ) {
    super(
      [`no user-data can be rendered for host "${hostName}":`, ...faults.map((f) => `  - ${f}`)].join('\n'),
    );
  }
}

/** Every fault of the needs, in the caller's terms; empty when there is none. Sizes are looked at by the renderer. */
export function faultsOf(needs: HostNeeds): string[] {
  return [
    ...hostNameFaults(needs.hostName),
    ...keyFaults(needs.deployKeys),
    ...commandKeyFaults(needs),
    ...swapFaults(needs.swapBytes),
    ...edgeFaults(needs.edge),
  ];
}

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

function hostNameFaults(name: string): string[] {
  if (label.test(name)) return [];
  return [
    `host name "${name}" is not 1 to 63 of a-z, 0-9 and "-", beginning and ending with a letter or digit`,
  ];
}

function keyFaults(keys: readonly string[]): string[] {
  if (keys.length === 0) return ['no deploy key: nobody could ever log in'];
  const seen = new Set<string>();
  return keys.flatMap((key, index) => {
    const fault = keyFault(key);
    if (fault !== undefined) return [`deploy key ${index + 1}: ${fault}`];
    const identity = key.trim().split(/\s+/).slice(0, 2).join(' ');
    if (seen.has(identity)) return [`deploy key ${index + 1} is there twice`];
    seen.add(identity);
    return [];
  });
}

/** A key that may log in already would be let in as such: sshd takes the first line of a key. */
function commandKeyFaults({ deployKeys, commandKeys = [] }: HostNeeds): string[] {
  const identity = (key: string): string => key.trim().split(/\s+/).slice(0, 2).join(' ');
  const known = deployKeys.map(identity);
  return commandKeys.flatMap(({ key, command }) => {
    const name = `the key for "${command.join(' ')}"`;
    const fault = keyFault(key);
    if (fault !== undefined) return [`${name}: ${fault}`];
    if (known.includes(identity(key))) return [`${name} may do everything already, as a deploy key`];
    const odd = command.find((word) => !/^[\w./=@:-]+$/.test(word));
    return odd === undefined ? [] : [`${name}: the word "${odd}" would need quotes`];
  });
}

const mebibyte = 1024 * 1024;
const largestSwap = 64 * 1024 * mebibyte;

function swapFaults(bytes: number): string[] {
  if (Number.isInteger(bytes) && bytes >= 0 && bytes <= largestSwap && bytes % mebibyte === 0) return [];
  return [`swap of ${bytes} bytes is not a multiple of 1 MiB between 0 (none) and 64 GiB`];
}

function edgeFaults(edge: EdgeNeeds): string[] {
  const faults: string[] = [];
  const labels = edge.domain.split('.');
  if (edge.domain.length > 253 || labels.length < 2 || !labels.every((part) => label.test(part))) {
    faults.push(`domain "${edge.domain}" is not a host name such as preview.example.org, in lower case`);
  }
  const paths = edge.files.map((file) => file.path);
  if (!paths.includes('compose.yaml')) faults.push('the edge has no compose.yaml');
  for (const file of edge.files)
    faults.push(...fileFaults(file).map((fault) => `edge file "${file.path}": ${fault}`));
  for (const path of new Set(paths.filter((path, index) => paths.indexOf(path) !== index))) {
    faults.push(`edge file "${path}" is there twice`);
  }
  for (const path of paths) {
    const folder = paths.find((other) => path.startsWith(`${other}/`));
    if (folder !== undefined) faults.push(`edge file "${folder}" is also the folder of "${path}"`);
  }
  return faults;
}

const segment = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

function fileFaults(file: HostFile): string[] {
  const faults: string[] = [];
  if (!file.path.split('/').every((part) => segment.test(part))) {
    faults.push(
      'the path is not relative, made of A-Z, a-z, 0-9, ".", "_" and "-", without hidden or ".." parts',
    );
  }
  if (!Number.isInteger(file.mode) || file.mode < 0 || file.mode > 0o777 || (file.mode & 0o444) !== 0o444) {
    faults.push(`mode 0${file.mode.toString(8)} is not one that all may read, such as 0644`);
  }
  if (file.content.includes('\0')) faults.push('the content has a NUL character, so it is not text');
  if (Buffer.from(file.content).toString() !== file.content)
    faults.push('the content has half a surrogate pair, so it is not Unicode');
  return faults;
}
