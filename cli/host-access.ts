import { writeAtomically, tryReadFile } from '../foundation/files';
import type { SshHost } from '../deploy/ssh';
import { stackFolder } from '../infra/stack-folder';
import { readHostOutputs, type HostOutputs } from '../infra/terraform';
import type { Environment } from '../stacks/environment';
import { environmentFolder, outputFolder } from '../stacks/here';
import { join } from 'node:path';

/** The user that the bootstrap makes for deploys. */
const user = 'deploy';

export const hostKeyAlias = (environment: string): string => `cogni-${environment}`;
export const knownHostsFile = (environment: string): string =>
  join(environmentFolder(environment), 'known_hosts');

/** How the host of an environment is reached, when its address is known. */
export const sshHost = (environment: string, address: string): SshHost => ({
  environment,
  address,
  user,
  knownHosts: knownHostsFile(environment),
  hostKeyAlias: hostKeyAlias(environment),
});

/** What Terraform knows of an environment's host; undefined for a host that it did not make. */
export async function tryHostOutputs(environment: Environment): Promise<HostOutputs | undefined> {
  if (environment.host.kind === 'existing') return undefined;
  return readHostOutputs(environment.name, stackFolder(outputFolder(), environment.name));
}

/**
 * The host of an environment, found through its record or its state. A checkout that never met the host takes the pin
 * from the state.
 */
export async function findHost(environment: Environment): Promise<SshHost> {
  const outputs = await tryHostOutputs(environment);
  const address = environment.host.kind === 'existing' ? environment.host.address : (outputs?.address ?? '');
  const host = sshHost(environment.name, address);
  if (outputs?.hostKey !== undefined && tryReadFile(host.knownHosts) === undefined) {
    const lines = [
      `# From the state of ${environment.name}.`,
      `# machine ${outputs.serverId}`,
      `${host.hostKeyAlias} ${outputs.hostKey}`,
    ];
    writeAtomically(host.knownHosts, `${lines.join('\n')}\n`, 0o600);
  }
  return host;
}
