import { isIPv4 } from 'node:net';
import { backendFaults, backendKinds } from '../infra/backend';
import { images, isPlanSlug, planExample, regions } from '../infra/cherry-catalogue';
import { archiveFaults } from '../services/archive/archive';
import { proxyFaults } from '../services/edge/trusted-proxies';
import { hookFaults } from '../services/deploy-hooks';
import { memoryLimitFaults } from '../services/memory-limits';
import { instanceFaults } from '../services/sourcecred/instance';
import {
  deliveries,
  failurePolicies,
  litellmModes,
  strategies,
  type CherryHost,
  type EnvironmentRecord,
} from './environment';
import type { Fault } from './fault';
import { rehearsalSuffix } from './rehearsal';

/** One rule over one field: what is wrong with its value, or nothing. */
interface Rule<T> {
  readonly field: string;
  readonly problems: (record: T) => readonly string[];
}

const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const hostNameForm = new RegExp(`^${label}$`);
const domainForm = new RegExp(`^(?=.{1,253}$)${label}(?:\\.${label})+$`);
const repositoryForm = new RegExp(
  `^${label}(?:\\.${label})+(?::\\d{1,5})?(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)+$`,
);

/** Folders beside those of the environments in `.cogni/`. */
const takenNames = ['sandbox', 'state'];

const unless = (fits: boolean, problem: string): readonly string[] => (fits ? [] : [problem]);
const oneOf = (value: string, allowed: readonly string[]): readonly string[] =>
  unless(allowed.includes(value), `"${value}" is not known; allowed: ${allowed.join(', ')}`);

/** What holds for every environment by itself. */
const recordRules: readonly Rule<EnvironmentRecord>[] = [
  {
    field: 'name',
    problems: ({ name }) => [
      ...unless(
        /^[a-z](?:[a-z0-9-]{0,28}[a-z0-9])?$/.test(name),
        `"${name}" is not 1 to 30 of a-z 0-9 -, beginning with a letter`,
      ),
      ...unless(
        !name.endsWith('-address'),
        `"${name}" ends in -address, which is kept for the stacks of floating addresses`,
      ),
      ...unless(
        !name.endsWith(rehearsalSuffix),
        `"${name}" ends in ${rehearsalSuffix}, which is kept for rehearsals of a rebuild`,
      ),
      ...unless(!takenNames.includes(name), `"${name}" is taken by a folder of ours in .cogni/`),
    ],
  },
  {
    field: 'domain',
    problems: ({ domain }) => [
      ...unless(
        domainForm.test(domain),
        `"${domain}" is not a host name in lower case, such as app.your-domain.org`,
      ),
      ...unless(
        !isPlaceholder(domain),
        `"${domain}" is a placeholder: write the name whose DNS record you control`,
      ),
    ],
  },
  { field: 'strategy', problems: ({ strategy }) => oneOf(strategy, strategies) },
  { field: 'runtime.litellm', problems: ({ runtime }) => oneOf(runtime.litellm, litellmModes) },
  { field: 'runtime.memory', problems: ({ runtime }) => memoryLimitFaults(runtime.memory ?? {}) },
  {
    field: 'sourcecred',
    problems: ({ sourcecred }) => (sourcecred === undefined ? [] : instanceFaults(sourcecred)),
  },
  {
    field: 'archive',
    problems: ({ archive }) => (archive === undefined ? [] : archiveFaults(archive)),
  },
  { field: 'hooks', problems: ({ hooks }) => (hooks === undefined ? [] : hookFaults(hooks)) },
  {
    field: 'delivery.branch',
    problems: ({ delivery }) =>
      unless(
        delivery === undefined || /^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/.test(delivery.branch),
        `"${delivery?.branch ?? ''}" is not a branch of letters, digits, - and _, such as staging`,
      ),
  },
  {
    field: 'delivery.kind',
    problems: ({ delivery, policies }) => [
      ...(delivery === undefined ? [] : oneOf(delivery.kind, deliveries)),
      ...unless(
        delivery?.kind !== 'test' || !policies.manual,
        '"test" deploys by itself, and policies.manual wants a person to start every deploy',
      ),
    ],
  },
  { field: 'policies.onFailure', problems: ({ policies }) => oneOf(policies.onFailure, failurePolicies) },
  {
    field: 'imageRepository',
    problems: ({ imageRepository }) =>
      unless(
        repositoryForm.test(imageRepository),
        `"${imageRepository}" is not a registry and a repository without a tag, such as ghcr.io/owner/name`,
      ),
  },
  {
    field: 'imageTagPrefix',
    problems: ({ imageTagPrefix }) =>
      unless(
        /^[a-z][a-z0-9-]{0,19}$/.test(imageTagPrefix),
        `"${imageTagPrefix}" is not 1 to 20 of a-z 0-9 -, beginning with a letter`,
      ),
  },
  {
    field: 'signing.keyFiles',
    problems: ({ signing }) => [
      ...unless(signing?.keyFiles.length !== 0, 'names no file: leave signing out, or name a public key'),
      ...(signing?.keyFiles ?? []).flatMap((file) =>
        unless(
          /^keys\/[A-Za-z0-9._-]+\.pub$/.test(file),
          `"${file}" is not a file of keys/ that ends in .pub, such as keys/cosign.pub`,
        ),
      ),
    ],
  },
  {
    field: 'plans.signers',
    problems: ({ plans }) => [
      ...unless(plans?.signers.length !== 0, 'names no file: then no plan could ever be applied'),
      ...(plans?.signers ?? []).flatMap((file) =>
        unless(
          /^keys\/[A-Za-z0-9._-]+\.pub$/.test(file),
          `"${file}" is not a file of keys/ that ends in .pub, such as keys/planner.pub`,
        ),
      ),
    ],
  },
  {
    field: 'plans.recipients',
    problems: ({ plans }) => [
      ...unless(plans?.recipients.length !== 0, 'names nobody: then no plan could ever be opened'),
      ...(plans?.recipients ?? []).flatMap((recipient) =>
        unless(
          /^age1[0-9a-z]{50,}$/.test(recipient),
          `"${recipient}" is not a recipient of age (age1…; age-keygen prints it)`,
        ),
      ),
    ],
  },
  {
    field: 'migrationsFolder',
    problems: ({ migrationsFolder: folder = '/' }) =>
      unless(
        /^\/[\w./-]*$/.test(folder) && !folder.split('/').includes('..'),
        `"${folder}" is not an absolute path of letters, digits and . _ -`,
      ),
  },
  {
    field: 'acme.directory',
    problems: ({ acme }) =>
      unless(
        URL.canParse(acme.directory) && new URL(acme.directory).protocol === 'https:',
        `"${acme.directory}" is not an https URL`,
      ),
  },
  {
    field: 'acme.email',
    problems: ({ acme }) =>
      unless(
        acme.email === undefined || /^[A-Za-z0-9._%+-]+@[a-z0-9.-]+$/.test(acme.email),
        `"${acme.email ?? ''}" is not an address`,
      ),
  },
  { field: 'trustedProxies', problems: ({ trustedProxies = [] }) => proxyFaults(trustedProxies) },
  {
    field: 'state',
    problems: ({ state }) => {
      const kind = oneOf(state.kind, backendKinds);
      return kind.length > 0 ? kind : backendFaults(state);
    },
  },
  {
    field: 'host.name',
    problems: ({ host }) =>
      unless(hostNameForm.test(host.name), `"${host.name}" is not a host name: 1 to 63 of a-z 0-9 -`),
  },
  {
    field: 'host.address',
    problems: ({ host }) =>
      unless(
        host.kind !== 'existing' || isIPv4(host.address) || domainForm.test(host.address),
        `"${host.kind === 'existing' ? host.address : ''}" is neither an IPv4 address nor a host name`,
      ),
  },
];

/** What holds for a host that is rented from Cherry. */
const cherryRules: readonly Rule<CherryHost>[] = [
  {
    field: 'host.project',
    problems: ({ project }) =>
      typeof project !== 'number' || (Number.isSafeInteger(project) && project > 0)
        ? []
        : [`${project} is not a project's number (Cherry portal, project settings)`],
  },
  {
    field: 'host.plan',
    problems: ({ plan }) =>
      unless(isPlanSlug(plan), `"${plan}" is not a plan's slug, such as ${planExample}`),
  },
  { field: 'host.region', problems: ({ region }) => oneOf(region, regions) },
  { field: 'host.image', problems: ({ image }) => oneOf(image, images) },
  {
    field: 'host.swapMebibytes',
    problems: ({ swapMebibytes }) =>
      unless(
        Number.isInteger(swapMebibytes) && swapMebibytes >= 0 && swapMebibytes <= 65_536,
        `${swapMebibytes} is not a number of MiB from 0 (no swap) to 65536`,
      ),
  },
];

/** RFC 2606 keeps these from ever being somebody's: whoever writes one has not filled the field in yet. */
const isPlaceholder = (domain: string): boolean =>
  /(?:^|\.)(?:example(?:\.(?:com|net|org))?|invalid|localhost)$/.test(domain);

/** Everything wrong with one record by itself. */
export function recordFaults(record: EnvironmentRecord): readonly Fault[] {
  const { host } = record;
  const all: readonly (readonly [string, readonly string[]])[] = [
    ...recordRules.map((rule) => [rule.field, rule.problems(record)] as const),
    ...(host.kind === 'cherry' ? cherryRules.map((rule) => [rule.field, rule.problems(host)] as const) : []),
  ];
  return all.flatMap(([field, problems]) =>
    problems.map((problem) => ({ environment: record.name, field, problem })),
  );
}

/** A property that no two environments may share. */
interface Unique {
  readonly field: string;
  /** Names that an environment claims for itself. */
  readonly claims: (record: EnvironmentRecord) => readonly string[];
  readonly why: string;
}

const uniques: readonly Unique[] = [
  { field: 'name', claims: (record) => [record.name], why: 'each has its own stack and state' },
  {
    field: 'domain',
    claims: (record) => (record.www ? [record.domain, `www.${record.domain}`] : [record.domain]),
    why: 'DNS points at one host',
  },
  {
    field: 'host.name',
    claims: (record) => [record.host.name],
    why: 'Cherry would take twins, and nobody could tell them apart',
  },
  {
    field: 'host.address',
    claims: ({ host }) => (host.kind === 'existing' ? [host.address] : []),
    why: 'each would deploy over the other',
  },
  {
    field: 'archive',
    claims: ({ archive }) => (archive === undefined ? [] : [`${archive.endpoint}/${archive.bucket}`]),
    why: 'two databases in one archive would spoil it for both',
  },
  {
    field: 'host.deployKeyFile',
    claims: ({ host }) => (host.kind === 'cherry' ? [host.deployKeyFile] : []),
    why: 'whoever deploys one could log in to the other',
  },
];

/** A receiver runs on the host of another environment: one that there is, and not the one that could be lost. */
function receiverFault(record: EnvironmentRecord, records: readonly EnvironmentRecord[]): readonly Fault[] {
  const { archive, name, host } = record;
  if (archive?.receiver === undefined) return [];
  const { receiver } = archive;
  const problem =
    'address' in receiver
      ? host.kind === 'existing' && host.address === receiver.address
        ? `receiver address "${receiver.address}" is the host's own: what is lost with it would be lost with both`
        : undefined
      : receiver.on === name
        ? `receiver on "${receiver.on}" is the environment itself: what is lost with its host would be lost with both`
        : records.some((other) => other.name === receiver.on)
          ? undefined
          : `receiver on "${receiver.on}" is no environment; there are: ${records.map((other) => other.name).join(', ')}`;
  return problem === undefined ? [] : [{ environment: name, field: 'archive', problem }];
}

/** What environments must not have in common, and what one must know of another: the faults of each record, in the order of the records. */
export function sharedFaults(
  records: readonly EnvironmentRecord[],
  options: { readonly oneKeyForAll: boolean },
): readonly (readonly Fault[])[] {
  const looked = uniques.filter(({ field }) => !(options.oneKeyForAll && field === 'host.deployKeyFile'));
  return records.map((record) => [
    ...receiverFault(record, records),
    ...looked.flatMap(({ field, claims, why }) =>
      claims(record).flatMap((claim) =>
        records
          .filter((other) => other !== record && claims(other).includes(claim))
          .map((other) => ({
            environment: record.name,
            field,
            problem: `"${claim}" is also that of ${other.name === record.name ? 'another record' : other.name}: ${why}`,
          })),
      ),
    ),
  ]);
}
