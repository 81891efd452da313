import type { Allowance, Power } from '../allowance';
import { mappingOf, type ServiceView } from '../inspection';
import type { PlainMapping } from '../tree';
import { isTrue, listOf, mountsOf, textsOf } from './entry';
import { perProject, perService, type Rule } from './rule';

/** The engine's socket; mounting `/run` is mounting it. */
const engineSocket = /^\/(?:var\/)?run(?:\/(?:docker|containerd)(?:[./].*)?)?$/;

/** Directories that are the machine itself. */
const machine =
  /^\/(?:|var|var\/lib|var\/lib\/(?:docker|containerd)(?:\/.*)?|etc|usr|home|proc(?:\/.*)?|sys(?:\/.*)?|dev(?:\/.*)?|boot|root)$/;

/** Capabilities that amount to the host's rights (capabilities(7)). */
const hostCapability = /^(?:CAP_)?(?:ALL|SYS_ADMIN|SYS_MODULE|SYS_RAWIO|SYS_BOOT|BPF)$/i;

const namespaces = ['network_mode', 'pid', 'ipc', 'uts', 'userns_mode', 'cgroup'] as const;

type Taken = readonly [power: Power, what: string];

/** What takes a service out of its box, from what stands in the file. */
function powersOf(entry: PlainMapping): readonly Taken[] {
  const hooks = [...listOf(entry['post_start']), ...listOf(entry['pre_stop'])].map(mappingOf);
  const build = mappingOf(entry['build']);
  const sources = mountsOf(entry).flatMap(({ type, source }) =>
    type === 'bind' && source !== undefined ? [source.replace(/(.)\/+$/, '$1')] : [],
  );
  const found: Taken[] = [];
  if (isTrue(entry['privileged'])) found.push(['privileged', 'it is privileged']);
  if (hooks.some((hook) => isTrue(hook['privileged'])))
    found.push(['privileged', 'a hook of it is privileged']);
  for (const capability of textsOf(entry['cap_add']).filter((each) => hostCapability.test(each))) {
    found.push(['privileged', `it has the capability ${capability}`]);
  }
  if (isTrue(entry['use_api_socket'])) found.push(['engine-socket', "it gets the Docker engine's socket"]);
  for (const source of sources) {
    if (engineSocket.test(source)) found.push(['engine-socket', `it mounts ${source} of the host`]);
    else if (machine.test(source)) found.push(['host-files', `it mounts ${source} of the host`]);
  }
  for (const key of namespaces) {
    if (entry[key] === 'host') found.push(['host-namespaces', `its ${key} is the host's`]);
  }
  for (const option of textsOf(entry['security_opt'])) {
    const profile = /^(.*)[=:](?:unconfined|disable)$/.exec(option)?.[1];
    if (profile !== undefined) found.push(['unconfined', unconfinedBy(profile)]);
  }
  if (isTrue(build['privileged']) || textsOf(build['entitlements']).includes('security.insecure')) {
    found.push(['build-privileged', 'its build is privileged']);
  }
  return found;
}

/** What it runs without; only names that the engine knows are shown. */
const unconfinedBy = (profile: string): string =>
  ['seccomp', 'apparmor', 'label', 'systempaths'].includes(profile)
    ? `it runs without ${profile}`
    : 'one of its security_opt is unconfined';

/** Powers that a service takes and the project does not allow it. */
function* unallowed(
  { name, entry }: ServiceView,
  allow: readonly Allowance[],
  ...powers: readonly Power[]
): Generator<string> {
  for (const [power, what] of powersOf(entry)) {
    if (!powers.includes(power)) continue;
    if (allow.some((allowance) => allowance.service === name && allowance.power === power)) continue;
    yield `${what}, and the project does not allow it "${power}"`;
  }
}

/** Belongs to the files' codes, which it had before there were others. */
export const socketRule: Rule = {
  code: 'COMPOSE-506',
  rule: "no service gets the Docker engine's socket or the host's own file systems, unless the project allows it",
  why: 'who holds the socket is root on the host',
  check: perService((service, { project }) =>
    unallowed(service, project.allow, 'engine-socket', 'host-files'),
  ),
};

export const powerRules: readonly Rule[] = [
  {
    code: 'COMPOSE-701',
    rule: 'no service is privileged, unconfined or in a namespace of the host, unless the project allows it',
    why: 'whoever takes over such a container has the host',
    check: perService((service, { project }) =>
      unallowed(service, project.allow, 'privileged', 'host-namespaces', 'unconfined', 'build-privileged'),
    ),
  },
  {
    code: 'COMPOSE-702',
    rule: 'what a project allows has a reason, and is used',
    why: 'an allowance that nobody needs is a door that nobody watches',
    check: perProject(function* ({ project, services }) {
      const byName = new Map(services.map((service) => [service.name, service]));
      for (const { service, power, reason } of project.allow) {
        const entry = byName.get(service)?.entry;
        if (reason.trim() === '') {
          yield { at: project, message: `it allows ${service} "${power}" without a reason` };
        }
        if (entry === undefined || !powersOf(entry).some(([taken]) => taken === power)) {
          yield { at: project, message: `it allows ${service} "${power}", which ${service} does not use` };
        }
      }
    }),
  },
];
