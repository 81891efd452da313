import { join, resolve } from 'node:path';
import { stateKey } from '../infra/backend';
import { checkout } from '../infra/checkout';
import { addressStackId } from '../infra/stack-folder';
import type { EnvironmentRecord } from '../stacks/environment';
import { environmentFolder } from '../stacks/here';
import { knownHostsFile } from './host-access';

/** A file of an environment that lies beside the checkout alone, and is gone with this machine. */
export interface LocalFile {
  /** In an export. */
  readonly name: string;
  readonly path: string;
  /** Whether an import may put an older one in its place, when a person says so. A state only ever goes forward. */
  readonly replaceable: boolean;
}

/** Where an import puts the deploy key: an export has it from where its owner keeps it. */
export const deployKeyName = 'deploy_key';

/**
 * Every such file. The enrollment token is none of them: no two servers may ever get the same one, and the next one that is
 * made does as well. Kept plans are none either: they are made again.
 */
export function localFiles({
  name,
  host,
  state,
}: Pick<EnvironmentRecord, 'name' | 'host' | 'state'>): readonly LocalFile[] {
  const folder = environmentFolder(name);
  const stacks =
    host.kind === 'existing' ? [] : [name, ...(host.floatingAddress ? [addressStackId(name)] : [])];
  const states = state.kind === 'local' ? stacks.map(stateKey) : [];
  const stateFolder = state.kind === 'local' ? resolve(checkout, state.folder) : '';
  return [
    { name: 'known_hosts', path: knownHostsFile(name), replaceable: true },
    ...['plan-signing.pem', 'plan-identity.txt', deployKeyName].map((each) => ({
      name: each,
      path: join(folder, each),
      replaceable: true,
    })),
    ...states.map((each) => ({ name: each, path: join(stateFolder, each), replaceable: false })),
  ];
}
