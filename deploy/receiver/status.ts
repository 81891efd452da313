import { receiverPlace } from '../../services';
import { quick } from '../rolling/commands';
import type { RemoteCommand, Transport } from '../transport';

/** What runs on the receiving host. */
export interface Receiving {
  /** `fetches`: it has the connection. `tries`: it runs and has none. */
  readonly state: 'fetches' | 'tries' | 'stopped' | 'missing';
  /** What it says itself, where it does not fetch. */
  readonly why: string | undefined;
  /** What it has received, the oldest first; undefined where it cannot be asked. */
  readonly log: readonly ReceivedFile[] | undefined;
}

export interface ReceivedFile {
  /** Below the folder of the log: `<database>-<time>/<segment>`, or `….partial` for the one that is being written. */
  readonly path: string;
  readonly bytes: number;
  /** When it was last written to. */
  readonly at: Date;
}

/** Asks the program of a receiver. */
export const askReceived = (environment: string, ...words: readonly string[]): RemoteCommand => {
  const { container, program } = receiverPlace(environment);
  return { argv: ['docker', 'exec', container, '/bin/sh', program, ...words], deadline: quick };
};

/** A part of a file that it has, packed and as text. @param offset and length in bytes */
export const partOfReceived = (
  environment: string,
  path: string,
  offset: number,
  length: number,
): RemoteCommand => ({
  ...askReceived(environment, 'send', path, String(offset), String(length)),
  deadline: 4 * quick,
});

const inspect = (environment: string): RemoteCommand => ({
  argv: [
    'docker',
    'inspect',
    '--type=container',
    '--format={{.State.Status}}',
    receiverPlace(environment).container,
  ],
  deadline: quick,
});

/** Looks at a receiver on its own host, and changes nothing. */
export async function lookAtReceiving(
  transport: Pick<Transport, 'run'>,
  environment: string,
): Promise<Receiving> {
  const { code, stdout } = await transport.run(inspect(environment));
  if (code !== 0) return { state: 'missing', why: undefined, log: undefined };
  if (stdout.trim() !== 'running') return { state: 'stopped', why: stdout.trim(), log: undefined };
  const [healthy, list] = await Promise.all([
    transport.run(askReceived(environment, 'healthy')),
    transport.run(askReceived(environment, 'list')),
  ]);
  return {
    state: healthy.code === 0 ? 'fetches' : 'tries',
    why: healthy.code === 0 ? undefined : healthy.stdout.trim() || 'it has just begun',
    log: list.code === 0 ? parseReceived(list.stdout) : undefined,
  };
}

/** Reads what `list` printed; a line of another form is none of it. */
export const parseReceived = (text: string): readonly ReceivedFile[] =>
  text.split('\n').flatMap((line) => {
    const [, path = '', bytes, at = ''] =
      /^(\d+-\d{8}T\d{6}Z\/[0-9A-F]{24}(?:\.partial)?) (\d+) (\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z)$/.exec(
        line,
      ) ?? [];
    return path === ''
      ? []
      : [{ path, bytes: Number(bytes), at: new Date(at.replace(/(\.\d{3})\d+Z$/, '$1Z')) }];
  });
