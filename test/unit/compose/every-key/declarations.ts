import {
  Config,
  ConfigFolder,
  ExternalConfig,
  ExternalNetwork,
  ExternalSecret,
  ExternalVolume,
  ForeignFile,
  Model,
  Network,
  PlainReference,
  Secret,
  SecretReference,
  text,
  Volume,
  type Project,
} from '../../../../compose';
import { image } from '../example';

/** Whoever makes the files that no project of ours writes. */
export const person = 'a person';
export const domain = new PlainReference('DOMAIN', 'set it');

/** Everything but services, with every key that it has: networks, volumes, configs, secrets, models, and a folder of files. */
export function declareEveryKey(project: Project<'every-key'>) {
  const folder = new ConfigFolder(project, 'config', [
    { path: 'app.env', content: 'A=1\n' },
    { path: 'labels', content: 'dev.label=1\n' },
    { path: 'app.conf', content: 'x\n' },
    { path: 'Dockerfile', content: 'FROM scratch\n' },
  ]);
  const network = new Network(project, 'internal', {
    name: 'every_internal',
    driver: 'bridge',
    driverOptions: { 'com.docker.network.bridge.name': 'br-every' },
    internal: true,
    attachable: true,
    ipv4: true,
    ipv6: true,
    addressDriver: { name: 'default', options: { a: 'b' } },
    subnets: [
      {
        subnet: '172.28.0.0/16',
        range: '172.28.5.0/24',
        gateway: '172.28.5.254',
        reserved: { db: '172.28.1.5' },
      },
      { subnet: '2001:db8::/64' },
    ],
    labels: { 'dev.label': 'network' },
  });
  const edge = new ExternalNetwork(project, 'edge', { name: 'cogni-edge' });
  const data = new Volume(project, 'data', {
    name: 'every_data',
    driver: 'local',
    driverOptions: { type: 'nfs', device: ':/data' },
    labels: { 'dev.label': 'volume' },
  });
  const shared = new ExternalVolume(project, 'shared', { name: 'shared_data' });
  const inline = new Config(project, 'inline', {
    content: text`domain ${domain}\nprice $5\n`,
    name: 'every_inline',
    labels: { 'dev.label': 'config' },
    templateDriver: 'golang',
  });
  const filed = new Config(project, 'filed', { file: 'config/app.conf' });
  const fromVariable = new Config(project, 'variable', { environment: domain });
  const external = new ExternalConfig(project, 'external', { name: 'of-the-platform' });
  const token = new Secret(project, 'token', {
    environment: new SecretReference('TOKEN', 'set it'),
    name: 'every_token',
    labels: { 'dev.label': 'secret' },
    templateDriver: 'golang',
  });
  const kept = new Secret(project, 'kept', {
    file: new ForeignFile('secret.txt', person),
    driver: 'vault',
    driverOptions: { path: 'x' },
  });
  const externalSecret = new ExternalSecret(project, 'external-secret', { name: 'of-the-platform' });
  const model = new Model(project, 'smart', {
    model: image('registry.test/ai/smart'),
    name: 'every_smart',
    contextSize: 4096,
    runtimeFlags: ['--temp', '0'],
  });
  const plainModel = new Model(project, 'plain', { model: image('registry.test/ai/plain') });

  return {
    folder,
    network,
    edge,
    data,
    shared,
    configs: { inline, filed, fromVariable, external },
    secrets: { token, kept, externalSecret },
    models: { model, plainModel },
  };
}

export type EveryDeclaration = ReturnType<typeof declareEveryKey>;
