import { join } from 'node:path';
import { tryReadFile } from '../../foundation/files';
import { credentialsOf } from '../backend-credentials';

/** Kind of the backend of a synthesized stack; undefined where it names none. */
export function backendOf(folder: string): string | undefined {
  const text = tryReadFile(join(folder, 'cdk.tf.json')) ?? tryReadFile(join(folder, 'main.tf.json'));
  if (text === undefined) return undefined;
  const { terraform } = JSON.parse(text) as { terraform?: { backend?: object } };
  return Object.keys(terraform?.backend ?? {})[0];
}

/** Which credentials to look at when Terraform fails in a stack for a reason that is not known here. */
export function credentialsHint(folder: string): string {
  const kind = backendOf(folder) ?? 'local';
  const variables =
    kind === 'local' ? undefined : Object.entries(credentialsOf).find(([key]) => key === kind)?.[1];
  return variables === undefined
    ? 'read what it says above; is the token of Cherry set?'
    : `read what it says above; are the credentials of the state's backend (${variables}) and of Cherry set?`;
}
