/**
 * What must not compile. The type checker reads this file with all others: an error that is expected and does not come
 * is an error. Nothing here is ever run.
 */
import {
  Build,
  Bytes,
  Config,
  ConfigFolder,
  Duration,
  ExternalNetwork,
  ForeignFile,
  Healthcheck,
  ImageReference,
  mountFolder,
  mountVolume,
  Model,
  Network,
  OneShot,
  PassThrough,
  PlainReference,
  Port,
  Profile,
  raw,
  Secret,
  SecretReference,
  Service,
  text,
  Volume,
  whenCompleted,
  whenHealthy,
  type Allowance,
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
const imageVariable = new ImageReference('APP_IMAGE', 'set it');
export const images: readonly Image[] = [image(), imageVariable];
new OneShot(shop, 'rare', { ...plain, image: imageVariable, profiles: [new Profile(shop, 'rarely')] });

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
// @ts-expect-error a variable that is not declared to hold an image
export const anything: Image = domain;
// @ts-expect-error the same where a service is made
new OneShot(shop, 'gg', { ...plain, image: new PlainReference('ANYTHING', 'set it') });
// @ts-expect-error a profile that nobody declared, misspelt or not
new OneShot(shop, 'hh', { ...plain, profiles: ['bootsrap'] });
// @ts-expect-error another project's profile
new OneShot(shop, 'ii', { ...plain, profiles: [new Profile(other, 'bootstrap')] });
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

raw({ labels: { domain, note: 'x' }, ports: [{ target: 80 }] }, 'what raw takes');
// @ts-expect-error a secret in raw entries
raw({ environment: password }, 'a test');
// @ts-expect-error the same in a list
raw({ command: ['login', password] }, 'a test');
// @ts-expect-error the same further down
raw({ labels: { t: password } }, 'a test');

// @ts-expect-error a Dockerfile from two places
new Build({ context: 'https://git.test/a.git', dockerfile: 'D', dockerfileContent: 'FROM scratch' });
new OneShot(shop, 'devices', { ...plain, gpus: [{ capabilities: ['gpu'], count: 1 }] });
// @ts-expect-error so many devices, and these
new OneShot(shop, 'both', { ...plain, gpus: [{ capabilities: ['gpu'], count: 1, ids: ['0'] }] });
// @ts-expect-error a model by a tag
new Model(shop, 'tagged', { model: 'ai/x:latest' });

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

const disabled = new Service(shop, 'disabled', { ...longRunning, healthcheck: 'disabled' });
// @ts-expect-error a service whose healthcheck is switched off is never healthy
whenHealthy(disabled);

// A secret and text: the one way is a service's environment, or a Secret.
export const token = new Secret(shop, 'token', { environment: password });
// @ts-expect-error a secret in a template: to the compiler it is a symbol, which no template takes
export type Template = `postgresql://user:${SecretReference}@host`;
// @ts-expect-error a secret's value in a template
// eslint-disable-next-line cogni/no-text-of-references
export const template = `postgresql://user:${password}@host`;
// @ts-expect-error a secret made text by its own method
// eslint-disable-next-line cogni/no-text-of-references
export const shown: string = password.toString();
// @ts-expect-error a secret among the strings of a list
export const words: readonly string[] = ['login', password];
// @ts-expect-error a secret added to a string
// eslint-disable-next-line cogni/no-text-of-references
export const sum = 'password=' + password;
// @ts-expect-error a secret made a string by the language's own function
// eslint-disable-next-line cogni/no-text-of-references -- as above, found by the lint as well
export const made: string = String(password);
declare const maybe: string | SecretReference;
// @ts-expect-error what may be a secret
// eslint-disable-next-line cogni/no-text-of-references
export const perhaps: string = String(maybe);
// Everything else becomes text as ever.
declare const others: {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a program gets from elsewhere
  readonly any: any;
  readonly unknown: unknown;
  readonly never: never;
  readonly secret: Secret;
};
export const texts: readonly string[] = [
  String(5),
  String(others.any),
  String(others.unknown),
  String(others.never),
  String(others.secret),
  ...[1, 2].map(String),
];
export const textOfBoth = <Given>(one: Given, other: Given): string => `${String(one)} ${String(other)}`;

// What takes anything at all compiles; the lint finds it, and fails where a line below is none of its findings.
// eslint-disable-next-line cogni/no-text-of-references
export const joined = ['login', password].join(' ');
// eslint-disable-next-line cogni/no-text-of-references
export const mappedToText = [password].map(String);
// eslint-disable-next-line cogni/no-text-of-references
export const unused = [String(password)];
// eslint-disable-next-line cogni/no-text-of-references
export const ofReference = String(domain);
// eslint-disable-next-line cogni/no-text-of-references
export const inTemplate = `https://${domain}`;
// eslint-disable-next-line cogni/no-text-of-references, @typescript-eslint/restrict-plus-operands
export const added = 'https://' + domain;
// eslint-disable-next-line cogni/no-text-of-references
export const called: string = domain.toString();

// @ts-expect-error a secret where a string is wanted
export const asString: string = password;
// @ts-expect-error a secret as the content of a config
new Config(shop, 'q', { content: password });
// @ts-expect-error a secret as a build argument: it would stay in the image
new Build({ context: new ForeignFile('.', 'a person'), arguments: { TOKEN: password } });
// @ts-expect-error a secret's value written out
new Secret(shop, 'r', { content: 'hunter2' });
// @ts-expect-error a plain reference for a secret: it would be shown
new Secret(shop, 's', { environment: domain });
// @ts-expect-error a secret in a healthcheck's command
new Healthcheck(['curl', password], healthy().props);

// Handles of another project, one kind after the other.
const foreignGrant = new Secret(other, 'token', { environment: password }).at('/token');
// @ts-expect-error another project's config
new Service(shop, 't', { ...longRunning, configs: [new Config(other, 'config', { content: 'x' })] });
// @ts-expect-error another project's secret at a place of its own
new Service(shop, 'u', { ...longRunning, secrets: [foreignGrant] });
// @ts-expect-error another project's model
new Service(shop, 'v', { ...longRunning, models: [new Model(other, 'model', { model: image() })] });
// @ts-expect-error another project's network with an address
new Service(shop, 'w', { ...longRunning, networks: [foreignNetwork.attach({ ipv4: '10.0.0.1' })] });
// @ts-expect-error another project's service as a network
new Service(shop, 'x', { ...longRunning, networks: foreign });
// @ts-expect-error another project's processes
new Service(shop, 'y', { ...longRunning, processes: foreign });
// @ts-expect-error a build from another project's folder
new Service(shop, 'z', { ...longRunning, image: new Build({ context: foreignFolder }) });
// @ts-expect-error another project's memory
new Service(shop, 'ab', { ...longRunning, ipc: foreign });
const source = new ForeignFile('.', 'a person');
// @ts-expect-error a build with another project's secret
new Service(shop, 'ac', { ...longRunning, image: new Build({ context: source, secrets: [foreignGrant] }) });
const beside = { context: source, contexts: { foreignFolder } };
// @ts-expect-error a build with another project's folder beside its own
new Service(shop, 'ad', { ...longRunning, image: new Build(beside) });
// @ts-expect-error a build that begins with another project's image
new Service(shop, 'ae', { ...longRunning, image: new Build({ context: source, contexts: { foreign } }) });
// @ts-expect-error a secret among the configs
new Service(shop, 'aa', { ...longRunning, configs: [token] });
// @ts-expect-error a foreign network without `external`
new Service(shop, 'bb', { ...longRunning, networks: ['other_internal'] });

// Units.
// @ts-expect-error a healthcheck's interval of what?
new Healthcheck(['true'], { ...healthy().props, interval: 5 });
// @ts-expect-error a port as text
new Service(shop, 'cc', { ...longRunning, ports: ['80:80'] });
// @ts-expect-error a port as a number
new Service(shop, 'dd', { ...longRunning, ports: [80] });
new Service(shop, 'de', { ...longRunning, exposes: [80, '53/udp', '8000-8010', '8000-8010/tcp'] });
// @ts-expect-error a port of no protocol
new Service(shop, 'df', { ...longRunning, exposes: ['80/http'] });
// @ts-expect-error a container's port is needed where the host's is not one number
export const port: Port = new Port({ host: 'any' });
// @ts-expect-error durations are made by name
new Duration(5);
// @ts-expect-error an amount of memory as text
new Service(shop, 'ee', { ...longRunning, memoryReservation: '64m' });
// @ts-expect-error a deployment's delay of what?
new Service(shop, 'fa', { ...longRunning, deployment: { update: { delay: 5 } } });
// @ts-expect-error the same between two starts
new Service(shop, 'fb', { ...longRunning, deployment: { restart: { delay: 5 } } });
// @ts-expect-error a condition of services alone
new Service(shop, 'fc', { ...longRunning, deployment: { restart: { condition: 'always' } } });
// @ts-expect-error a rate of what?
new Service(shop, 'fd', { ...longRunning, blockIo: { readRate: { '/dev/sda': 1024 } } });
// @ts-expect-error a number of operations as an amount
new Service(shop, 'fe', { ...longRunning, blockIo: { readOperations: { '/dev/sda': Bytes.of(1) } } });
// @ts-expect-error a quota of what?
new Service(shop, 'ff', { ...longRunning, cpuQuota: { quota: 5, period: Duration.milliseconds(100) } });
// @ts-expect-error a quota of which period?
new Service(shop, 'fg', { ...longRunning, cpuQuota: { quota: Duration.milliseconds(50) } });
// @ts-expect-error a built image needs a tag beside its name
new Build({ context: new ForeignFile('.', 'a person'), tag: 'app' });
// @ts-expect-error a file that is watched and run without a command
new Service(shop, 'ff', { ...longRunning, watches: [{ path: '.', action: 'sync+exec', target: '/' }] });
// @ts-expect-error a power that there is not
export const power: Allowance = { service: 'a', power: 'everything', reason: 'x' };

// A setting that is handed on, and may be a secret: its value is not here, and goes nowhere but into the environment.
const handedOn = new PassThrough('TOKEN', true);
new Service(shop, 'gg', { ...longRunning, environment: { TOKEN: handedOn } });
// @ts-expect-error what is handed on in a text with references
export const textOfHandedOn = text`token ${handedOn}`;
// @ts-expect-error what is handed on in a command, which everybody on the host may read
new Service(shop, 'hh', { ...longRunning, command: ['serve', handedOn] });
// @ts-expect-error what is handed on in a label
new Service(shop, 'ii', { ...longRunning, labels: { token: handedOn } });
// @ts-expect-error what is handed on in a file
new Config(shop, 'jj', { content: handedOn });
// eslint-disable-next-line cogni/no-text-of-references
export const templateOfHandedOn = `${handedOn}`;
