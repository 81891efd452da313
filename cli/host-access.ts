import { Failure } from '../foundation/failure';
import { writeAtomically, tryReadFile } from '../foundation/files';
import { tryReadPins } from '../deploy/host/pins';
import type { SshHost } from '../deploy/ssh';
import { stackFolder } from '../infra/stack-folder';
import { readHostOutputs, type HostOutputs } from '../infra/terraform';
import { examine, faultText } from '../services';
import type { Environment, EnvironmentRecord } from '../stacks/environment';
import { environmentFolder, outputFolder } from '../stacks/here';
import { join } from 'node:path';

/** The user that the bootstrap makes for deploys. */
const user = 'deploy';

export const hostKeyAlias = (environment: string): string => `cogni-${environment}`;
export const knownHostsFile = (environment: string): string =>
  join(environmentFolder(environment), 'known_hosts');

/** Where a rebuild puts the keys of the host that it gives up. */
export const givenUpKeysFile = (environment: string, rebuild: string): string =>
  join(environmentFolder(environment), `known_hosts.given-up-${rebuild}`);

/** How the host of an environment is reached, when its address is known. */
export const sshHost = (environment: string, address: string): SshHost => ({
  environment,
  address,
  user,
  knownHosts: knownHostsFile(environment),
  hostKeyAlias: hostKeyAlias(environment),
});

/** What Terraform knows of an environment's host; undefined for a host that it did not make. */
export async function tryHostOutputs(
  environment: Pick<EnvironmentRecord, 'name' | 'host'>,
): Promise<HostOutputs | undefined> {
  if (environment.host.kind === 'existing') return undefined;
  return readHostOutputs(environment.name, stackFolder(outputFolder(), environment.name));
}

/** The key that is pinned here for the host of an environment, as known_hosts has it: one of several, since a workflow takes one. */
export function tryPinnedKey(environment: string): string | undefined {
  const { keys = [] } = tryReadPins(knownHostsFile(environment), hostKeyAlias(environment)) ?? {};
  const key = keys.find(({ type }) => type === 'ssh-ed25519') ?? keys[0];
  return key && `${key.type} ${key.base64}`;
}

/**
 * The host of an environment, found through the variables of a workflow, its record or its state. A checkout that never
 * met the host takes the pin from there too.
 *
 * @throws Failure when only one of the workflow's two variables is set, or either is malformed
 */
export async function findHost(environment: Environment): Promise<SshHost> {
  // The variables of a workflow name the living host, which a rehearsal must never take for its own.
  const given = environment.rehearses === undefined ? hostOfWorkflow() : undefined;
  if (given !== undefined) {
    const host = sshHost(environment.name, given.address);
    pinOnce(host, ['# From VM_HOST_KEY.', `${host.hostKeyAlias} ${given.hostKey}`]);
    return host;
  }
  const outputs = await tryHostOutputs(environment);
  const address = environment.host.kind === 'existing' ? environment.host.address : (outputs?.address ?? '');
  const host = sshHost(environment.name, address);
  if (outputs?.hostKey !== undefined) {
    pinOnce(host, [
      `# From the state of ${environment.name}.`,
      `# machine ${outputs.serverId}`,
      `${host.hostKeyAlias} ${outputs.hostKey}`,
    ]);
  }
  return host;
}

/** Address and host key that a workflow hands in, having no state; undefined where neither is set. */
function hostOfWorkflow(): { readonly address: string; readonly hostKey: string } | undefined {
  const source = { VM_HOST: process.env['VM_HOST'], VM_HOST_KEY: process.env['VM_HOST_KEY'] };
  const { VM_HOST: address, VM_HOST_KEY: hostKey } = source;
  if (!address && !hostKey) return undefined;
  const faults = examine(source, 'command').faults.filter(({ setting }) => setting in source);
  if (address && hostKey && faults.length === 0) return { address, hostKey };
  throw new Failure({
    what: 'the host cannot be found through VM_HOST and VM_HOST_KEY',
    faults: faults.map(faultText),
    next: 'set both as variables of the GitHub environment (./cogni settings sync <env>), or neither',
  });
}

/** A pin that is there is never replaced. */
function pinOnce({ knownHosts }: SshHost, lines: readonly string[]): void {
  if (tryReadFile(knownHosts) === undefined) writeAtomically(knownHosts, `${lines.join('\n')}\n`, 0o600);
}
