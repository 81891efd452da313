import {
  Bytes,
  check,
  ConfigFolder,
  Duration,
  ExternalNetwork,
  mountFolder,
  mountHostDirectory,
  mountVolume,
  Network,
  OneShot,
  PassThrough,
  PlainReference,
  Port,
  rules,
  Service,
  text,
  tmpfs,
  Volume,
  whenHealthy,
  whenStarted,
  type Image,
  type Project,
} from '../../../compose';
import { healthy, longRunning, newProject, plain } from './example';

/** A project of which the type parameter is forgotten, as when it came from data. */
const untyped = (name = 'shop'): Project => newProject(name);

interface Case {
  readonly code: string;
  /** What breaks it. */
  readonly title: string;
  readonly build: () => readonly Project[];
  readonly faults: readonly (readonly [path: string, message: RegExp])[];
}

const one = (build: (project: Project) => void): (() => readonly Project[]) => {
  return () => {
    const project = untyped();
    build(project);
    return [project];
  };
};

const cases: readonly Case[] = [
  {
    code: 'COMPOSE-101',
    title: 'a project name with capitals, and a volume name of one sign',
    build: () => {
      const project = untyped('Shop');
      const data = new Volume(project, 'data', { name: 'x' });
      new Service(project, 'a b', { ...longRunning, mounts: [mountVolume(data, '/data')] });
      return [project];
    },
    faults: [
      ['Shop', /^the project name "Shop" does not match/],
      ['Shop/services/a b', /^the name "a b" does not match/],
      ['Shop/volumes/data', /^the volume name on the host "x" does not match/],
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
    }),
    faults: [
      ['shop/networks/edge', /no service uses it/],
      ['shop/volumes/data', /no service uses it/],
      ['shop/folders/config', /no service uses it/],
    ],
  },
  {
    code: 'COMPOSE-203',
    title: 'waiting for a service that is only there with a profile',
    build: one((project) => {
      const setup = new Service(project, 'setup', {
        ...longRunning,
        profiles: ['setup'],
        healthcheck: healthy(),
      });
      new Service(project, 'always', { ...longRunning, dependsOn: [whenHealthy(setup)] });
      new OneShot(project, 'same', { ...plain, profiles: ['setup'], dependsOn: [whenHealthy(setup)] });
      new OneShot(project, 'more', {
        ...plain,
        profiles: ['setup', 'debug'],
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
  {
    code: 'COMPOSE-301',
    title: 'one port of the host for two projects, also by way of a wildcard address',
    build: () => {
      const [shop, other] = [untyped(), untyped('other')];
      new Service(shop, 'web', {
        ...longRunning,
        ports: [
          new Port({ host: 443 }),
          new Port({ host: 443, protocol: 'udp' }),
          new Port({ host: 80, address: '127.0.0.1' }),
        ],
      });
      new Service(other, 'web', {
        ...longRunning,
        ports: [new Port({ host: 443, container: 8443 }), new Port({ host: 80, address: '127.0.0.2' })],
      });
      new Service(other, 'any', { ...longRunning, ports: [new Port({ host: 80, address: '0.0.0.0' })] });
      return [shop, other];
    },
    faults: [
      ['other/services/web', /^port 443\/tcp of the host is published by shop\/services\/web already$/],
      ['other/services/any', /^port 80\/tcp of the host is published by shop\/services\/web already$/],
      ['other/services/any', /^port 80\/tcp of the host is published by other\/services\/web already$/],
    ],
  },
  {
    code: 'COMPOSE-302',
    title: 'an alias that is another service’s name on the same network',
    build: one((project) => {
      const [internal, edge] = [new Network(project, 'internal'), new Network(project, 'edge')];
      new Service(project, 'app', { ...longRunning, networks: [internal, edge] });
      new Service(project, 'worker', { ...longRunning, networks: [internal, edge.as('app', 'job')] });
    }),
    faults: [['shop/services/worker', /^on the network edge, app is called "app" too$/]],
  },
  {
    code: 'COMPOSE-303',
    title: 'one network joined twice',
    build: one((project) => {
      const edge = new Network(project, 'edge');
      new Service(project, 'app', { ...longRunning, networks: [edge, edge.as('shop')] });
    }),
    faults: [['shop/services/app', /^it joins edge more than once$/]],
  },
  {
    code: 'COMPOSE-401',
    title: 'an image with a wrong digest, or with a tag beside it',
    build: one((project) => {
      const wrong: readonly Image[] = ['caddy@sha256:1234', `caddy:2@sha256:${'ab'.repeat(32)}`, '@sha256:'];
      wrong.forEach((image, index) => new OneShot(project, `job${index}`, { ...plain, image }));
      new OneShot(project, 'sound', {
        ...plain,
        image: `registry.test:5000/a/b-c@sha256:${'0f'.repeat(32)}`,
      });
    }),
    faults: [0, 1, 2].map((index) => [
      `shop/services/job${index}`,
      /is not of the form name@sha256:<64 hex digits>$/,
    ]),
  },
  {
    code: 'COMPOSE-501',
    title: 'paths that leave the project’s folder',
    build: one((project) => {
      const file = (path: string) => ({ path, content: '' });
      const config = new ConfigFolder(project, '../etc', [
        file('/passwd'),
        file('a/../../b'),
        file('a//b'),
        file('sound/a.sh'),
      ]);
      new OneShot(project, 'job', { ...plain, mounts: [mountFolder(config, '/etc/shop')] });
    }),
    faults: ['../etc', '/passwd', 'a/../../b', 'a//b'].map((path) => [
      'shop/folders/../etc'.replace('../', '..--'),
      new RegExp(`^the path "${path.replaceAll('.', '\\.')}" does not match`),
    ]),
  },
  {
    code: 'COMPOSE-502',
    title: 'two writers of one file, and a file where a folder is',
    build: one((project) => {
      const file = (path: string) => ({ path, content: '' });
      const config = new ConfigFolder(project, 'config', [file('a'), file('a'), file('a/b')]);
      new OneShot(project, 'job', { ...plain, mounts: [mountFolder(config, '/config')] });
    }),
    faults: [
      ['shop', /^config\/a is written more than once$/],
      ['shop', /^config\/a is both a file and a folder$/],
    ],
  },
  {
    code: 'COMPOSE-503',
    title: 'files that anybody may write, or nobody read',
    build: one((project) => {
      const files = [0o666, 0o000, 0o7777, 0o755].map((mode) => ({
        path: `m${mode.toString(8)}`,
        content: '',
        mode,
      }));
      const config = new ConfigFolder(project, 'config', files);
      new OneShot(project, 'job', { ...plain, mounts: [mountFolder(config, '/config')] });
    }),
    faults: ['0666', '00', '07777'].map((mode) => [
      'shop/folders/config',
      new RegExp(`has the mode ${mode}$`),
    ]),
  },
  {
    code: 'COMPOSE-504',
    title: 'relative mounts',
    build: one((project) => {
      new OneShot(project, 'job', {
        ...plain,
        mounts: [
          mountHostDirectory('certs', 'etc/certs'),
          tmpfs('/', Bytes.mebibytes(1)),
          tmpfs('/a/../b', Bytes.mebibytes(1)),
        ],
      });
    }),
    faults: ['certs', 'etc/certs', '/', '/a/../b'].map((path) => [
      'shop/services/job',
      new RegExp(`^the path "${path.replaceAll('.', '\\.')}" is not an absolute`),
    ]),
  },
  {
    code: 'COMPOSE-505',
    title: 'two mounts at one place',
    build: one((project) => {
      const data = new Volume(project, 'data', { name: 'shop_data' });
      new OneShot(project, 'job', {
        ...plain,
        mounts: [mountVolume(data, '/data'), tmpfs('/data', Bytes.mebibytes(1))],
      });
    }),
    faults: [['shop/services/job', /^\/data is mounted more than once$/]],
  },
  {
    code: 'COMPOSE-506',
    title: 'the Docker engine’s socket, by whatever folder',
    build: one((project) => {
      ['/var/run/docker.sock', '/run', '/run/docker', '/var/lib/docker/volumes', '/etc'].forEach(
        (source, index) => {
          new OneShot(project, `job${index}`, { ...plain, mounts: [mountHostDirectory(source, '/mnt')] });
        },
      );
      new OneShot(project, 'sound', {
        ...plain,
        mounts: [mountHostDirectory('/etc/ssl/certs', '/etc/ssl/certs')],
      });
    }),
    faults: [0, 1, 2, 3, 4].map((index) => [`shop/services/job${index}`, /^it mounts \/\S+ of the host$/]),
  },
  {
    code: 'COMPOSE-601',
    title: 'less memory than Docker gives',
    build: one((project) => new OneShot(project, 'job', { ...plain, memory: Bytes.mebibytes(5) })),
    faults: [['shop/services/job', /^its memory limit is 5m$/]],
  },
  {
    code: 'COMPOSE-602',
    title: 'limits of nothing, which Docker takes for none',
    build: one((project) => {
      new OneShot(project, 'job', { ...plain, cpus: 0, maxProcesses: 0 });
      new OneShot(project, 'other', { ...plain, cpus: Number.NaN, maxProcesses: 1.5 });
    }),
    faults: [
      ['shop/services/job', /processors is 0$/],
      ['shop/services/job', /processes is 0$/],
      ['shop/services/other', /processors is NaN$/],
      ['shop/services/other', /processes is 1\.5$/],
    ],
  },
  {
    code: 'COMPOSE-603',
    title: 'memory-backed mounts as large as the memory limit',
    build: one((project) => {
      const mounts = [tmpfs('/tmp', Bytes.mebibytes(32))];
      new OneShot(project, 'job', { ...plain, mounts, sharedMemory: Bytes.mebibytes(32) });
      new OneShot(project, 'sound', { ...plain, mounts, sharedMemory: Bytes.mebibytes(31) });
    }),
    faults: [['shop/services/job', /may hold 67108864 bytes, its limit is 64m$/]],
  },
];

describe('the rules of a composition', () => {
  it.each(cases)('$code finds $title', ({ code, build, faults }) => {
    const found = check(...build()).filter((fault) => fault.code === code);
    expect(found.map((fault) => fault.path)).toEqual(faults.map(([path]) => path));
    faults.forEach(([, message], index) => expect(found[index]?.message).toMatch(message));
  });

  it('finds a generating line that would not stay a comment (COMPOSE-105)', () => {
    const project = newProject('shop');
    Object.assign(project, { generatedBy: 'first line\nservices: {}' });
    expect(check(project).map((fault) => fault.code)).toEqual(['COMPOSE-105']);
  });

  it('has one code a rule, in ascending order, each with a sentence and a reason', () => {
    const codes = rules.map((rule) => rule.code);
    expect(codes).toEqual([...new Set(codes)].sort());
    for (const { rule, why } of rules) expect(Math.min(rule.length, why.length)).toBeGreaterThan(10);
  });

  it('has a case for every rule', () => {
    expect([...cases.map(({ code }) => code), 'COMPOSE-105'].sort()).toEqual(rules.map((rule) => rule.code));
  });

  it('finds nothing in a sound composition', () => {
    const project = newProject('shop');
    const internal = new Network(project, 'internal', { internal: true });
    const data = new Volume(project, 'data', { name: 'shop_data' });
    const db = new Service(project, 'db', {
      ...longRunning,
      networks: [internal],
      mounts: [mountVolume(data, '/var/lib/db')],
      healthcheck: healthy(),
    });
    new Service(project, 'app', {
      ...longRunning,
      networks: [internal.as('web')],
      dependsOn: [whenHealthy(db)],
    });
    expect(check(project)).toEqual([]);
  });
});
