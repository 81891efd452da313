import { connect } from '../deploy/ssh';
import type { Transport } from '../deploy/transport';
import type { Environment } from '../stacks/environment';
import { findEnvironment } from '../stacks/here';
import { findHost } from './host-access';

/** Opens the one connection to the host of an environment, hands it to `use`, and closes it whatever happens. */
export async function onHost<T>(
  name: string,
  use: (transport: Transport, environment: Environment) => Promise<T>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<T> {
  const environment = findEnvironment(name);
  const transport = await connect(await findHost(environment), options);
  try {
    return await use(transport, environment);
  } finally {
    await transport.close();
  }
}
