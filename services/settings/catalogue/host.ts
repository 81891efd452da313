import * as formats from '../formats';
import type { Setting } from '../setting';

/**
 * How workflows reach a host, which have neither its state nor the pin of whoever provisioned it. On one machine none of
 * it is set: address and host key come from the state there, so that a host which was replaced is not looked for where it was.
 */
export const hostSettings = {
  VM_HOST: {
    description: 'Address of the host: an output of its provisioning, or what its record says',
    kind: 'plain',
    required: { whenSet: ['VM_HOST_KEY'] },
    scope: 'environment-variable',
    format: formats.hostAddress,
    consumers: ['cli'],
  },
  VM_HOST_KEY: {
    description: 'Its SSH host key as it was pinned at provisioning: type and base64, as in known_hosts',
    kind: 'plain',
    required: { whenSet: ['VM_HOST'] },
    scope: 'environment-variable',
    format: formats.hostKey,
    consumers: ['cli'],
  },
  SSH_DEPLOY_KEY: {
    description: 'Private half of the deploy key, in a copy without a passphrase, which workflows alone have',
    kind: 'secret',
    required: false,
    scope: 'environment-secret',
    format: formats.privateKey,
    consumers: ['ssh-agent'],
  },
} as const satisfies Readonly<Record<string, Setting>>;
