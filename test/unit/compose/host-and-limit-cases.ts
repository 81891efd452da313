import {
  Bytes,
  Config,
  ConfigFolder,
  mountFolder,
  mountHostDirectory,
  mountVolume,
  Network,
  OneShot,
  Port,
  raw,
  Secret,
  SecretReference,
  Service,
  tmpfs,
  Volume,
  type Image,
} from '../../../compose';
import { longRunning, plain } from './example';
import { one, untyped, type RuleCase } from './rule-case';

export const hostAndLimitCases: readonly RuleCase[] = [
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
    code: 'COMPOSE-301',
    title: 'one port at every address of one family, and of both',
    build: one((project) => {
      const at = (name: string, ...addresses: readonly string[]): void => {
        const ports = addresses.map((address) => new Port({ host: 80, address }));
        new Service(project, name, { ...longRunning, ports });
      };
      at('both', '0.0.0.0', '::');
      at('four', '10.0.0.1');
      at('six', '::1');
      new Service(project, 'any', { ...longRunning, ports: [new Port({ host: 80 })] });
    }),
    faults: [
      ['shop/services/four', /^port 80\/tcp of the host is published by shop\/services\/both already$/],
      ['shop/services/six', /^port 80\/tcp of the host is published by shop\/services\/both already$/],
      ...['both', 'both', 'four', 'six'].map(
        (other) => ['shop/services/any', new RegExp(`published by shop/services/${other} already$`)] as const,
      ),
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
    faults: [['shop/services/worker', /^on the network edge, app and worker are both called "app"$/]],
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
      'shop/folders/..%2Fetc',
      new RegExp(`^the path "${path.replaceAll('.', '\\.')}" does not match`),
    ]),
  },
  {
    code: 'COMPOSE-502',
    title: 'two writers of one file, and a file where a folder is',
    build: one((project) => {
      const file = (path: string) => ({ path, content: '' });
      const config = new ConfigFolder(project, 'config', [file('a'), file('a'), file('a/b')]);
      const own = new ConfigFolder(project, 'compose.yaml', [file('a')]);
      new OneShot(project, 'job', {
        ...plain,
        mounts: [mountFolder(config, '/config'), mountFolder(own, '/own')],
      });
    }),
    faults: [
      ['shop', /^config\/a is written more than once$/],
      ['shop', /^compose\.yaml is both a file and a folder$/],
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
    code: 'COMPOSE-505',
    title: 'configs and secrets at one place, also in other words',
    build: one((project) => {
      const config = (name: string) => new Config(project, name, { content: name });
      const [first, second, third] = [config('first'), config('second'), config('third')];
      const token = new Secret(project, 'token', { environment: new SecretReference('TOKEN', 'set it') });
      new Service(project, 'configs', { ...longRunning, configs: [first.at('/x'), second.at('x')] });
      new Service(project, 'named', { ...longRunning, configs: [third, first.at('/third')] });
      new Service(project, 'twice', { ...longRunning, configs: [first, first] });
      new Service(project, 'mixed', {
        ...longRunning,
        secrets: [token],
        mounts: [tmpfs('/run/secrets/token/', Bytes.mebibytes(1))],
      });
      new Service(project, 'short', {
        ...longRunning,
        configs: [first],
        raw: raw({ tmpfs: ['/first:size=1m'] }, 'the test says so'),
      });
      new Service(project, 'sound', {
        ...longRunning,
        configs: [first, second],
        secrets: [token.at('first')],
      });
    }),
    faults: [
      ['shop/services/configs', /^\/x is mounted more than once$/],
      ['shop/services/named', /^\/third is mounted more than once$/],
      ['shop/services/twice', /^\/first is mounted more than once$/],
      ['shop/services/mixed', /^\/run\/secrets\/token is mounted more than once$/],
      ['shop/services/short', /^\/first is mounted more than once$/],
    ],
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
    faults: [0, 1, 2, 3, 4].map((index) => [
      `shop/services/job${index}`,
      /^it mounts \/\S+ of the host, and the project does not allow it "(?:engine-socket|host-files)"$/,
    ]),
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
