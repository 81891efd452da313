import {
  Bytes,
  Duration,
  ForeignFile,
  Healthcheck,
  Logging,
  OneShot,
  PlainReference,
  Port,
  Profile,
  raw,
  Service,
  text,
  whenHealthy,
  type Project,
  type Text,
} from '../../../compose';
import { healthy, image, longRunning, plain } from './example';
import { hostOf, one, untyped, type RuleCase } from './rule-case';

const reason = 'the test says so';
const rawly = (entries: Parameters<typeof raw>[0]) => ({ ...longRunning, raw: raw(entries, reason) });

/** A project that includes a file with this service of the name `theirs`; faults of it are the project's. */
function including(project: Project, service: string): void {
  const more = `services:\n  theirs: {image: "${image()}", ${service}}\n`;
  Object.assign(project, {
    raw: raw({ include: ['more.yaml'] }, reason, [new ForeignFile('more.yaml', 'a person', more)]),
  });
}

/** Rules about values that constructs have as properties, where `raw` and other files bring them in. */
export const rawCases: readonly RuleCase[] = [
  {
    code: 'COMPOSE-102',
    title: 'environment names of raw entries and of files, in either form, without what stands behind them',
    build: one((project) => {
      new Service(project, 'list', rawly({ environment: ['SOUND=a b', 'NOT-SOUND=hidden', 'ALONE'] }));
      new Service(project, 'mapping', rawly({ environment: { 'a b': 'hidden' } }));
      including(project, 'mem_limit: 64m, environment: ["1A=hidden"]');
    }),
    faults: [
      ['shop/services/list', /^the environment name "NOT-SOUND" does not match [^h]+$/],
      ['shop/services/mapping', /^the environment name "a b" does not match [^h]+$/],
      ['shop', /^the environment name "1A" does not match [^h]+$/],
    ],
  },
  {
    code: 'COMPOSE-203',
    title: 'waiting by raw entries for a service that is only there with a profile',
    build: one((project) => {
      const setup = new Profile(project, 'setup');
      new Service(project, 'rare', { ...longRunning, profiles: [setup] });
      new Service(project, 'waits', rawly({ depends_on: ['rare'] }));
      new Service(project, 'shares', rawly({ network_mode: 'service:rare' }));
      new Service(project, 'same', rawly({ depends_on: ['rare'], profiles: ['setup'] }));
      const optional = { rare: { condition: 'service_started', required: false } };
      new Service(project, 'optional', rawly({ depends_on: optional }));
      including(project, 'mem_limit: 64m, depends_on: [rare]');
    }),
    faults: [
      ['shop/services/waits', /^it waits for rare, which is there only with setup$/],
      ['shop/services/shares', /^it waits for rare/],
      ['shop', /^it waits for rare/],
    ],
  },
  {
    code: 'COMPOSE-205',
    title: 'healthchecks of raw entries and of files that can tell nothing',
    build: one((project) => {
      const never = { interval: '0s', timeout: '0ms', retries: '0', start_interval: '0' };
      new Service(project, 'whole', rawly({ healthcheck: { test: ['CMD', 'true'], ...never } }));
      new Service(project, 'over', {
        ...longRunning,
        healthcheck: healthy(),
        raw: raw({ healthcheck: { retries: 1.5 } }, reason),
      });
      const variable = text`${new PlainReference('INTERVAL', 'set it')}`;
      new Service(project, 'sound', rawly({ healthcheck: { test: ['CMD', 'true'], interval: variable } }));
      new Service(project, 'off', rawly({ healthcheck: { disable: true, ...never } }));
      including(project, 'mem_limit: 64m, healthcheck: {test: "true", interval: 0h0m0s}');
    }),
    faults: [
      ['shop/services/whole', /^the interval of its healthcheck is 0$/],
      ['shop/services/whole', /^the timeout of its healthcheck is 0$/],
      ['shop/services/whole', /^the interval of its healthcheck at the start is 0$/],
      ['shop/services/whole', /^the healthcheck has 0 retries/],
      ['shop/services/over', /^the healthcheck has 1\.5 retries/],
      ['shop', /^the interval of its healthcheck is 0$/],
    ],
  },
  {
    code: 'COMPOSE-206',
    title: 'a start period that raw entries shorten, or take away',
    build: one((project) => {
      const healthcheck = healthy({
        startPeriod: Duration.minutes(2),
        waitBudget: Duration.minutes(2),
      });
      const shortened = (start_period: string | undefined) => ({
        ...longRunning,
        healthcheck,
        raw: raw({ healthcheck: { start_period } }, reason),
      });
      new Service(project, 'short', shortened('1m59.9s'));
      new Service(project, 'none', shortened(undefined));
      new Service(project, 'sound', shortened('0.5h'));
    }),
    faults: [
      ['shop/services/short', /^its start period is 1m59s900ms, and others wait for it up to 2m$/],
      ['shop/services/none', /^its start period is 0s, and/],
    ],
  },
  {
    code: 'COMPOSE-206',
    title: 'waiting for the health of a service that does not say how long',
    build: one((project) => {
      const { interval, timeout, retries, startPeriod } = healthy().props;
      const silent = new Healthcheck(['true'], { interval, timeout, retries, startPeriod });
      const typed = new Service(project, 'typed', { ...longRunning, healthcheck: silent });
      new Service(project, 'alone', { ...longRunning, healthcheck: silent });
      const said = new Service(project, 'said', { ...longRunning, healthcheck: healthy() });
      new Service(project, 'checked', rawly({ healthcheck: { test: ['CMD', 'true'] } }));
      new Service(project, 'app', { ...longRunning, dependsOn: [whenHealthy(typed), whenHealthy(said)] });
      const on = { condition: 'service_healthy' };
      new Service(project, 'worker', rawly({ depends_on: { checked: on, theirs: on } }));
      including(project, 'mem_limit: 64m, healthcheck: {test: "true"}');
    }),
    faults: [
      [
        'shop/services/typed',
        /^app waits until it is healthy, and its Healthcheck does not say how long \(waitBudget\)$/,
      ],
      ['shop/services/checked', /^worker waits until it is healthy/],
    ],
  },
  {
    code: 'COMPOSE-210',
    title: 'jobs that are started again, and waiting for the end of what never ends',
    build: one((project) => {
      const forever = (entries: Parameters<typeof raw>[0]) => ({ ...plain, raw: raw(entries, reason) });
      new OneShot(project, 'again', forever({ restart: 'always' }));
      const restart = text`${new PlainReference('RESTART', 'set it')}`;
      new OneShot(project, 'variable', forever({ restart }));
      const policy = { restart_policy: { condition: 'any' } };
      new OneShot(project, 'deployed', forever({ restart: undefined, deploy: policy }));
      new OneShot(project, 'tries', forever({ restart: 'on-failure', deploy: policy }));
      const none = { restart_policy: { condition: 'none' } };
      new OneShot(project, 'never', forever({ restart: 'always', deploy: none }));
      new OneShot(project, 'job', plain);
      new Service(project, 'long', longRunning);
      const ended = { condition: 'service_completed_successfully' };
      new Service(project, 'waits', rawly({ depends_on: { long: ended, job: ended, tries: ended } }));
      including(project, 'mem_limit: 64m, depends_on: {long: {condition: service_completed_successfully}}');
    }),
    faults: [
      ['shop/services/again', /^it is a job, and its restart is always$/],
      ['shop/services/variable', /^it is a job, and its restart is what a variable says$/],
      ['shop/services/deployed', /^it is a job, and its restart is any$/],
      ['shop/services/tries', /^it is a job, and its restart is any$/],
      ['shop/services/waits', /^it waits for the end of long, whose restart is always$/],
      ['shop/services/waits', /^it waits for the end of tries, whose restart is any$/],
      ['shop', /^it waits for the end of long, whose restart is always$/],
    ],
  },
  {
    code: 'COMPOSE-301',
    title: 'ports that one variable says, whatever its message, and one that a variable falls back to',
    build: () => {
      const [shop, other] = [untyped(), untyped('other')];
      const port = new PlainReference('HTTP_PORT', 'set it: see the manual/page');
      const again = new PlainReference('HTTP_PORT', 'set it');
      const ports = (...published: readonly (Text | { target: number; published: PlainReference })[]) =>
        rawly({ ports: published });
      new Service(shop, 'web', ports(text`${port}:80`, text`127.0.0.1:${new PlainReference('A', 'a')}:81`));
      new Service(shop, 'admin', ports({ target: 81, published: again }));
      new Service(shop, 'elsewhere', ports(text`127.0.0.2:${new PlainReference('A', 'a')}:81`));
      new Service(shop, 'udp', ports(text`${again}:82/udp`, text`${new PlainReference('B', 'b')}:82`));
      new Service(shop, 'fixed', { ...longRunning, ports: [new Port({ host: 8080 })] });
      new Service(other, 'app', longRunning);
      including(other, 'mem_limit: 64m, ports: ["${PORT:-8080}:80"]');
      return [shop, other];
    },
    faults: [
      [
        'shop/services/admin',
        /^port \$\{HTTP_PORT\}\/tcp of the host is published by shop\/services\/web already$/,
      ],
      ['other', /^port \$\{PORT\}\/tcp of the host is published by shop\/services\/fixed already$/],
    ],
  },
  {
    code: 'COMPOSE-305',
    title: 'several containers by raw entries and in files, with one name or one port',
    build: one((project) => {
      const port = new PlainReference('PORT', 'set it');
      new Service(project, 'scaled', {
        ...longRunning,
        containerName: 'web',
        ports: [new Port({ host: 80 })],
        raw: raw({ scale: '2' }, reason),
      });
      new Service(project, 'deployed', rawly({ deploy: { replicas: 3 }, ports: [text`${port}:80`] }));
      new Service(project, 'none', rawly({ scale: 'many' }));
      new Service(project, 'sound', rawly({ scale: 2, ports: ['9000-9001:90', '91'] }));
      including(project, 'mem_limit: 64m, scale: 2, ports: [{target: 80, published: 81}]');
    }),
    faults: [
      ['shop/services/scaled', /^it has 2 containers and one container name$/],
      ['shop/services/scaled', /^it has 2 containers and publishes 80\/tcp of the host$/],
      ['shop/services/deployed', /^it has 3 containers and publishes \$\{PORT\}\/tcp of the host$/],
      ['shop/services/none', /^its number of containers is NaN$/],
      ['shop', /^it has 2 containers and publishes 81\/tcp of the host$/],
    ],
  },
  {
    code: 'COMPOSE-402',
    title: 'what raw entries call an image that is built here, without its registry',
    build: one((project) => {
      const [build, pull_policy] = ['app', 'build'];
      new Service(project, 'app', rawly({ build, pull_policy, image: 'user:word@registry.test/app:latest' }));
      new Service(project, 'untagged', rawly({ build, pull_policy, image: 'app' }));
      new Service(project, 'sound', rawly({ build, pull_policy, image: 'registry.test:5000/app:1' }));
    }),
    faults: [
      ['shop/services/app', /^the image is called "app:latest"/],
      ['shop/services/untagged', /^the image is called "app"/],
    ],
  },
  {
    code: 'COMPOSE-504',
    title: 'relative places of raw entries and of files, and none that a variable says',
    build: one((project) => {
      const data = new PlainReference('DATA', 'set it: see the manual');
      const mount = { type: 'tmpfs', target: 'run', tmpfs: { size: 1024 } };
      new Service(project, 'app', rawly({ volumes: ['/srv/../etc:/etc/shop', mount, 'data:data'] }));
      new Service(project, 'memory', rawly({ tmpfs: ['tmp:size=1m', '/run:size=1m'] }));
      new Service(project, 'variable', rawly({ volumes: [text`${data}:/data`, text`/srv:${data}`] }));
      including(project, 'mem_limit: 64m, volumes: ["./here:there"]');
    }),
    faults: [
      ['shop/services/app', /^the path "\/srv\/\.\.\/etc" is not an absolute/],
      ['shop/services/app', /^the path "run" is not an absolute/],
      ['shop/services/app', /^the path "data" is not an absolute/],
      ['shop/services/memory', /^the path "tmp" is not an absolute/],
      ['shop', /^the path "there" is not an absolute/],
    ],
  },
  {
    code: 'COMPOSE-506',
    title: 'a path of the host that begins with a variable',
    build: one((project) => {
      const data = new PlainReference('DATA', 'set it: see the manual');
      new Service(project, 'app', rawly({ volumes: [text`${data}/a:/data:ro`] }));
    }),
    faults: [['shop/services/app', /^it mounts a path that a variable names, and/]],
  },
  {
    code: 'COMPOSE-602',
    title: 'limits of nothing by raw entries and in files, at either place',
    build: one((project) => {
      new Service(project, 'app', rawly({ cpus: 0, pids_limit: -1 }));
      const limits = { cpus: '0', pids: 0 };
      new Service(project, 'deployed', rawly({ deploy: { resources: { limits } } }));
      const cpus = text`${new PlainReference('CPUS', 'set it')}`;
      new Service(project, 'sound', rawly({ cpus, pids_limit: '100' }));
      including(project, 'mem_limit: 64m, cpus: "0.0"');
    }),
    faults: [
      ['shop/services/app', /processors is 0$/],
      ['shop/services/app', /processes is -1$/],
      ['shop/services/deployed', /processors is 0$/],
      ['shop/services/deployed', /processes is 0$/],
      ['shop', /processors is 0$/],
    ],
  },
  {
    code: 'COMPOSE-603',
    title: 'memory-backed mounts of raw entries and of files, and those without a size',
    build: one((project) => {
      const mount = (size?: string | number) => ({ type: 'tmpfs', target: '/tmp', tmpfs: { size } });
      new Service(project, 'large', rawly({ volumes: [mount('2g')] }));
      new Service(project, 'shared', rawly({ shm_size: '65m' }));
      new Service(project, 'short', rawly({ tmpfs: ['/a:mode=1777,size=32m', '/b:size=32m'] }));
      new Service(project, 'endless', rawly({ tmpfs: '/run', volumes: [mount()] }));
      new Service(project, 'sound', rawly({ tmpfs: '/run:size=1m', volumes: [mount(1024)] }));
      including(project, 'deploy: {resources: {limits: {memory: 64m}}}, shm_size: 1g');
    }),
    faults: [
      ['shop/services/large', /may hold 2147483648 bytes, its limit is 64m$/],
      ['shop/services/shared', /may hold 68157440 bytes, its limit is 64m$/],
      ['shop/services/short', /may hold 67108864 bytes, its limit is 64m$/],
      ['shop/services/endless', /^its tmpfs at \/run has no size: it may hold half of the host's memory$/],
      ['shop/services/endless', /^its tmpfs at \/tmp has no size/],
      ['shop', /may hold 1073741824 bytes, its limit is 64m$/],
    ],
  },
  {
    code: 'COMPOSE-605',
    title: 'logs in a number of files that is none, and those of a driver that a variable names',
    build: one((project) => {
      const local = (maxFiles: number) => Logging.local({ maxSize: Bytes.mebibytes(1), maxFiles });
      new Service(project, 'part', { ...longRunning, logging: local(-1.5) });
      new Service(project, 'none', { ...longRunning, logging: local(0) });
      new Service(project, 'word', rawly({ logging: { options: { 'max-file': 'few' } } }));
      const driver = text`${new PlainReference('LOG_DRIVER', 'set it')}`;
      const to = Logging.to('syslog', {});
      new Service(project, 'anywhere', {
        ...longRunning,
        logging: to,
        raw: raw({ logging: { driver } }, reason),
      });
      new Service(project, 'elsewhere', { ...longRunning, logging: to });
      new Service(project, 'blank', rawly({ logging: { driver: '', options: { 'max-size': '-1' } } }));
      including(project, 'mem_limit: 64m, logging: {driver: "${DRIVER:?}", options: {max-size: 1m}}');
    }),
    faults: [
      ['shop/services/part', /^its log is kept in -1\.5 files: a whole number from 1 is allowed$/],
      ['shop/services/none', /^its log is kept in 0 files/],
      ['shop/services/word', /^its log is kept in NaN files/],
      ['shop/services/anywhere', /^its log has no limit$/],
      ['shop/services/blank', /^its log has no limit$/],
    ],
  },
  {
    code: 'COMPOSE-606',
    title: 'more memory than the host has with the containers of raw entries, of files and of jobs that stay',
    build: hostOf({ memory: Bytes.mebibytes(1024) }, (project) => {
      new Service(project, 'scaled', rawly({ scale: 5 }));
      new Service(project, 'deployed', rawly({ deploy: { replicas: '5' } }));
      new OneShot(project, 'stays', {
        ...plain,
        memory: Bytes.mebibytes(128),
        raw: raw({ restart: 'always' }, reason),
      });
      including(project, 'mem_limit: 64m, deploy: {replicas: 5}');
    }),
    faults: [
      [
        'shop',
        /^services may use 1088 MiB \(scaled 320 MiB, deployed 320 MiB, stays 128 MiB, theirs 320 MiB, and 0 MiB for what comes and goes\)/,
      ],
    ],
  },
  {
    code: 'COMPOSE-607',
    title: 'reservations above the limits by raw entries and in files',
    build: one((project) => {
      new Service(project, 'app', rawly({ mem_reservation: '1g', memswap_limit: '32m' }));
      const reservations = { memory: '65m' };
      new Service(project, 'deployed', rawly({ deploy: { resources: { reservations } } }));
      new Service(project, 'files', rawly({ ulimits: { nofile: { soft: '2', hard: 1 }, nproc: 5 } }));
      new Service(project, 'endless', rawly({ ulimits: { nofile: { soft: -1, hard: 1 } } }));
      new Service(project, 'sound', rawly({ mem_reservation: '64m', memswap_limit: -1 }));
      including(project, 'mem_limit: 64m, mem_reservation: 65m');
    }),
    faults: [
      ['shop/services/app', /^it reserves 1g of memory, its limit is 64m$/],
      ['shop/services/app', /^its limit of memory and swap is 32m, that of memory alone 64m$/],
      ['shop/services/deployed', /^it reserves 65m of memory, its limit is 64m$/],
      ['shop/services/files', /^its soft limit of nofile is 2, the hard one 1$/],
      ['shop/services/endless', /^its soft limit of nofile is -1, the hard one 1$/],
      ['shop', /^it reserves 65m of memory, its limit is 64m$/],
    ],
  },
];
