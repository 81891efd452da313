import { enrollmentOf } from '../bootstrap';
import type { SshHost } from '../deploy/ssh';
import { Secret } from '../foundation/secret';
import { findEnvironment } from '../stacks/here';
import { forgetEnrollment, keptToken } from './enrollment';
import { sshHost, tryHostOutputs } from './host-access';

export interface BootstrapTarget {
  readonly props: { readonly host: SshHost; readonly machine?: string; readonly token?: Secret };
  /** The token has done its work: the next server gets another. */
  readonly passed: () => void;
}

/**
 * The machine whose bootstrap is meant. Terraform's gate names address and machine, since the state is not written while
 * it runs, and hands over the user-data that this very server got (`COGNI_USER_DATA`, base64): the token in it decides.
 */
export async function bootstrapTarget(
  name: string,
  given: { address?: string; machine?: string },
): Promise<BootstrapTarget> {
  const outputs = given.address === undefined ? await tryHostOutputs(findEnvironment(name)) : undefined;
  const machine = given.machine ?? outputs?.serverId.toString();
  const token = deliveredToken() ?? keptToken(name);
  return {
    props: {
      host: sshHost(name, given.address ?? outputs?.address ?? existingAddress(name)),
      ...(machine === undefined ? {} : { machine }),
      ...(token === undefined ? {} : { token }),
    },
    passed: () => forgetEnrollment(name),
  };
}

function existingAddress(name: string): string {
  const { host } = findEnvironment(name);
  return host.kind === 'existing' ? host.address : '';
}

function deliveredToken(): Secret | undefined {
  const userData = process.env['COGNI_USER_DATA'];
  const token = userData ? enrollmentOf(Buffer.from(userData, 'base64').toString()) : undefined;
  return token === undefined ? undefined : Secret.of('enrollment token', token);
}
