import { tryReadFile, writeAtomically } from '../../foundation/files';
import { parseKnownHosts, type HostKey } from './host-key';

/** What is pinned for a host: our own known_hosts file, with a comment that says when, and for which machine. */
export interface Pins {
  readonly keys: readonly HostKey[];
  /** What the provider called the machine (its server id); undefined where that was not known. */
  readonly machine: string | undefined;
}

/** The pins of `alias` in a known_hosts file, or undefined where there are none. */
export function tryReadPins(path: string, alias: string): Pins | undefined {
  const text = tryReadFile(path) ?? '';
  const keys = parseKnownHosts(text, alias);
  if (keys.length === 0) return undefined;
  return { keys, machine: /^# machine (\S+)$/m.exec(text)?.[1] };
}

/** Replaces the whole file: one environment has one host, and its file nothing else. */
export function writePins(path: string, alias: string, pins: Pins, pinned: Date): void {
  writeAtomically(path, renderPins(alias, pins, pinned), 0o600);
}

function renderPins(alias: string, { keys, machine }: Pins, pinned: Date): string {
  return [
    `# Host keys of ${alias}, proved with its enrollment token and pinned ${pinned.toISOString()}.`,
    ...(machine === undefined ? [] : [`# machine ${machine}`]),
    ...keys.map((key) => `${alias} ${key.type} ${key.base64}`),
    '',
  ].join('\n');
}
