import { Failure } from '../foundation/failure';
import { findContainer, readServices } from './services-on-host';
import { readSideBySide, sideBySide } from './side-by-side';
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
 * containers have ended. Nothing is left running on the host, however this process ends. However many containers there are,
 * it takes one session of the connection.
 *
 * @param redact takes secrets out of a line
 * @returns the containers whose logs could not be read to their end, with Docker's exit code
 * @throws Failure for a service that is not there, and when the host does not answer or cannot run what reads them
 */
export async function readLogs(
  transport: Transport,
  request: LogsRequest,
  redact: (text: string) => string,
  onLine: (line: LogLine) => void,
): Promise<readonly { readonly container: string; readonly code: number }[]> {
  const { environment, service, signal } = request;
  const services = await readServices(transport, environment);
  const chosen =
    service === undefined ? services.containers : [findContainer(services, service, environment)];
  const questions = chosen.map(({ name }) => logArguments(request, name));
  let fault = '';
  const { take, codes } = readSideBySide(({ program, stream, text }) => {
    const container = chosen[program];
    // A secret is found only in a whole line.
    if (container) onLine(lineOf(container, stream, redact(text)));
  });
  const code = await transport.attach(
    { argv: sideBySide(questions) },
    {
      stdin: 'open',
      onOutput: (chunk, stream) => (stream === 'stdout' ? take(chunk) : (fault += chunk)),
      ...(signal ? { signal } : {}),
    },
  );
  if (signal?.aborted) return [];
  if (codes.size < chosen.length) {
    throw new Failure({
      what: `the logs of ${transport.describe()} could not be read to their end: what reads them there ended with exit code ${code}`,
      state: 'nothing was changed',
      next: `./cogni host check ${environment}`,
      output: redact(fault.trim()),
    });
  }
  return chosen
    .map(({ name }, number) => ({ container: name, code: codes.get(number) ?? code }))
    .filter((ended) => ended.code !== 0);
}

function lineOf({ service, name }: Container, stream: LogLine['stream'], line: string): LogLine {
  const [, time = '', text = line] = /^(\d{4}-\d\d-\d\dT\S+Z) ?(.*)$/s.exec(line) ?? [];
  return { service, container: name, stream, time, text: text.replace(/\r$/, '') };
}
