import { whileInputIsOpen } from './attach';
import { findContainer, readServices } from './services-on-host';
import type { Container } from './status/containers';
import type { Transport } from './transport';

export interface LogsRequest {
  readonly environment: string;
  /** @default - all that are there */
  readonly service?: string;
  /** Goes on until `signal` is aborted. @default false */
  readonly follow?: boolean;
  /** A time before now (`10m`, `1h30m`) or a moment (RFC 3339), as docker logs takes them. */
  readonly since?: string;
  /** Lines from the end of each. */
  readonly tail?: string;
  readonly signal?: AbortSignal;
}

/** A line that a service wrote. */
export interface LogLine {
  readonly service: string;
  readonly container: string;
  readonly stream: 'stdout' | 'stderr';
  /** As Docker noted it, UTC. */
  readonly time: string;
  readonly text: string;
}

/** How Docker is asked for one container's log. */
export const logArguments = (
  { follow, since, tail }: Omit<LogsRequest, 'environment'>,
  container: string,
): readonly [string, ...string[]] => [
  'docker',
  'logs',
  '--timestamps',
  ...(follow ? ['--follow'] : []),
  ...(since === undefined ? [] : [`--since=${since}`]),
  ...(tail === undefined ? [] : [`--tail=${tail}`]),
  container,
];

/**
 * Hands over what services write, line by line, until all of it is there; with `follow`, until the signal is aborted or the
 * containers have ended. Nothing is left running on the host, however this process ends.
 *
 * @param redact takes secrets out of a line
 * @returns the containers whose logs could not be read to their end, with Docker's exit code
 * @throws Failure for a service that is not there, and when Docker does not answer
 */
export async function readLogs(
  transport: Transport,
  request: LogsRequest,
  redact: (text: string) => string,
  onLine: (line: LogLine) => void,
): Promise<readonly { readonly container: string; readonly code: number }[]> {
  const services = await readServices(transport, request.environment);
  const chosen =
    request.service === undefined
      ? services.containers
      : [findContainer(services, request.service, request.environment)];
  const ended = await Promise.all(
    chosen.map(async (container) => {
      const parts = { stdout: lines(), stderr: lines() };
      const emit = (stream: LogLine['stream'], texts: readonly string[]): void => {
        for (const text of texts) onLine(lineOf(container, stream, redact(text)));
      };
      const code = await transport.attach(
        { argv: whileInputIsOpen(...logArguments(request, container.name)) },
        {
          stdin: 'open',
          onOutput: (chunk, stream) => emit(stream, parts[stream].add(chunk)),
          ...(request.signal ? { signal: request.signal } : {}),
        },
      );
      for (const stream of ['stdout', 'stderr'] as const) emit(stream, parts[stream].rest());
      return { container: container.name, code };
    }),
  );
  return request.signal?.aborted ? [] : ended.filter(({ code }) => code !== 0);
}

/** Takes chunks apart at line breaks: a secret is found only in a whole line. */
function lines(): { add(chunk: string): string[]; rest(): string[] } {
  let kept = '';
  return {
    add: (chunk) => {
      const all = (kept + chunk).split('\n');
      kept = all.pop() ?? '';
      return all;
    },
    rest: () => (kept === '' ? [] : [kept]),
  };
}

function lineOf({ service, name }: Container, stream: LogLine['stream'], line: string): LogLine {
  const [, time = '', text = line] = /^(\d{4}-\d\d-\d\dT\S+Z) ?(.*)$/s.exec(line) ?? [];
  return { service, container: name, stream, time, text: text.replace(/\r$/, '') };
}
