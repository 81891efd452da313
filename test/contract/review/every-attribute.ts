import { keyTexts, project, team } from '../emulator/rig';
import { key, server, userData } from '../provider/configuration';
import { callElsewhere, type Meanwhile, type Scenario, type Values } from './scenario';

/**
 * Every attribute that can be set, of every type, in every way in which a change comes: written at the creation, changed, together
 * with an import, a move or a replacement, changed by somebody else, and with a value that is only known after apply.
 */

type Blocks = Readonly<Record<string, Readonly<Record<string, Values>>>>;
type Elsewhere = (address: string) => Meanwhile;

interface Attribute {
  readonly value: unknown;
  /** The same, known only after apply. */
  readonly unknown: unknown;
  /** Resources that the unknown value comes from: they are made in the same apply. */
  readonly madeWithIt?: Blocks;
  /** Attributes that cannot stand beside it. */
  readonly insteadOf?: readonly string[];
  /** How somebody else changes it at the provider; absent where the API has no call for that. */
  readonly elsewhere?: Elsewhere;
}

/** Resources of one type. */
interface Subject {
  readonly type: string;
  readonly values: Values;
  /** What else there is. */
  readonly around: Blocks;
  /** What an import names it by. @default its id */
  readonly importedBy?: (id: string) => string;
  /** Attributes that an import does not read: any value of theirs is a change. */
  readonly unread?: readonly string[];
  /** What each case is tried with, by the words for it. */
  readonly variants: Readonly<Record<string, Values>>;
  /** Attributes for which a variant decides; the others are only changed in each of them, and all else happens in the last. @default all */
  readonly varying?: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A resource whose id no plan knows. */
const source: Blocks = { null_resource: { source: {} } };
const id = 'null_resource.source.id';
const unknownText = (value: string): string => `\${substr("${value}\${${id}}", 0, ${value.length})}`;
const text = (value: string): Attribute => ({
  value,
  unknown: unknownText(value),
  madeWithIt: source,
});
const number = (value: number): Attribute => ({
  value,
  unknown: `\${${value} + 0 * length(${id})}`,
  madeWithIt: source,
});
const tags: Attribute = {
  value: { env: 'preview' },
  unknown: { env: unknownText('preview') },
  madeWithIt: source,
};

const put =
  (path: (id: string) => string, body: Values): Elsewhere =>
  (address) =>
    callElsewhere(address, 'PUT', path, body);
const serverCall = (body: Values): Elsewhere => put((of) => `/v1/servers/${of}`, { bgp: false, ...body });
const addressCall = (body: Values): Elsewhere => put((of) => `/v1/ips/${of}`, body);
const reinstalled =
  (body: Values): Elsewhere =>
  (address) =>
    callElsewhere(address, 'POST', (of) => `/v1/servers/${of}/actions`, {
      ...{ type: 'reinstall', image: server.image, password: 'sandBox1pw', ...body },
    });

const otherKey: Blocks = { cherryservers_ssh_key: { other: { name: 'other', public_key: keyTexts[1] } } };
const place = { project_id: project, region: 'LT-Siauliai' };
const spareAddress: Blocks = { cherryservers_ip: { spare: place } };
const idOf = (address: string): string => `\${${address}.id}`;
const extraAddress: Attribute = {
  value: [idOf('cherryservers_ip.spare')],
  unknown: [idOf('cherryservers_ip.spare')],
  madeWithIt: spareAddress,
};

const projectOfOurs = 'cherryservers_project.other';
const anotherProject: Attribute = {
  value: `\${tonumber(${projectOfOurs}.id)}`,
  unknown: `\${tonumber(${projectOfOurs}.id)}`,
  madeWithIt: { cherryservers_project: { other: { name: 'other', team_id: team } } },
};

const subjects: readonly Subject[] = [
  {
    type: 'cherryservers_server',
    values: server,
    around: { cherryservers_ssh_key: { deploy: key } },
    unread: ['user_data'],
    variants: {
      ', reinstall allowed': { allow_reinstall: true },
      ', reinstall not allowed': { allow_reinstall: false },
    },
    varying: ['image', 'user_data', 'os_partition_size', 'ssh_key_ids'],
    attributes: {
      name: { ...text('renamed'), elsewhere: serverCall({ name: 'renamed' }) },
      hostname: { ...text('other-host'), elsewhere: serverCall({ hostname: 'other-host' }) },
      tags: { ...tags, elsewhere: serverCall({ tags: { env: 'preview' } }) },
      timeouts: { value: { create: '30m' }, unknown: { create: unknownText('30m') }, madeWithIt: source },
      image: { ...text('debian_12_64bit'), elsewhere: reinstalled({ image: 'debian_12_64bit' }) },
      user_data: {
        ...text(userData('second')),
        elsewhere: reinstalled({ user_data: userData('second') }),
      },
      os_partition_size: { ...number(20), elsewhere: reinstalled({ os_partition_size: 20 }) },
      ssh_key_ids: {
        value: [idOf('cherryservers_ssh_key.other')],
        unknown: [idOf('cherryservers_ssh_key.other')],
        madeWithIt: otherKey,
        elsewhere: reinstalled({ ssh_keys: [] }),
      },
      plan: text('B1-4-4gb-80s-shared'),
      region: text('NL-Amsterdam'),
      project_id: anotherProject,
      spot_instance: { value: true, unknown: `\${length(${id}) > 0}`, madeWithIt: source },
      cycle: text('monthly'),
      discount_code: text('SPRING'),
      extra_ip_addresses_ids: extraAddress,
      ip_addresses_ids: extraAddress,
    },
  },
  {
    type: 'cherryservers_ip',
    values: { ...place, target_id: idOf('cherryservers_server.app') },
    around: { cherryservers_ssh_key: { deploy: key }, cherryservers_server: { app: server } },
    variants: { '': {} },
    attributes: {
      a_record: { ...text('edge'), elsewhere: addressCall({ a_record: 'edge' }) },
      ptr_record: {
        ...text('edge.example.test.'),
        elsewhere: addressCall({ ptr_record: 'edge.example.test.' }),
      },
      tags: { ...tags, elsewhere: addressCall({ tags: { env: 'preview' } }) },
      target_id: {
        value: '0',
        unknown: unknownText('0'),
        madeWithIt: source,
        elsewhere: addressCall({ targeted_to: '0' }),
      },
      target_hostname: {
        value: '${cherryservers_server.app.hostname}',
        unknown: `\${substr("\${cherryservers_server.app.hostname}\${${id}}", 0, ${server.hostname.length})}`,
        madeWithIt: source,
        insteadOf: ['target_id'],
      },
      target_ip_id: {
        value: '${one([for a in cherryservers_server.app.ip_addresses : a.id if a.type == "primary-ip"])}',
        unknown: `\${substr("\${one([for a in cherryservers_server.app.ip_addresses : a.id if a.type == "primary-ip"])}\${${id}}", 0, 36)}`,
        madeWithIt: source,
        insteadOf: ['target_id'],
      },
      // The server that it points at is where it was.
      region: { ...text('NL-Amsterdam'), insteadOf: ['target_id'] },
      project_id: { ...anotherProject, insteadOf: ['target_id'] },
    },
  },
  {
    type: 'cherryservers_ssh_key',
    values: key,
    around: {},
    variants: { '': {} },
    attributes: {
      name: { ...text('renamed'), elsewhere: put((of) => `/v1/ssh-keys/${of}`, { label: 'renamed' }) },
      public_key: {
        ...text(keyTexts[1]),
        elsewhere: put((of) => `/v1/ssh-keys/${of}`, { key: keyTexts[1] }),
      },
    },
  },
  {
    type: 'cherryservers_project',
    values: { name: 'cogni', team_id: team },
    importedBy: (of) => `${team},${of}`,
    around: {},
    variants: { '': {} },
    attributes: {
      name: { ...text('renamed'), elsewhere: put((of) => `/v1/projects/${of}`, { name: 'renamed' }) },
      // Changed elsewhere it would be switched off again, and what the API then says of the number is not known.
      bgp: {
        value: { enabled: true },
        unknown: { enabled: `\${length(${id}) > 0}` },
        madeWithIt: source,
      },
    },
  },
];

/** Blocks of several, those of the same type together. */
const together = (...all: readonly Blocks[]): Blocks =>
  all.reduce(
    (sum, blocks) => ({
      ...sum,
      ...Object.fromEntries(
        Object.entries(blocks).map(([type, named]) => [type, { ...sum[type], ...named }]),
      ),
    }),
    {},
  );

const without = (attributes: readonly string[], values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([each]) => !attributes.includes(each)));

/** Every way in which a change of one attribute comes. */
function waysOf(subject: Subject, attribute: string, variant: string): readonly Scenario[] {
  const { type, around, unread = [], importedBy = (of: string) => of } = subject;
  const { value, unknown, madeWithIt = {}, insteadOf = [], elsewhere } = subject.attributes[attribute]!;
  const name = type.endsWith('_server') ? 'app' : 'it';
  const address = `${type}.${name}`;
  const plain = { ...subject.values, ...subject.variants[variant] };
  const kept = without(insteadOf, plain);
  const other = { ...kept, [attribute]: value };
  const read = { ...without(unread, kept), [attribute]: value };
  /** Where the value comes from another resource, that is there from the beginning; but for a value that is not known. */
  const sources = JSON.stringify(value).includes('cherryservers_') ? madeWithIt : {};
  const written = (values: Values, as = name): { readonly resource: Blocks } => ({
    resource: together(around, sources, { [type]: { [as]: values } }),
  });
  const what = `${type.replace('cherryservers_', '')} ${attribute}`;
  const scenarios: readonly (Scenario | undefined)[] = [
    { name: `${what} written at the creation${variant}`, before: {}, after: () => written(other) },
    { name: `${what} changed${variant}`, before: written(plain), after: () => written(other) },
    {
      name: `${what} otherwise than what is imported${variant}`,
      before: written(plain),
      forgotten: address,
      after: (of) => ({ ...written(read), import: [{ to: address, id: importedBy(of) }] }),
    },
    {
      name: `${what} changed with a move${variant}`,
      before: written(plain),
      after: () => ({
        ...written(other, 'moved'),
        moved: [{ from: address, to: `${type}.moved` }],
      }),
    },
    {
      name: `${what} changed with a replacement${variant}`,
      before: written(plain),
      after: () => written(other),
      words: [`-replace=${address}`],
    },
    {
      name: `${what} only known after apply${variant}`,
      before: { resource: together(around, { [type]: { [name]: plain } }) },
      after: () => ({
        resource: together(around, madeWithIt, { [type]: { [name]: { ...kept, [attribute]: unknown } } }),
      }),
    },
    elsewhere && {
      name: `${what} changed elsewhere${variant}`,
      before: written(plain),
      meanwhile: elsewhere(address),
      after: () => written(plain),
    },
  ];
  const last = Object.keys(subject.variants).at(-1) === variant;
  const all = last || (subject.varying ?? [attribute]).includes(attribute);
  return scenarios.filter(
    (each) => each !== undefined && (all || each.name === `${what} changed${variant}`),
  ) as readonly Scenario[];
}

export const everyAttribute: readonly Scenario[] = subjects.flatMap((subject) =>
  Object.keys(subject.attributes).flatMap((attribute) =>
    Object.keys(subject.variants).flatMap((variant) => waysOf(subject, attribute, variant)),
  ),
);

/** Attributes that are tried, by type. */
export const triedAttributes: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  subjects.map(({ type, attributes }) => [type, Object.keys(attributes)]),
);
