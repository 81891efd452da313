import { checkHost } from '../deploy/host/check';
import { stackFolder } from '../infra/stack-folder';
import { stateServer } from '../infra/state-server';
import { lookAtIdentity, type IdentityReport } from '../recovery/identity/look';
import { findEnvironment, outputFolder } from '../stacks/here';
import { cherryApiHere } from './cherry-account';
import { findHost, sshHost } from './host-access';

/** `cogni host check`: the three sources as they can be read from this checkout. */
export function identityHere(name: string): Promise<IdentityReport> {
  const environment = findEnvironment(name);
  const { host } = environment;
  return lookAtIdentity({
    environment: name,
    hostName: host.name,
    provisioned: host.kind !== 'existing',
    state: () => stateServer({ folder: stackFolder(outputFolder(), name) }),
    servers: async () => (host.kind === 'existing' ? [] : cherryApiHere(undefined).servers(host.projectId)),
    // This also takes the pin from the state, where this checkout never met the host.
    address: async () => (await findHost(environment)).address || undefined,
    look: (address) => checkHost({ host: sshHost(name, address) }),
  });
}
