import { RootConstruct } from 'constructs';
import {
  Config,
  ConfigFolder,
  DefaultedReference,
  Duration,
  ExternalNetwork,
  ForeignFile,
  Model,
  mountFolder,
  mountVolume,
  Network,
  OneShot,
  PassThrough,
  PlainReference,
  Profile,
  Project,
  raw,
  Secret,
  Service,
  text,
  Volume,
  whenHealthy,
  whenStarted,
} from '../../../compose';
import { healthy, longRunning, plain } from './example';
import { one, untyped, type RuleCase } from './rule-case';

export const nameAndReferenceCases: readonly RuleCase[] = [
  {
    code: 'COMPOSE-101',
    title: 'a project name with capitals, and a volume name of one sign',
    build: () => {
      const project = untyped('Shop');
      const data = new Volume(project, 'data', { name: 'x' });
      const profiles = [new Profile(project, 'y'), new Profile(project, 'sound.1')];
      new Service(project, 'a b', { ...longRunning, profiles, mounts: [mountVolume(data, '/data')] });
      return [project];
    },
    faults: [
      ['Shop', /^the project name "Shop" does not match/],
      ['Shop/services/a b', /^the name "a b" does not match/],
      ['Shop/volumes/data', /^the volume name on the host "x" does not match/],
      ['Shop/profiles/y', /^the profile "y" does not match/],
    ],
  },
  {
    code: 'COMPOSE-101',
    title: 'empty names, and names that the tree of constructs would take for one',
    build: () => {
      const root = new RootConstruct();
      const { logging, generatedBy } = untyped();
      const project: Project = new Project(root, '', { logging, generatedBy });
      for (const name of ['', 'a/b', 'a\nb', 'a--b', 'a%2Fb', 'constructor', '%constructor'])
        new Network(project, name);
      return [project];
    },
    faults: [
      ['%empty', /^the project name "" does not match/],
      ['%empty/networks/%empty', /^the name "" does not match/],
      ['%empty/networks/a%2Fb', /^the name "a\/b" does not match/],
      ['%empty/networks/a%0Ab', /^the name "a\nb" does not match/],
      ['%empty/networks/a%252Fb', /^the name "a%2Fb" does not match/],
      ['%empty/networks/%25constructor', /^the name "%constructor" does not match/],
    ],
  },
  {
    code: 'COMPOSE-102',
    title: 'an environment name that no shell can read',
    build: one((project) => {
      new Service(project, 'app', { ...longRunning, environment: { 'MY-NAME': 'x', $A: 'x' } });
    }),
    faults: [
      ['shop/services/app', /"MY-NAME"/],
      ['shop/services/app', /"\$A"/],
    ],
  },
  {
    code: 'COMPOSE-103',
    title: 'references whose message ends too early, is empty, or nests another',
    build: one((project) => {
      const nested = text`a${new PlainReference('C', 'or ${D}')}`;
      new Service(project, 'app', {
        ...longRunning,
        environment: { A: new PlainReference('A', 'set {A}'), B: new PlainReference('1B', ''), C: nested },
      });
    }),
    faults: [
      ['shop/services/app', /^the message of A is "set \{A\}"/],
      ['shop/services/app', /^the variable name "1B" does not match/],
      ['shop/services/app', /^the message of 1B is ""/],
      ['shop/services/app', /^the message of C is "or \$\{D\}"/],
    ],
  },
  {
    code: 'COMPOSE-103',
    title: 'references of every section, and those of raw entries',
    build: one((project) => {
      const nested = (variable: string): DefaultedReference => new DefaultedReference(variable, '${B:-x}');
      new Network(project, 'net', { name: nested('NET') });
      new Volume(project, 'data', { name: nested('VOLUME') });
      new Config(project, 'config', { content: text`${new PlainReference('X Y', '')}` });
      new Secret(project, 'token', {
        file: new ForeignFile('token', 'a person'),
        labels: { a: nested('SECRET') },
      });
      new Model(project, 'model', { model: plain.image, name: nested('MODEL') });
      Object.assign(project, {
        raw: raw({ 'x-a': nested('RAW'), services: { ghost: { image: nested('GHOST') } } }, 'a test'),
      });
    }),
    faults: [
      ['shop', /^the fallback of GHOST/],
      ['shop/networks/net', /^the fallback of NET is "\$\{B:-x\}"/],
      ['shop/volumes/data', /^the fallback of VOLUME/],
      ['shop/configs/config', /^the variable name "X Y" does not match/],
      ['shop/configs/config', /^the message of X Y is ""/],
      ['shop/secrets/token', /^the fallback of SECRET/],
      ['shop/models/model', /^the fallback of MODEL/],
      ['shop', /^the fallback of RAW/],
    ],
  },
  {
    code: 'COMPOSE-109',
    title: 'one name twice, of every kind, beside whatever else is wrong',
    build: one((project) => {
      for (let count = 0; count < 2; count += 1) {
        new Service(project, 'app', longRunning);
        new Network(project, 'net');
        new ConfigFolder(project, 'folder', []);
        new Profile(project, 'profile');
      }
      new Service(project, 'net', longRunning);
      new Service(project, 'app', longRunning);
    }),
    faults: [
      ['shop/services/app%2', /^there is another service "app" in the project$/],
      ['shop/services/app%3', /^there is another service "app" in the project$/],
      ['shop/networks/net%2', /^there is another network "net" in the project$/],
      ['shop/folders/folder%2', /^there is another folder "folder" in the project$/],
      ['shop/profiles/profile%2', /^there is another profile "profile" in the project$/],
    ],
  },
  {
    code: 'COMPOSE-104',
    title: 'a pass-through under another name',
    build: one((project) => {
      const environment = { TOKEN: new PassThrough('TOKEN', true), OTHER: new PassThrough('TOKEN', true) };
      new Service(project, 'app', { ...longRunning, environment });
    }),
    faults: [['shop/services/app', /^the environment entry OTHER passes TOKEN through$/]],
  },
  {
    code: 'COMPOSE-201',
    title: 'handles of another project',
    build: () => {
      const mine = untyped();
      const theirs = untyped('other');
      const network = new Network(theirs, 'internal');
      const data = new Volume(theirs, 'data', { name: 'other_data' });
      const config = new ConfigFolder(theirs, 'config', []);
      const used = {
        networks: [network],
        mounts: [mountVolume(data, '/data'), mountFolder(config, '/config')],
      };
      const foreign = new Service(theirs, 'db', { ...longRunning, ...used, healthcheck: healthy() });
      new Service(mine, 'app', { ...longRunning, ...used, dependsOn: [whenHealthy(foreign)] });
      return [mine, theirs];
    },
    faults: ['network internal', 'volume data', 'folder config', 'service db'].map((what) => [
      'shop/services/app',
      new RegExp(`^the ${what} belongs to the project "other"$`),
    ]),
  },
  {
    code: 'COMPOSE-202',
    title: 'a network, a volume and a folder that nobody uses',
    build: one((project) => {
      new ExternalNetwork(project, 'edge', { name: 'edge' });
      new Volume(project, 'data', { name: 'shop_data' });
      new ConfigFolder(project, 'config', []);
      new Profile(project, 'never');
    }),
    faults: [
      ['shop/networks/edge', /no service uses it/],
      ['shop/volumes/data', /no service uses it/],
      ['shop/folders/config', /no service uses it/],
      ['shop/profiles/never', /no service uses it/],
    ],
  },
  {
    code: 'COMPOSE-203',
    title: 'waiting for a service that is only there with a profile',
    build: one((project) => {
      const [rarely, debug] = [new Profile(project, 'setup'), new Profile(project, 'debug')];
      const setup = new Service(project, 'setup', {
        ...longRunning,
        profiles: [rarely],
        healthcheck: healthy(),
      });
      new Service(project, 'always', { ...longRunning, dependsOn: [whenHealthy(setup)] });
      new OneShot(project, 'same', { ...plain, profiles: [rarely], dependsOn: [whenHealthy(setup)] });
      new OneShot(project, 'more', {
        ...plain,
        profiles: [rarely, debug],
        dependsOn: [whenHealthy(setup)],
      });
    }),
    faults: [
      ['shop/services/always', /^it waits for setup, which is there only with setup$/],
      ['shop/services/more', /^it waits for setup/],
    ],
  },
  {
    code: 'COMPOSE-204',
    title: 'waiting for one service twice',
    build: one((project) => {
      const db = new Service(project, 'db', { ...longRunning, healthcheck: healthy() });
      new Service(project, 'app', { ...longRunning, dependsOn: [whenHealthy(db), whenStarted(db)] });
    }),
    faults: [['shop/services/app', /^it waits for db more than once$/]],
  },
  {
    code: 'COMPOSE-205',
    title: 'a healthcheck without an interval, a timeout or a try',
    build: one((project) => {
      const zero = Duration.seconds(0);
      new Service(project, 'app', {
        ...longRunning,
        healthcheck: healthy({ interval: zero, timeout: zero, retries: 0 }),
      });
    }),
    faults: [
      ['shop/services/app', /interval .* is 0/],
      ['shop/services/app', /timeout .* is 0/],
      ['shop/services/app', /0 retries/],
    ],
  },
];
