import { findContainer, readServices } from './services-on-host';
import type { AttachedCode } from './attach';
import type { Transport } from './transport';

export interface ExecRequest {
  readonly environment: string;
  readonly service: string;
  /** Program and arguments, in the container; no shell comes in between. */
  readonly argv: readonly [string, ...string[]];
  /** Whether a person is at a terminal here: the program then gets one too. */
  readonly terminal: boolean;
}

/** How Docker is asked for it. */
export const execArguments = (
  { argv, terminal }: Pick<ExecRequest, 'argv' | 'terminal'>,
  container: string,
): readonly [string, ...string[]] => [
  'docker',
  'exec',
  '--interactive',
  ...(terminal ? ['--tty'] : []),
  container,
  ...argv,
];

/**
 * Runs a program in the container of a service, with our standard input, output and error.
 *
 * @returns its exit code; Docker's own are 125 (Docker failed), 126 (cannot be run) and 127 (not found)
 * @throws Failure for a service that is not there, and ConnectionLost
 */
export async function execInService(transport: Transport, request: ExecRequest): Promise<AttachedCode> {
  const services = await readServices(transport, request.environment);
  const { name } = findContainer(services, request.service, request.environment);
  return transport.attach(
    { argv: execArguments(request, name), terminal: request.terminal },
    { stdin: 'ours' },
  );
}
