import type { Power } from '../allowance';
import { mappingOf, type PlainMapping } from '../tree';
import { hasVariable, listOf, mayBeTrue, seccompFileOf, textsOf } from './entry';
import { devicesOf, hostPathsOf, partOfMachine } from './host-paths';
import { hostNamespacesOf } from './namespaces';
import { perProject, perService, type Rule } from './rule';

/** Capabilities that amount to rights on the host, all of them or over its files, kernel or clock (capabilities(7)). */
const hostCapabilities: ReadonlySet<string> = new Set([
  ...['ALL', 'SYS_ADMIN', 'SYS_MODULE', 'SYS_RAWIO', 'SYS_BOOT', 'SYS_PTRACE', 'SYS_TIME'],
  ...['BPF', 'PERFMON', 'MAC_ADMIN', 'MAC_OVERRIDE', 'DAC_READ_SEARCH'],
]);

type Taken = readonly [power: Power, what: string];

/** By what a service is in the document that it stands in: several rules ask the same, and an entry is in no other document. */
const asked = new WeakMap<PlainMapping, readonly Taken[]>();

/** What takes a service out of its box. */
function powersOf(entry: PlainMapping, document: PlainMapping): readonly Taken[] {
  const known = asked.get(entry) ?? findPowers(entry, document);
  asked.set(entry, known);
  return known;
}

const findPowers = (entry: PlainMapping, document: PlainMapping): readonly Taken[] => [
  ...rightsOf(entry),
  ...hostNamespacesOf(entry, document).map((what): Taken => ['host-namespaces', what]),
  ...hostPathsOf(entry, document).flatMap(({ how, path, readOnly, target = '' }): readonly Taken[] => {
    const [power, what] = partOfMachine(path) ?? [];
    if (power !== undefined && what !== undefined) return [[power, `${how} ${what}`]];
    return readOnly ? [] : [['host-state', `it writes to a directory of the host, at ${target}`]];
  }),
  ...devicesOf(entry).map((what): Taken => ['host-devices', what]),
];

function rightsOf(entry: PlainMapping): readonly Taken[] {
  const watches = listOf(mappingOf(entry['develop'])['watch']).map(mappingOf);
  const hooks = [
    ...[...listOf(entry['post_start']), ...listOf(entry['pre_stop'])].map(mappingOf),
    ...watches.map(({ exec }) => mappingOf(exec)),
  ];
  const found: Taken[] = [];
  if (mayBeTrue(entry['privileged'])) found.push(['privileged', 'it is privileged']);
  if (hooks.some((hook) => mayBeTrue(hook['privileged'])))
    found.push(['privileged', 'a hook of it is privileged']);
  for (const added of textsOf(entry['cap_add'])) {
    const capability = added.toUpperCase().replace(/^CAP_/, '');
    if (hostCapabilities.has(capability)) {
      found.push([`capability:${capability}`, `it has the capability ${capability}`]);
    } else if (hasVariable(added)) {
      found.push(['privileged', 'it has a capability that a variable names']);
    }
  }
  // Any program that is found there, also by its path (Docker Compose's source, "getPluginBinaryPath").
  if (entry['provider'] !== undefined)
    found.push(['host-program', 'Compose runs a program of the host for it (provider)']);
  if (mayBeTrue(entry['use_api_socket'])) found.push(['engine-socket', "it gets the Docker engine's socket"]);
  for (const option of textsOf(entry['security_opt'])) {
    const profile = /^(.*)[=:](?:unconfined|disable)$/.exec(option)?.[1];
    if (profile !== undefined) found.push(['unconfined', unconfinedBy(profile)]);
    else if (hasVariable(option))
      found.push(['unconfined', 'one of its security_opt is what a variable names']);
    else if (seccompFileOf(option) !== undefined)
      found.push(['unconfined', 'its seccomp profile is a file, which may allow everything']);
  }
  return [...found, ...buildRightsOf(mappingOf(entry['build']))];
}

/** What its build may do beyond others (BuildKit's entitlements; Compose asks for those that its keys need). */
function buildRightsOf({ privileged, network, entitlements }: PlainMapping): readonly Taken[] {
  const words = textsOf(entitlements);
  const found: Taken[] = [];
  if (mayBeTrue(privileged) || words.includes('security.insecure')) {
    found.push(['build-privileged', 'its build is privileged']);
  }
  if (words.some((word) => hasVariable(word))) {
    found.push(['build-privileged', 'its build has an entitlement that a variable names']);
  }
  if (network === 'host' || words.includes('network.host')) {
    found.push(['host-namespaces', "its build's network is the host's"]);
  } else if (hasVariable(network)) {
    found.push(['host-namespaces', "its build's network is what a variable names"]);
  }
  if (words.some((word) => /^device(?:=|$)/.test(word))) {
    found.push(['host-devices', 'its build gets a device of the host']);
  }
  return found;
}

/** What it runs without; only names that the engine knows are shown. */
const unconfinedBy = (profile: string): string =>
  ['seccomp', 'apparmor', 'label', 'systempaths'].includes(profile)
    ? `it runs without ${profile}`
    : 'one of its security_opt is unconfined';

/** Powers that a service takes and the project does not allow it, each once. */
const unallowed = (isAsked: (power: Power) => boolean): Rule['check'] =>
  perService(({ name, entry }, { project, document }) => {
    const messages = powersOf(entry, document).flatMap(([power, what]) =>
      isAsked(power) && !project.allow.some((each) => each.service === name && each.power === power)
        ? [`${what}, and the project does not allow it "${power}"`]
        : [],
    );
    return new Set(messages);
  });

/** These belong to the files' codes, which they had before there were others. */
export const hostFileRules: readonly Rule[] = [
  {
    code: 'COMPOSE-506',
    rule: "no service gets the Docker engine's socket or the host's own file systems, unless the project allows it",
    why: 'who holds the socket is root on the host',
    check: unallowed((power) => power === 'engine-socket' || power === 'host-files'),
  },
  {
    code: 'COMPOSE-510',
    rule: 'what a service writes for good goes to a volume, unless the project allows a directory of the host',
    why: 'no volume command knows of it: it is neither listed nor copied, and stays when the project is gone',
    check: unallowed((power) => power === 'host-state'),
  },
];

export const powerRules: readonly Rule[] = [
  {
    code: 'COMPOSE-701',
    rule: 'no service is privileged, unconfined, in a namespace of the host, at its devices or a program that runs there, unless the project allows it',
    why: 'whoever takes over such a container has the host',
    check: unallowed((power) => !['engine-socket', 'host-files', 'host-state'].includes(power)),
  },
  {
    code: 'COMPOSE-702',
    rule: 'what a project allows has a reason, and is used',
    why: 'an allowance that nobody needs is a door that nobody watches',
    check: perProject(function* ({ project, document, services }) {
      const byName = new Map(services.map((service) => [service.name, service]));
      for (const { service, power, reason } of project.allow) {
        const entry = byName.get(service)?.entry;
        if (reason.trim() === '') {
          yield { at: project, message: `it allows ${service} "${power}" without a reason` };
        }
        if (entry === undefined || !powersOf(entry, document).some(([taken]) => taken === power)) {
          yield { at: project, message: `it allows ${service} "${power}", which ${service} does not use` };
        }
      }
    }),
  },
];
