import { image } from './example';

/** A project that Docker Compose refuses though its schema takes it. */
interface RefusedProject {
  readonly title: string;
  readonly text: string;
  /** The rule that finds it. */
  readonly code: string;
}

/** A project that is sound but for this entry. */
export const projectWith = (entry: string, sections = ''): string =>
  `services: {a: {image: ${image()}, mem_limit: 64m, logging: {driver: none}, ${entry}}}\n${sections}`;

const refused = (
  title: string,
  entry: string,
  sections = '',
  code: RefusedProject['code'] = 'COMPOSE-804',
): RefusedProject => ({
  title,
  code,
  text: projectWith(entry, sections),
});

/** Entries that look as if Docker Compose refused them, and that it takes. */
export const takenByCompose: readonly string[] = [
  ...['-1', 'ALL', '"+3"'].map((count) => `gpus: [{count: ${count}}]`),
  'deploy: {resources: {reservations: {devices: [{capabilities: [gpu], count: -1}]}}}',
  ...['cpu_shares', 'cpu_quota', 'cpu_period', 'cpu_rt_runtime', 'cpu_rt_period'].map((key) => `${key}: 0.5`),
  'ports: ["80/", "81:81/", {target: 82, protocol: ""}, {target: 83, published: ""}]',
  ...[
    // Text, though it holds the sign.
    ...['costs 5$', 'echo $(date)', '$5', '$${', '$${B', '$$$${', '$${A:-}{B'],
    ...['$B', '${B}', '${B-b}', '${B:-b}', '${B+b}', '${B:+b}', '${B:-}', '${B:-a}}', '${B} ${C:-c}'],
    // Variables in arguments, and braces there that part nothing.
    ...['${B:-${C}}', '${B:-${C:-${D-d}}e}', '${B:+${C}}', '${B:-$${C}}', '${B:-{}}', '${B:-{b}', '${B:-$}'],
  ].map((text) => `environment: {A: "${text}"}`),
];

/** Entries that Docker Compose takes and hands on, and that the engine refuses. */
export const refusedByEngine: readonly string[] = [
  'ports: [{target: 80, protocol: foo}]',
  'ports: [{target: 80, published: http}]',
  'ports: [{target: 70000}]',
];

/** Each is one thing wrong with a project that is sound otherwise. */
export const refusedByCompose: readonly RefusedProject[] = [
  refused('a duration that is none', 'stop_grace_period: banana'),
  ...['${B', '${B.C}', '${}', '${1}', 'a${', '$$${', '${ B}', '${B:}', '${B/b/c}'].map((text) =>
    refused(`a variable that is none: ${text}`, `environment: {A: "${text}"}`),
  ),
  ...['${B:-${C}', '${B:-${}}', '${B:-${C.D}}', '${B:-b} ${C', '${B:-{b} ${C}'].map((text) =>
    refused(`a variable that is none beside another: ${text}`, `command: ["${text}"]`),
  ),
  refused('a variable on two lines', 'environment: {A: "${B:-b\\nc}"}'),
  refused('a variable that is none in a config', 'configs: [c]', 'configs: {c: {content: "${B"}}'),
  refused('a variable that is none in an extension field', 'x-a: ["${B"]'),
  refused('a duration without a unit', 'healthcheck: {test: ["CMD", "x"], interval: "5"}'),
  refused('a duration of a deployment that is none', 'deploy: {update_config: {delay: banana}}'),
  refused('a size that is none', 'shm_size: banana'),
  refused('a negative size in text', 'memswap_limit: "-1"'),
  refused('a number that is none', 'cpu_quota: banana'),
  refused('a fraction in text', 'cpu_shares: "0.5"'),
  refused('a limit of the kernel that is none', 'ulimits: {nofile: x}'),
  refused('a port that is none', 'ports: ["80:abc"]'),
  refused('a port beyond the last one', 'ports: ["70000:80"]'),
  refused('a number beyond the last port', 'ports: [70000]'),
  refused('a number that is no port', 'ports: [0]'),
  refused('ranges of ports of two lengths', 'ports: ["80-81:80-82"]'),
  refused('a range of ports that ends before it begins', 'ports: ["3-1:3-1"]'),
  refused('a protocol that is none', 'ports: ["80:80/xyz"]'),
  refused('a name for an address of the host', 'ports: ["localhost:80:80"]'),
  refused('half an address of the host', 'ports: [{target: 80, host_ip: "0"}]'),
  refused('a port without a target', 'ports: [{published: "80"}]'),
  refused(
    'permission bits that are none',
    'configs: [{source: c, mode: "0-1"}]',
    'configs: {c: {content: x}}',
  ),
  refused('a host without an address', 'extra_hosts: ["x"]'),
  refused('an environment file of an unknown format', 'env_file: [{path: ./f, format: banana}]'),
  refused('a test of a healthcheck without its kind', 'healthcheck: {test: ["curl", "x"]}'),
  refused('a network mode beside networks', 'network_mode: bridge, networks: [n]', 'networks: {n: }'),
  refused(
    'two Dockerfiles of one build',
    'build: {context: "https://git.test/a.git", dockerfile: D, dockerfile_inline: FROM scratch}',
  ),
  refused(
    'a build for other platforms',
    'build: {context: "https://git.test/a.git", platforms: [linux/amd64]}, platform: linux/arm64',
  ),
  refused(
    'a secret of a build that nobody declares',
    'build: {context: "https://git.test/a.git", secrets: [s]}',
    '',
    'COMPOSE-208',
  ),
  refused(
    'waiting, if it is there, for a service that nobody declares',
    'depends_on: {zz: {condition: service_started, required: false}}',
    '',
    'COMPOSE-208',
  ),
  refused(
    'waiting, if it is there, for itself',
    'depends_on: {a: {condition: service_started, required: false}}',
    '',
    'COMPOSE-207',
  ),
  refused('the memory of a service that nobody declares', 'ipc: "service:zz"', '', 'COMPOSE-208'),
  refused('its own memory for that of another', 'ipc: "service:a"', '', 'COMPOSE-207'),
  refused('two limits of memory', 'deploy: {resources: {limits: {memory: 65m}}}'),
  refused('a limit of memory beside others without it', 'deploy: {resources: {limits: {pids: 5}}}'),
  refused('two limits of processors', 'cpus: 1.5, deploy: {resources: {limits: {memory: 64m, cpus: "2"}}}'),
  refused('two limits of processes', 'pids_limit: 6, deploy: {resources: {limits: {memory: 64m, pids: 5}}}'),
  refused(
    'two reservations of memory',
    'mem_reservation: 2m, deploy: {resources: {limits: {memory: 64m}, reservations: {memory: 1m}}}',
  ),
  refused('two numbers of containers', 'scale: 2, deploy: {replicas: 3}'),
  refused('devices by number and by name', 'gpus: [{capabilities: [gpu], count: 1, device_ids: ["0"]}]'),
  refused('a number of devices that is none', 'gpus: [{capabilities: [gpu], count: x}]'),
  refused('a watch that copies to nowhere', 'develop: {watch: [{path: ./src, action: sync}]}'),
  refused('a mount of nothing', 'volumes: [{type: bind, target: /x}]'),
  refused('a config of two contents', 'configs: [c]', 'configs: {c: {content: x, environment: A}}'),
  refused('a config of no content', 'configs: [c]', 'configs: {c: {}}'),
  refused('a secret of two contents', 'secrets: [s]', 'secrets: {s: {file: ./f, environment: A}}'),
  refused('a secret of no content', 'secrets: [s]', 'secrets: {s: {driver: x}}'),
  refused(
    'an external volume with a driver',
    'volumes: ["v:/v"]',
    'volumes: {v: {external: true, driver: local}}',
  ),
];
