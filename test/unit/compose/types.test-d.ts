/**
 * What must not compile. The type checker reads this file with all others: an error that is expected and does not come
 * is an error. Nothing here is ever run.
 */
import {
  Bytes,
  ConfigFolder,
  ExternalNetwork,
  mountFolder,
  mountVolume,
  Network,
  OneShot,
  PlainReference,
  SecretReference,
  Service,
  text,
  Volume,
  whenCompleted,
  whenHealthy,
  type Image,
} from '../../../compose';
import { healthy, image, longRunning, newProject, plain } from './example';

const shop = newProject('shop');
const other = newProject('other');
const network = new Network(shop, 'internal');
const foreignNetwork = new Network(other, 'internal');
const foreignVolume = new Volume(other, 'data', { name: 'other_data' });
const foreignFolder = new ConfigFolder(other, 'config', []);
const checked = new Service(shop, 'checked', { ...longRunning, healthcheck: healthy() });
const unchecked = new Service(shop, 'unchecked', { ...longRunning });
const job = new OneShot(shop, 'job', { ...plain });
const foreign = new Service(other, 'foreign', { ...longRunning, healthcheck: healthy() });
const password = new SecretReference('PASSWORD', 'set it');
const domain = new PlainReference('DOMAIN', 'set it');

// What must compile: otherwise the errors below could come from anything.
new Service(shop, 'a', {
  ...longRunning,
  networks: [network, network.as('alias')],
  dependsOn: [whenHealthy(checked), whenCompleted(job)],
  environment: { PASSWORD: password, URL: text`https://${domain}` },
});
new Service(shop, 'b', {
  ...longRunning,
  networks: [new ExternalNetwork(shop, 'edge', { name: 'other_internal' })],
});
export const images: readonly Image[] = [image(), domain];

// @ts-expect-error a service without a healthcheck is never healthy
whenHealthy(unchecked);

type WaitsUntilHealthy<Target extends Parameters<typeof whenHealthy>[0]> = Target;
type WaitsUntilCompleted<Target extends Parameters<typeof whenCompleted>[0]> = Target;
export type Waits = [WaitsUntilHealthy<typeof checked>, WaitsUntilCompleted<typeof job>];
// @ts-expect-error a job has no healthcheck
export type JobIsNeverHealthy = WaitsUntilHealthy<typeof job>;
// @ts-expect-error a long-running service never completes
export type ServiceNeverCompletes = WaitsUntilCompleted<typeof checked>;

// @ts-expect-error a bare tag
export const tagged: Image = 'caddy:2';
// @ts-expect-error no tag at all
export const untagged: Image = 'caddy';
// @ts-expect-error a secret is no image
export const secretImage: Image = password;

// @ts-expect-error another project's network
new Service(shop, 'c', { ...longRunning, networks: [foreignNetwork] });
// @ts-expect-error another project's network under an alias
new Service(shop, 'd', { ...longRunning, networks: [foreignNetwork.as('alias')] });
// @ts-expect-error another project's volume
new Service(shop, 'e', { ...longRunning, mounts: [mountVolume(foreignVolume, '/data')] });
// @ts-expect-error another project's folder
new Service(shop, 'f', { ...longRunning, mounts: [mountFolder(foreignFolder, '/config')] });
// @ts-expect-error another project's service
new Service(shop, 'g', { ...longRunning, dependsOn: [whenHealthy(foreign)] });
// @ts-expect-error another project's service, for a job
new OneShot(shop, 'h', { ...plain, dependsOn: [whenHealthy(foreign)] });

// @ts-expect-error a secret in a text that may be seen
export const leak = text`postgresql://user:${password}@host/database`;
// @ts-expect-error a secret on a command line
new OneShot(shop, 'i', { ...plain, command: ['login', password] });
// @ts-expect-error a secret in a label
new OneShot(shop, 'j', { ...plain, labels: { password } });

// @ts-expect-error a misspelt key
new Service(shop, 'k', { ...longRunning, enviroment: {} });
// @ts-expect-error a number of what?
new Service(shop, 'l', { ...longRunning, memory: 256 });
// @ts-expect-error a duration of what?
new Service(shop, 'm', { ...longRunning, stopGrace: 30 });
// @ts-expect-error no memory limit
new Service(shop, 'n', { image: image(), networks: [], restart: 'always' });
// @ts-expect-error a job is not restarted
new OneShot(shop, 'o', { ...plain, restart: 'always' });
// @ts-expect-error a job publishes no ports
new OneShot(shop, 'p', { ...plain, ports: [] });
// @ts-expect-error sizes are made by name
new Bytes(256);
