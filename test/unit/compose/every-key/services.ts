import {
  Bytes,
  DefaultedReference,
  Duration,
  ForeignFile,
  Healthcheck,
  ImageReference,
  Logging,
  mountFolder,
  mountHostDirectory,
  mountImage,
  mountVolume,
  OneShot,
  PassThrough,
  Port,
  Profile,
  SecretReference,
  Service,
  text,
  tmpfs,
  whenCompleted,
  whenHealthy,
  whenStarted,
  type DeviceRequest,
  type Project,
  type RollingProps,
} from '../../../../compose';
import { healthy, image, longRunning, plain } from '../example';
import { domain, person, type EveryDeclaration } from './declarations';

const gpu = {
  capabilities: ['gpu'],
  count: 1,
  driver: 'nvidia',
  options: { virtualization: 'false' },
} satisfies DeviceRequest;
/** One that is asked for by its id, without a count. */
const withIds: DeviceRequest = { capabilities: ['gpu'], ids: ['0'], driver: 'nvidia' };
const rolling: RollingProps = {
  parallelism: 2,
  delay: Duration.seconds(5),
  onFailure: 'pause',
  monitor: Duration.seconds(20),
  maxFailureRatio: 0.25,
  order: 'start-first',
};

/** Those that others wait for: healthy, completed, started. */
export function addWaitedFor(project: Project<'every-key'>, { network, data }: EveryDeclaration) {
  const db = new Service(project, 'db', {
    ...longRunning,
    networks: [network],
    mounts: [mountVolume(data, '/var/lib/db')],
    healthcheck: Healthcheck.shell('pg_isready || exit 1', {
      ...healthy().props,
      startInterval: Duration.seconds(1),
    }),
  });
  const job = new OneShot(project, 'job', {
    ...plain,
    platform: 'linux/amd64',
    profiles: [new Profile(project, 'setup')],
  });
  const off = new Service(project, 'off', {
    ...longRunning,
    restart: 'on-failure:3',
    healthcheck: 'disabled',
  });
  return { db, job, off };
}

/** One service with nearly every key that a service has. */
export function addFullService(
  project: Project<'every-key'>,
  { folder, network, edge, data, shared, configs, secrets, models }: EveryDeclaration,
  { db, job, off }: ReturnType<typeof addWaitedFor>,
): void {
  const { inline, filed, fromVariable, external } = configs;
  const { token, kept, externalSecret } = secrets;
  const { model, plainModel } = models;
  new Service(project, 'app', {
    image: new ImageReference('APP_IMAGE', 'set it'),
    restart: 'unless-stopped',
    memory: Bytes.mebibytes(256),
    memoryReservation: Bytes.mebibytes(128),
    memoryAndSwap: Bytes.mebibytes(512),
    swappiness: 10,
    sharedMemory: Bytes.mebibytes(16),
    cpus: 1.5,
    cpuShares: 512,
    cpuSet: '0-1',
    maxProcesses: 200,
    ulimits: { nofile: { soft: 1024, hard: 2048 }, nproc: 100 },
    outOfMemoryScore: 100,
    outOfMemoryKillDisabled: true,
    blockIo: {
      weight: 300,
      deviceWeights: { '/dev/sda': 400 },
      readRate: { '/dev/sda': Bytes.mebibytes(12) },
      writeRate: { '/dev/sda': Bytes.mebibytes(6) },
      readOperations: { '/dev/sda': 120 },
      writeOperations: { '/dev/sda': 30 },
    },
    storageOptions: { size: '1G' },
    entrypoint: [],
    command: ['serve', domain],
    environment: {
      LITERAL: 'costs $5 ${NOTHING}',
      URL: text`https://${domain}:${new DefaultedReference('PORT', '443')}`,
      SECRET: new SecretReference('SECRET', 'set it'),
      OPTIONAL: new PassThrough('OPTIONAL', false),
    },
    environmentFiles: [
      'config/app.env',
      { file: new ForeignFile('local.env', person), required: false, format: 'raw' },
    ],
    workingDirectory: '/srv',
    user: '1001:1001',
    groups: ['audio', 44],
    init: true,
    interactive: true,
    terminal: true,
    stopGrace: Duration.seconds(30),
    stopSignal: 'SIGINT',
    afterStart: [
      {
        command: ['warm', 'up'],
        user: 'root',
        workingDirectory: '/',
        environment: { A: 'b' },
        privileged: false,
      },
    ],
    beforeStop: [
      { command: ['drain'], user: 'root', workingDirectory: '/', environment: { A: 'b' }, privileged: true },
    ],
    readOnly: true,
    capabilities: ['NET_BIND_SERVICE'],
    securityOptions: ['label=type:app_t'],
    ipc: db,
    processes: db,
    cgroup: 'private',
    cgroupParent: 'm-executor-abcd',
    devices: [
      { source: '/dev/ttyUSB0', target: '/dev/ttyUSB1', permissions: 'rw' },
      { source: 'vendor.test/gpu=0' },
    ],
    deviceRules: ['c 1:3 mr'],
    gpus: [gpu, withIds],
    sysctls: { 'net.core.somaxconn': 1024 },
    runtime: 'runc',
    networks: [
      network.attach({
        aliases: ['web'],
        ipv4: '172.28.5.10',
        ipv6: '2001:db8::10',
        linkLocal: ['169.254.8.8'],
        macAddress: '02:42:ac:11:00:02',
        driverOptions: { a: 'b' },
        priority: 1000,
        gatewayPriority: 1,
        interfaceName: 'eth9',
      }),
      edge.as('every-app'),
    ],
    ports: [
      new Port({ host: 443, protocol: 'udp' }),
      new Port({ host: { from: 8000, to: 8010 }, container: 80, address: '127.0.0.1' }),
      new Port({ host: 'ephemeral', container: 81 }),
      new Port({
        host: 8443,
        container: 443,
        address: '::1',
        name: 'https',
        appProtocol: 'https',
        mode: 'host',
      }),
    ],
    hostname: 'app',
    domainName: 'every.test',
    exposes: [3000],
    dns: ['9.9.9.9'],
    dnsSearch: ['every.test'],
    dnsOptions: ['use-vc'],
    extraHosts: { somewhere: '10.0.0.1', both: ['10.0.0.2', '::1'] },
    macAddress: '02:42:ac:11:00:03',
    profiles: [new Profile(project, 'web')],
    containerName: 'every-app',
    labels: { 'dev.label': domain },
    labelFiles: ['config/labels'],
    annotations: { 'dev.annotation': 'x' },
    pullPolicy: 'missing',
    attach: false,
    models: [model.as({ endpoint: 'SMART_URL', model: 'SMART_NAME' }), plainModel],
    mounts: [
      mountVolume(data, '/data', {
        readOnly: true,
        subpath: 'app',
        noCopy: true,
        labels: { 'dev.label': 'mount' },
      }),
      mountVolume(shared, '/shared'),
      mountFolder(folder, '/config'),
      mountHostDirectory('/srv/files', '/files', {
        writable: true,
        create: true,
        propagation: 'rslave',
        recursive: 'enabled',
        selinux: 'z',
        consistency: 'cached',
      }),
      mountHostDirectory(new ForeignFile('uploads', person), '/uploads'),
      mountImage(image(), '/image', { subpath: 'share' }),
      tmpfs('/tmp', Bytes.mebibytes(16), { mode: 0o700 }),
    ],
    configs: [inline.at('/etc/inline', { uid: 1001, gid: 1001, mode: 0o440 }), filed, fromVariable, external],
    secrets: [token.at('token', { uid: 1001, gid: 1001, mode: 0o400 }), kept, externalSecret],
    dependsOn: [
      whenHealthy(db, { restart: true }),
      whenStarted(off),
      whenCompleted(job, { required: false }),
    ],
    logging: Logging.to('syslog', { 'syslog-address': 'tcp://192.0.2.1:514' }),
    deployment: {
      mode: 'replicated',
      endpointMode: 'vip',
      labels: { 'dev.label': 'service' },
      update: rolling,
      rollback: rolling,
      restart: {
        condition: 'on-failure',
        delay: Duration.seconds(5),
        maxAttempts: 3,
        window: Duration.seconds(120),
      },
      placement: {
        constraints: ['node.role==worker'],
        spreadOver: ['node.labels.zone'],
        maxReplicasPerNode: 1,
      },
      reservations: { cpus: 0.25, devices: [{ ...gpu, count: 'all' }, withIds], resources: { gpu: 2 } },
    },
    replicas: 1,
    watches: [
      {
        path: './src',
        action: 'sync+exec',
        target: '/srv',
        ignore: ['node_modules/'],
        include: ['*.ts'],
        initialSync: true,
        exec: {
          command: ['reload'],
          user: 'root',
          workingDirectory: '/',
          environment: { A: 'b' },
          privileged: true,
        },
      },
      { path: './package.json', action: 'rebuild' },
    ],
    healthcheck: new Healthcheck(['wget', '-q', 'http://127.0.0.1:3000/readyz'], healthy().props),
  });
}

/** The rest: keys that exclude others of the full one. */
export function addUnconfinedService(project: Project<'every-key'>): void {
  new Service(project, 'boxed', {
    ...longRunning,
    privileged: true,
    engineSocket: true,
    networks: 'host',
    hostName: 'host',
    users: 'host',
    gpus: 'all',
    cpuQuota: { quota: Duration.milliseconds(50), period: Duration.milliseconds(100) },
    cpuRealTime: { runtime: Duration.milliseconds(95), period: Duration.milliseconds(100) },
    afterStart: [{ command: ['true'], privileged: true }],
    logging: Logging.none(),
  });
}
