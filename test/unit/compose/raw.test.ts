import { load } from 'js-yaml';
import {
  Build,
  Config,
  ConfigFolder,
  configHashLabel,
  ForeignFile,
  Model,
  mountFolder,
  mountHostDirectory,
  Network,
  PlainReference,
  Project,
  raw,
  reportOf,
  Secret,
  SecretReference,
  Service,
  synthesize,
  text,
  variables,
  Volume,
  type ConfigProps,
  type ServiceProps,
} from '../../../compose';
import { image, longRunning, newProject } from './example';

const entryOf = (project: Project, name = 'app'): Readonly<Record<string, unknown>> => {
  const document = load(synthesize(project)[0]?.content ?? '') as { services: Record<string, never> };
  return document.services[name]!;
};

describe('raw entries', () => {
  it('come last: mappings are merged, lists and values replaced, and a $ stays literal', () => {
    const project = newProject('shop');
    new Service(project, 'app', {
      ...longRunning,
      labels: { a: '1', b: '2' },
      command: ['one', 'two'],
      raw: raw({ labels: { b: '$3', c: '4' }, command: ['three'], isolation: 'default' }, 'a test'),
    });
    expect(entryOf(project)).toMatchObject({
      labels: { a: '1', b: '$$3', c: '4' },
      command: ['three'],
      isolation: 'default',
      mem_limit: '64m',
    });
  });

  it('are written as they stand, also where rules look at what they bring in from other files', () => {
    const project = newProject('shop');
    const base = new ForeignFile('base.yaml', 'a person', 'services: {base: {init: true}}\n');
    const extending = { extends: { file: 'base.yaml', service: 'base' } };
    new Service(project, 'app', { ...longRunning, raw: raw(extending, 'a test', [base]) });
    const entry = entryOf(project);
    expect(entry).toMatchObject(extending);
    expect(entry).not.toHaveProperty('init');
  });

  it('take references, which are then among the variables', () => {
    const project = newProject('shop');
    const domain = new PlainReference('DOMAIN', 'set it');
    new Service(project, 'app', { ...longRunning, raw: raw({ domainname: domain }, 'a test') });
    expect(entryOf(project)['domainname']).toBe('${DOMAIN:?set it}');
    expect(variables(project).get('app')).toMatchObject([{ variable: 'DOMAIN' }]);
  });

  it('reach the project, its parts, builds and deployments, and the report lists each with its reason', () => {
    const { logging } = newProject('x');
    const project = new Project(undefined, 'shop', {
      generatedBy: 'x',
      logging,
      raw: raw({ 'x-note': 'n' }, 'for the reader'),
    });
    const noted = (why: string) => ({ raw: raw({ 'x-a': 1 }, why) });
    const network = new Network(project, 'internal', noted('why a'));
    new Volume(project, 'data', { name: 'shop_data', ...noted('why e') });
    new Config(project, 'config', { content: 'x', ...noted('why f') });
    new Secret(project, 'secret', { file: '/run/secret', ...noted('why g') });
    new Model(project, 'model', { model: image(), ...noted('why h') });
    new Service(project, 'app', {
      ...longRunning,
      networks: [network],
      image: new Build({
        context: new ForeignFile('src', 'git'),
        raw: raw({ isolation: 'default' }, 'why b'),
      }),
      deployment: { raw: raw({ 'x-c': 1 }, 'why c') },
      raw: raw({ links: ['app'] }, 'why d'),
    });
    expect(reportOf(project)).toEqual({
      raw: [
        { path: 'shop', keys: ['x-note'], reason: 'for the reader' },
        { path: 'shop/services/app', keys: ['links'], reason: 'why d' },
        { path: 'shop/services/app', keys: ['build/isolation'], reason: 'why b' },
        { path: 'shop/services/app', keys: ['deploy/x-c'], reason: 'why c' },
        { path: 'shop/networks/internal', keys: ['x-a'], reason: 'why a' },
        { path: 'shop/volumes/data', keys: ['x-a'], reason: 'why e' },
        { path: 'shop/configs/config', keys: ['x-a'], reason: 'why f' },
        { path: 'shop/secrets/secret', keys: ['x-a'], reason: 'why g' },
        { path: 'shop/models/model', keys: ['x-a'], reason: 'why h' },
      ],
      allowed: [],
      foreignFiles: [{ path: 'shop/services/app', file: 'src', writer: 'git' }],
      configHashes: {},
    });
  });
});

describe('the hash of a service’s configuration', () => {
  const hashOf = (content: string, props: Partial<ServiceProps<string, undefined>> = {}, seed = false) => {
    const project: Project = newProject('shop');
    const folder = new ConfigFolder(project, 'config', [
      { path: 'a.conf', content },
      { path: 'state', content: seed ? 'other' : 'first', seed: true },
    ]);
    const app = new Service(project, 'app', {
      ...longRunning,
      mounts: [mountFolder(folder, '/c')],
      ...props,
    });
    new Service(project, 'other', { ...longRunning, dependsOn: [] });
    const labels = (entryOf(project)['labels'] ?? {}) as Readonly<Record<string, string>>;
    const hash = labels[configHashLabel];
    expect(reportOf(project).configHashes).toEqual(hash === undefined ? {} : { [app.node.path]: hash });
    expect(entryOf(project, 'other')).not.toHaveProperty('labels');
    return hash;
  };

  it('is a label that changes with the content of a mounted file, and with nothing else', () => {
    expect(hashOf('x')).toMatch(/^[0-9a-f]{64}$/);
    expect(hashOf('x')).toBe(hashOf('x'));
    expect(hashOf('x')).not.toBe(hashOf('y'));
    expect(hashOf('x')).toBe(hashOf('x', { labels: { a: 'b' }, user: '1:1' }));
  });

  it('changes with the permission bits of a mounted file', () => {
    const withMode = (mode?: number): unknown => {
      const project = newProject('shop');
      const file = { path: 'run.sh', content: '', ...(mode === undefined ? {} : { mode }) };
      const folder = new ConfigFolder(project, 'config', [file]);
      new Service(project, 'app', { ...longRunning, mounts: [mountFolder(folder, '/c')] });
      return (entryOf(project)['labels'] as Readonly<Record<string, unknown>>)[configHashLabel];
    };
    expect(withMode(0o755)).not.toBe(withMode());
    expect(withMode(0o644)).toBe(withMode());
  });

  it('leaves out what is only a first content', () => {
    expect(hashOf('x', {}, true)).toBe(hashOf('x', {}, false));
  });

  it('is not there for a service that no configuration is to recreate', () => {
    expect(hashOf('x', { recreateOnConfigChange: false })).toBeUndefined();
  });

  it('counts files that come in one by one: configs, secrets, environment files and single mounts', () => {
    const hash = (content: string): unknown => {
      const project = newProject('shop');
      const names = ['config', 'secret', 'env', 'mount'];
      new ConfigFolder(
        project,
        'files',
        names.map((path) => ({ path, content: path === content ? 'changed' : '' })),
      );
      const config = new Config(project, 'config', { file: 'files/config' });
      const secret = new Secret(project, 'secret', { file: 'files/secret' });
      new Service(project, 'app', {
        ...longRunning,
        configs: [config],
        secrets: [secret.at('/s')],
        environmentFiles: ['files/env'],
        mounts: [mountHostDirectory('files/mount', '/mount')],
      });
      return (entryOf(project)['labels'] as Readonly<Record<string, unknown>>)[configHashLabel];
    };
    const hashes = ['none', 'config', 'secret', 'env', 'mount'].map(hash);
    expect(new Set(hashes).size).toBe(5);
  });
});

describe('the hash of what a service has in Compose’s own words', () => {
  type Props = Partial<ServiceProps<string, undefined>>;
  /** The label of a service that was made with these properties, where the file of the project holds this. */
  const labelOf = (content: string, props: (project: Project) => Props): unknown => {
    const project: Project = newProject('shop');
    new ConfigFolder(project, 'config', [{ path: 'deep/a.conf', content }]);
    new Service(project, 'app', { ...longRunning, ...props(project) });
    const { labels } = entryOf(project);
    if (!Array.isArray(labels))
      return (labels as Readonly<Record<string, unknown>> | undefined)?.[configHashLabel];
    const [found] = labels.filter((label: string) => label.startsWith(`${configHashLabel}=`));
    return (found as string | undefined)?.slice(configHashLabel.length + 1);
  };
  const withRaw = (entries: Parameters<typeof raw>[0]) => (): Props => ({ raw: raw(entries, 'a test') });

  it.each([
    ['the folder', { volumes: ['./config:/c:ro'] }],
    ['a folder in it', { volumes: ['./config/deep/:/c:ro'] }],
    ['a file', { volumes: [{ type: 'bind', source: 'config/deep/a.conf', target: '/c', read_only: true }] }],
    ['an environment file', { env_file: './config/deep/a.conf' }],
    ['an environment file in the long form', { env_file: [{ path: 'config/deep/a.conf', format: 'raw' }] }],
    ['a file of labels', { label_file: ['config/deep/a.conf'] }],
  ])('counts %s of the project', (_what, entries) => {
    const [one, other] = ['x', 'y'].map((content) => labelOf(content, withRaw(entries)));
    expect(one).toMatch(/^[0-9a-f]{64}$/);
    expect(other).not.toBe(one);
  });

  it('is a label too where the raw entries have their labels as a list, or have none', () => {
    const volumes = ['./config:/c:ro'];
    const label = labelOf('x', withRaw({ volumes }));
    expect(label).toMatch(/^[0-9a-f]{64}$/);
    expect(labelOf('x', withRaw({ volumes, labels: ['a=b'] }))).toBe(label);
    expect(labelOf('x', withRaw({ volumes, labels: { a: 'b' } }))).toBe(label);
  });

  it('leaves out what the raw entries replace', () => {
    const mounting = (project: Project): Props => ({
      mounts: [mountFolder(project.folders[0]!, '/c')],
      raw: raw({ volumes: [{ type: 'tmpfs', target: '/c', tmpfs: { size: 1_000_000 } }] }, 'a test'),
    });
    expect(labelOf('x', mounting)).toBeUndefined();
  });

  it('changes with the content of a config that stands in the compose file, and with the variable in it', () => {
    const inline =
      (content: ConfigProps['content'], own?: string) =>
      (project: Project): Props => {
        const config = new Config(project, 'inline', { content: content ?? '' });
        const other = new Config(project, 'other', { content: 'other' });
        return {
          configs: [config.at('/inline'), other],
          mounts: [mountFolder(project.folders[0]!, '/c')],
          ...(own === undefined ? {} : { raw: raw({ configs: [own] }, 'a test') }),
        };
      };
    const domain = new PlainReference('DOMAIN', 'set it');
    const labels = [
      ...['one', 'two', domain, text`${domain}!`].map((content) => labelOf('x', inline(content))),
      labelOf('x', inline('one', 'other')),
    ];
    expect(new Set(labels).size).toBe(5);
    expect(labelOf('x', inline('two', 'other'))).toBe(labels[4]);
  });
});

describe('variables that configs and secrets read', () => {
  it('belong to the services that the configs and secrets are granted to', () => {
    const project = newProject('shop');
    const token = new Secret(project, 'token', { environment: new SecretReference('TOKEN', 'set it') });
    const domain = new Config(project, 'domain', { content: new PlainReference('DOMAIN', 'set it') });
    new Service(project, 'app', { ...longRunning, secrets: [token], configs: [domain.at('/d')] });
    new Service(project, 'other', longRunning);
    expect(variables(project).get('app')).toMatchObject([
      { variable: 'DOMAIN', sensitive: false, required: true },
      { variable: 'TOKEN', sensitive: true, required: true },
    ]);
    expect(variables(project).get('other')).toEqual([]);
    expect(synthesize(project)[0]?.content).toContain('environment: TOKEN\n');
  });
});
