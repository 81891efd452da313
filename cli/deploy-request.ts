import type { DeployRequest } from '../deploy';
import { readSettings } from '../services';
import { environments } from '../stacks/environments';
import { findEnvironment } from '../stacks/here';
import { imageLockOf } from '../stacks/image-lock';
import { runtimePropsOf, settingsNeededFor } from '../stacks/runtime';
import { requireReleaseFit } from '../stacks/whole-host';
import { checkoutState } from './checkout-state';
import { checkout as folder } from './context';
import { findHost } from './host-access';
import { operator } from './operator';
import { signingKeysOf } from './signing-keys';
import { settingsSource } from './settings-source';

/**
 * Everything that a deploy of an environment needs to know, gathered from its record, the state, the settings and this
 * machine. Settings are checked first: nothing else is asked while they are incomplete.
 */
export const deployRequest = async (
  name: string,
  tag: string,
  settingsFile: string | undefined,
): Promise<DeployRequest> => ({ ...(await releaseRequest(name, settingsFile)), tag });

/** The same but for what is to be deployed. */
export async function releaseRequest(
  name: string,
  settingsFile: string | undefined,
): Promise<Omit<DeployRequest, 'tag'>> {
  const environment = findEnvironment(name);
  const { domain, imageTagPrefix, imageRepository } = environment;
  const settings = { ...settingsSource(name, settingsFile), DOMAIN: domain };
  readSettings(settings, 'deploy', settingsNeededFor(environment));
  const runtime = runtimePropsOf(environment, imageLockOf(environment));
  const notes = requireReleaseFit(environment, runtime, environments);
  const checkout = await checkoutState(folder);
  const host = await findHost(environment);
  const extraCa = process.env['COGNI_CA'];
  const dnsServer = process.env['COGNI_DNS'];
  return {
    environment: name,
    domain,
    tagPrefix: imageTagPrefix,
    host,
    // DNS leads to the living host, whose answer says nothing of this one.
    ...(environment.rehearses === undefined ? {} : { siteAddress: host.address }),
    repository: imageRepository,
    runtime,
    settings,
    ...(settingsFile === undefined ? {} : { settingsFile }),
    ...(environment.sandbox ? {} : { signingKeys: signingKeysOf(name, environment.signing?.keyFiles ?? []) }),
    ...(environment.migrationsFolder ? { migrationsFolder: environment.migrationsFolder } : {}),
    by: operator(),
    ...(notes.length === 0 ? {} : { notes }),
    ...(checkout ? { checkout } : {}),
    ...(extraCa ? { extraCa } : {}),
    ...(dnsServer ? { dnsServer } : {}),
  };
}
