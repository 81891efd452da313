import {
  Build,
  Bytes,
  ConfigFolder,
  ExternalNetwork,
  ForeignFile,
  mountHostDirectory,
  mountImage,
  mountVolume,
  Network,
  OneShot,
  Port,
  Project,
  raw,
  Secret,
  Service,
  tmpfs,
  Volume,
  type ImageDigest,
} from '../../../compose';
import { image, longRunning, plain } from './example';
import { hostOf, one, untyped, type RuleCase } from './rule-case';

const reason = 'the test says so';

export const powerAndLimitCases: readonly RuleCase[] = [
  {
    code: 'COMPOSE-301',
    title: 'ports that came through raw, and ranges that overlap',
    build: one((project) => {
      const range = { from: 8000, to: 8010 };
      new Service(project, 'range', { ...longRunning, ports: [new Port({ host: range, container: 80 })] });
      new Service(project, 'free', {
        ...longRunning,
        ports: [new Port({ host: 'ephemeral', container: 8005 })],
      });
      const ports = ['8080', '127.0.0.1:8010-8011:80-81', { target: 80, published: '8000', protocol: 'udp' }];
      new Service(project, 'raw', { ...longRunning, raw: raw({ ports }, reason) });
    }),
    faults: [
      [
        'shop/services/raw',
        /^port 8010-8011\/tcp of the host is published by shop\/services\/range already$/,
      ],
    ],
  },
  {
    code: 'COMPOSE-302',
    title: 'one name for two services on a network that two projects share',
    build: () => {
      const [shop, other] = [untyped(), untyped('other')];
      for (const project of [shop, other]) {
        const own = new Network(project, 'own');
        const edge = new ExternalNetwork(project, project.name, { name: 'edge' });
        new Service(project, `${project.name}-app`, {
          ...longRunning,
          networks: [own.as('app'), edge.as('web')],
        });
      }
      return [shop, other];
    },
    faults: [
      ['other/services/other-app', /^on the network other, shop-app and other-app are both called "web"$/],
    ],
  },
  {
    code: 'COMPOSE-301',
    title: 'one port in other words: of the protocol, or of an IPv6 address',
    build: one((project) => {
      const publishing = (name: string, ...ports: readonly string[]): void => {
        new Service(project, name, { ...longRunning, raw: raw({ ports }, reason) });
      };
      publishing('first', '53:53/udp', '[::1]:80:80', '::1:81:81', '[fe80::1]:82:82');
      publishing('protocol', '53:53/UDP');
      new Service(project, 'address', {
        ...longRunning,
        ports: [new Port({ host: 80, address: '0:0:0:0:0:0:0:1' })],
      });
      publishing('bare', '[::0001]:81:81');
      publishing('all', '[0::0]:82:82');
      publishing('sound', '53:53', '[::2]:80:80');
      publishing('nothing', '53:53/');
    }),
    faults: [
      ['shop/services/protocol', /^port 53\/udp of the host is published by shop\/services\/first already$/],
      ['shop/services/address', /^port 80\/tcp of the host is published by shop\/services\/first already$/],
      ['shop/services/bare', /^port 81\/tcp of the host is published by shop\/services\/first already$/],
      ['shop/services/all', /^port 82\/tcp of the host is published by shop\/services\/first already$/],
      ['shop/services/nothing', /^port 53\/tcp of the host is published by shop\/services\/sound already$/],
    ],
  },
  {
    code: 'COMPOSE-302',
    title: 'the name of a container that is another service’s name on a network',
    build: () => {
      const [shop, other] = [untyped(), untyped('other')];
      const edge = new Network(shop, 'edge', { name: 'edge' });
      new Service(shop, 'db', { ...longRunning, networks: [edge] });
      const joined = new ExternalNetwork(other, 'edge', { name: 'edge' });
      new Service(other, 'store', { ...longRunning, networks: [joined], containerName: 'db' });
      new Service(other, 'apart', { ...longRunning, containerName: 'apart' });
      return [shop, other];
    },
    faults: [['other/services/store', /^on the network edge, db and store are both called "db"$/]],
  },
  {
    code: 'COMPOSE-304',
    title: 'one container name for two projects',
    build: () => {
      const [shop, other] = [untyped(), untyped('other')];
      for (const project of [shop, other])
        new Service(project, 'app', { ...longRunning, containerName: 'web' });
      return [shop, other];
    },
    faults: [['other/services/app', /^the container name web is that of shop\/services\/app already$/]],
  },
  {
    code: 'COMPOSE-305',
    title: 'several containers with one name or one port',
    build: one((project) => {
      const host = { from: 9000, to: 9001 };
      const ports = [new Port({ host: 80 }), new Port({ host, container: 90 })];
      new Service(project, 'app', { ...longRunning, replicas: 2, containerName: 'web', ports });
      new Service(project, 'half', { ...longRunning, replicas: 0.5 });
    }),
    faults: [
      ['shop/services/app', /^it has 2 containers and one container name$/],
      ['shop/services/app', /^it has 2 containers and publishes 80\/tcp of the host$/],
      ['shop/services/half', /^its number of containers is 0\.5$/],
    ],
  },
  {
    code: 'COMPOSE-401',
    title: 'a tag that came through raw, or is mounted',
    build: one((project) => {
      new OneShot(project, 'job', { ...plain, raw: raw({ image: 'caddy:2' }, reason) });
      const mounts = [mountImage('models' as ImageDigest, '/models')];
      new OneShot(project, 'mounted', { ...plain, mounts });
    }),
    faults: [
      ['shop/services/job', /^its image is not of the form/],
      ['shop/services/mounted', /^an image that it mounts is not of the form/],
    ],
  },
  {
    code: 'COMPOSE-402',
    title: 'an image of its own that is called latest, or nothing',
    build: one((project) => {
      const context = new ForeignFile('app', 'a person');
      (['app:latest', 'app:', 'host:5000/app:1', 'app:1'] as const).forEach((tag, index) => {
        new OneShot(project, `job${index}`, { ...plain, image: new Build({ context, tag }) });
      });
    }),
    faults: [
      ['shop/services/job0', /^the image is called "app:latest"/],
      ['shop/services/job1', /^the image is called "app:"/],
    ],
  },
  {
    code: 'COMPOSE-403',
    title: 'a service of raw entries without an image',
    build: one((project) => {
      Object.assign(project, {
        raw: raw({ services: { ghost: { command: 'true' }, model: { provider: { type: 'x' } } } }, reason),
      });
    }),
    faults: [['shop', /^it has neither an image nor a build$/]],
  },
  {
    code: 'COMPOSE-404',
    title: 'a build that begins with what is not built here',
    build: one((project) => {
      const context = new ForeignFile('app', 'a person');
      const pulled = new OneShot(project, 'pulled', plain);
      const built = new OneShot(project, 'built', { ...plain, image: new Build({ context }) });
      new OneShot(project, 'job', { ...plain, image: new Build({ context, contexts: { pulled, built } }) });
    }),
    faults: [['shop/services/job', /^its build begins with the image of pulled, which is not built here$/]],
  },
  {
    code: 'COMPOSE-507',
    title: 'no Dockerfile in the project’s own folder where somebody else writes that, but what is beside it',
    build: one((project) => {
      const image = new Build({ context: new ForeignFile('.', 'git'), tag: 'app:1' });
      new Service(project, 'app', { ...longRunning, image, environmentFiles: ['app.env', '../beside.env'] });
    }),
    faults: [['shop/services/app', /^the file \.\.\/beside\.env is not one/]],
  },
  {
    code: 'COMPOSE-507',
    title: 'files that nobody writes',
    build: one((project) => {
      const folder = new ConfigFolder(project, 'config', [{ path: 'app.env', content: 'A=1\n' }]);
      const token = new Secret(project, 'token', { file: 'token.txt' });
      new Service(project, 'app', {
        ...longRunning,
        image: new Build({ context: folder, tag: 'app:1' }),
        environmentFiles: ['config/app.env', 'config/other.env', new ForeignFile('.env.local', 'a person')],
        labelFiles: ['labels'],
        secrets: [token],
      });
    }),
    faults: [
      ['shop/secrets/token', /^the file token\.txt is not one that the project writes/],
      ['shop/services/app', /^the file config\/other\.env is not/],
      ['shop/services/app', /^the file labels is not/],
      ['shop/services/app', /^the file config\/Dockerfile is not/],
    ],
  },
  {
    code: 'COMPOSE-508',
    title: 'a volume of the image that nothing is mounted at',
    build: one((project) => {
      const data = new Volume(project, 'data', { name: 'shop_data' });
      new Service(project, 'db', {
        ...longRunning,
        imageVolumes: ['/config', '/data', '/cache/', '/run'],
        mounts: [mountVolume(data, '/data/'), tmpfs('/cache', Bytes.mebibytes(1))],
        raw: raw({ tmpfs: '/run:size=1m' }, reason),
      });
    }),
    faults: [['shop/services/db', /^nothing is mounted at \/config, which its image declares as a volume$/]],
  },
  {
    code: 'COMPOSE-509',
    title: 'volumes without a name',
    build: one((project) => {
      const volumes = ['/data', { type: 'volume', target: '/more' }, { type: 'tmpfs', target: '/tmp' }];
      new Service(project, 'db', { ...longRunning, raw: raw({ volumes }, reason) });
    }),
    faults: [
      ['shop/services/db', /^the volume at \/data has no name$/],
      ['shop/services/db', /^the volume at \/more has no name$/],
    ],
  },
  {
    code: 'COMPOSE-506',
    title: 'the engine’s socket by raw or by name, and nothing where the project allows it',
    build: () => {
      const project = allowing('watcher', 'engine-socket');
      new Service(project, 'socket', { ...longRunning, engineSocket: true });
      const volumes = ['/run/docker.sock:/run/docker.sock:ro', '/etc/:/host', '/etc/ssl/certs:/ssl'];
      new Service(project, 'raw', { ...longRunning, raw: raw({ volumes }, reason) });
      const mounts = [mountHostDirectory('/var/run/docker.sock', '/var/run/docker.sock', { writable: true })];
      new Service(project, 'watcher', {
        ...longRunning,
        mounts: [...mounts, mountHostDirectory('/etc', '/host')],
      });
      return [project];
    },
    faults: [
      [
        'shop/services/socket',
        /^it gets the Docker engine's socket, and the project does not allow it "engine-socket"$/,
      ],
      ['shop/services/raw', /^it mounts \/run\/docker\.sock of the host, and .* "engine-socket"$/],
      ['shop/services/raw', /^it mounts \/etc of the host, and .* "host-files"$/],
      ['shop/services/watcher', /^it mounts \/etc of the host, and .* "host-files"$/],
    ],
  },
  {
    code: 'COMPOSE-604',
    title: 'a service of raw entries without a limit',
    build: one((project) => {
      const services = {
        ghost: { image: image() },
        sound: { image: image(), deploy: { resources: { limits: { memory: '64m' } } } },
      };
      Object.assign(project, { raw: raw({ services }, reason) });
    }),
    faults: [['shop', /^it has no memory limit$/]],
  },
  {
    code: 'COMPOSE-605',
    title: 'logs that grow for ever',
    build: one((project) => {
      new Service(project, 'app', {
        ...longRunning,
        raw: raw({ logging: { options: { 'max-size': '0' } } }, reason),
      });
      const services = {
        ghost: { image: image() },
        sound: { image: image(), logging: { driver: 'syslog' } },
      };
      Object.assign(project, { raw: raw({ services }, reason) });
    }),
    faults: [
      ['shop/services/app', /^its log has no limit$/],
      ['shop', /^its log has no limit$/],
    ],
  },
  {
    code: 'COMPOSE-606',
    title: 'more memory than the host has, with the largest job and every container counted',
    build: hostOf({ memory: Bytes.mebibytes(1024), reservedMemory: Bytes.mebibytes(256) }, (project) => {
      new Service(project, 'app', { ...longRunning, memory: Bytes.mebibytes(256), replicas: 2 });
      new OneShot(project, 'small', { ...plain, memory: Bytes.mebibytes(128) });
      new OneShot(project, 'large', { ...plain, memory: Bytes.mebibytes(257) });
    }),
    faults: [
      [
        'shop',
        /^services may use 769 MiB \(app 512 MiB, and 257 MiB for what comes and goes\) and the system 256 MiB, the host has 1024 MiB$/,
      ],
    ],
  },
  {
    code: 'COMPOSE-606',
    title: 'more memory than the host has while a service is being replaced',
    build: hostOf({ memory: Bytes.mebibytes(1024), transientMemory: Bytes.mebibytes(513) }, (project) => {
      new Service(project, 'app', { ...longRunning, memory: Bytes.mebibytes(512) });
      new OneShot(project, 'small', { ...plain, memory: Bytes.mebibytes(128) });
    }),
    faults: [['shop', /^services may use 1025 MiB \(app 512 MiB, and 513 MiB for what comes and goes\)/]],
  },
  {
    code: 'COMPOSE-607',
    title: 'reservations above the limits',
    build: one((project) => {
      new Service(project, 'app', {
        ...longRunning,
        memoryReservation: Bytes.mebibytes(65),
        memoryAndSwap: Bytes.mebibytes(63),
        ulimits: { nofile: { soft: 2, hard: 1 }, nproc: { soft: 2, hard: -1 }, core: 0 },
      });
    }),
    faults: [
      ['shop/services/app', /^it reserves 65m of memory, its limit is 64m$/],
      ['shop/services/app', /^its limit of memory and swap is 63m, that of memory alone 64m$/],
      ['shop/services/app', /^its soft limit of nofile is 2, the hard one 1$/],
    ],
  },
  {
    code: 'COMPOSE-701',
    title: 'every way out of the box that the project does not allow',
    build: () => {
      const project = allowing('allowed', 'privileged');
      new Service(project, 'allowed', { ...longRunning, privileged: true, processes: 'host' });
      new Service(project, 'privileged', { ...longRunning, privileged: true });
      new Service(project, 'hook', { ...longRunning, afterStart: [{ command: ['true'], privileged: true }] });
      new Service(project, 'capable', { ...longRunning, capabilities: ['NET_ADMIN', 'SYS_ADMIN'] });
      new Service(project, 'host', {
        ...longRunning,
        networks: 'host',
        processes: 'host',
        ipc: 'host',
        hostName: 'host',
        users: 'host',
        cgroup: 'host',
      });
      new Service(project, 'unconfined', {
        ...longRunning,
        securityOptions: ['seccomp=unconfined', 'label=type:a'],
      });
      const context = new ForeignFile('app', 'a person');
      new Service(project, 'build', { ...longRunning, image: new Build({ context, privileged: true }) });
      return [project];
    },
    faults: [
      ['shop/services/allowed', /^its pid is the host's, and .* "host-namespaces"$/],
      ['shop/services/privileged', /^it is privileged, and the project does not allow it "privileged"$/],
      ['shop/services/hook', /^a hook of it is privileged/],
      ['shop/services/capable', /^it has the capability SYS_ADMIN/],
      ...['network_mode', 'pid', 'ipc', 'uts', 'userns_mode', 'cgroup'].map(
        (key) =>
          ['shop/services/host', new RegExp(`^its ${key} is the host's, and .* "host-namespaces"$`)] as const,
      ),
      ['shop/services/unconfined', /^it runs without seccomp, and/],
      ['shop/services/build', /^its build is privileged/],
    ],
  },
  {
    code: 'COMPOSE-702',
    title: 'allowances without a reason or without a use',
    build: () => {
      const project = allowing('app', 'privileged', ' ');
      new Service(project, 'app', { ...longRunning });
      return [project];
    },
    faults: [
      ['shop', /^it allows app "privileged" without a reason$/],
      ['shop', /^it allows app "privileged", which app does not use$/],
    ],
  },
];

function allowing(service: string, power: 'privileged' | 'engine-socket', why = reason): Project {
  const { name, logging, generatedBy } = untyped();
  return new Project(undefined, name, {
    logging,
    generatedBy,
    allow: [{ service, power, reason: why }],
  });
}
