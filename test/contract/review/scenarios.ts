import { keyTexts, project } from '../emulator/rig';
import { app, key, server, userData, withServer } from '../provider/configuration';
import { everyAttribute } from './every-attribute';
import { callElsewhere, type Scenario, type Values } from './scenario';

const otherKey = { name: 'other', public_key: keyTexts[1] };
const address = { project_id: project, region: 'LT-Siauliai', target_id: '${cherryservers_server.app.id}' };

/** Another value for each attribute whose change empties the disk. */
const otherValues = {
  image: 'debian_12_64bit',
  user_data: userData('second'),
  os_partition_size: 20,
  ssh_key_ids: ['${cherryservers_ssh_key.other.id}'],
} as const;
const wiping = Object.keys(otherValues) as (keyof typeof otherValues)[];

const both = { deploy: key, other: otherKey };
const keyed = (changes: Values, lifecycle: object = {}): object => ({
  resource: {
    cherryservers_ssh_key: both,
    cherryservers_server: { app: { ...server, ...changes, lifecycle } },
  },
});

const ignored: readonly Scenario[] = wiping.map((attribute) => ({
  name: `server ${attribute} changed and ignored`,
  before: keyed({ allow_reinstall: true }),
  after: () =>
    keyed({ allow_reinstall: true, [attribute]: otherValues[attribute] }, { ignore_changes: [attribute] }),
}));

const imported = (changes: Values, lifecycle: object = {}): Omit<Scenario, 'name'> => ({
  before: keyed({}),
  forgotten: app,
  after: (id) => ({
    ...keyed(changes, lifecycle),
    import: [{ to: app, id }],
  }),
});

const imports: readonly Scenario[] = [
  {
    name: 'server imported, user_data configured, reinstall allowed',
    ...imported({ allow_reinstall: true }),
  },
  { name: 'server imported, user_data configured, reinstall not allowed', ...imported({}) },
  {
    name: 'server imported, user_data configured and ignored, reinstall allowed',
    ...imported({ allow_reinstall: true }, { ignore_changes: ['user_data'] }),
  },
  {
    name: 'server imported, user_data configured and ignored',
    ...imported({}, { ignore_changes: ['user_data'] }),
  },
  { name: 'server imported without user_data', ...imported({ user_data: null }) },
];

const serverAlone = (changes: Values = {}): object => withServer(changes);
const withAddress = (changes: Values = {}): object => ({
  resource: {
    cherryservers_ssh_key: { deploy: key },
    cherryservers_server: { app: server },
    cherryservers_ip: { edge: { ...address, ...changes } },
  },
});
const others: readonly Scenario[] = [
  { name: 'nothing changed', before: serverAlone(), after: () => serverAlone() },
  {
    name: 'nothing changed, reinstall allowed',
    before: serverAlone({ allow_reinstall: true }),
    after: () => serverAlone({ allow_reinstall: true }),
  },
  { name: 'everything new', before: {}, after: () => withAddress() },
  {
    name: 'everything removed',
    before: withAddress(),
    after: () => ({}),
  },
  {
    name: 'reinstall allowed and nothing else',
    before: serverAlone(),
    after: () => serverAlone({ allow_reinstall: true }),
  },
  {
    name: 'reinstall allowed, together with a name',
    before: serverAlone(),
    after: () => serverAlone({ allow_reinstall: true, name: 'renamed' }),
  },
  {
    name: 'reinstall allowed, together with other user_data',
    before: serverAlone(),
    after: () => serverAlone({ allow_reinstall: true, user_data: userData('second') }),
  },
  {
    name: 'reinstall forbidden, together with other user_data',
    before: serverAlone({ allow_reinstall: true }),
    after: () => serverAlone({ user_data: userData('second') }),
  },
  {
    name: 'white space in user_data, reinstall allowed',
    before: serverAlone({ allow_reinstall: true }),
    after: () => serverAlone({ allow_reinstall: true, user_data: userData('first ') }),
  },
  {
    name: 'user_data removed, reinstall allowed',
    before: serverAlone({ allow_reinstall: true }),
    after: () => serverAlone({ allow_reinstall: true, user_data: null }),
  },
  {
    name: 'user_data that is not base64, on a new server',
    before: {},
    after: () => serverAlone({ user_data: 'not base64!' }),
  },
  {
    name: 'user_data that is not cloud-init, on a new server',
    before: {},
    after: () => serverAlone({ user_data: Buffer.from('hello').toString('base64') }),
  },
  {
    name: 'a key replaced, so that its id is unknown, reinstall allowed',
    before: serverAlone({ allow_reinstall: true }),
    after: () => serverAlone({ allow_reinstall: true }),
    words: ['-replace=cherryservers_ssh_key.deploy'],
  },
  {
    name: 'a key replaced, so that its id is unknown, reinstall not allowed',
    before: serverAlone(),
    after: () => serverAlone(),
    words: ['-replace=cherryservers_ssh_key.deploy'],
  },
  {
    name: 'another text in the same key, reinstall allowed',
    before: serverAlone({ allow_reinstall: true }),
    after: () => ({
      resource: {
        cherryservers_ssh_key: { deploy: { ...key, public_key: otherKey.public_key } },
        cherryservers_server: { app: { ...server, allow_reinstall: true } },
      },
    }),
  },
  {
    name: 'the name of a key',
    before: { resource: { cherryservers_ssh_key: { deploy: key } } },
    after: () => ({ resource: { cherryservers_ssh_key: { deploy: { ...key, name: 'renamed' } } } }),
  },
  {
    name: 'user_data only known after apply, reinstall allowed',
    before: serverAlone({ allow_reinstall: true }),
    after: () => ({
      resource: {
        ...(serverAlone() as { resource: object }).resource,
        null_resource: { words: {} },
        cherryservers_server: {
          app: {
            ...server,
            allow_reinstall: true,
            user_data: '${base64encode("#cloud-config\\n# ${null_resource.words.id}\\n")}',
          },
        },
      },
    }),
  },
  {
    name: 'server moved to another address of the configuration',
    before: serverAlone(),
    after: () => ({
      resource: { cherryservers_ssh_key: { deploy: key }, cherryservers_server: { web: server } },
      moved: [{ from: app, to: 'cherryservers_server.web' }],
    }),
  },
  {
    name: 'server moved, with other user_data, reinstall allowed',
    before: serverAlone({ allow_reinstall: true }),
    after: () => ({
      resource: {
        cherryservers_ssh_key: { deploy: key },
        cherryservers_server: {
          web: { ...server, allow_reinstall: true, user_data: userData('second') },
        },
      },
      moved: [{ from: app, to: 'cherryservers_server.web' }],
    }),
  },
  {
    name: 'server replaced by request',
    before: serverAlone(),
    after: () => serverAlone(),
    words: [`-replace=${app}`],
  },
  {
    name: 'server replaced, the new one first',
    before: keyed({}, { create_before_destroy: true }),
    after: () => keyed({ plan: 'B1-4-4gb-80s-shared' }, { create_before_destroy: true }),
  },
  {
    name: 'server forgotten and left running',
    before: serverAlone(),
    after: () => ({
      resource: { cherryservers_ssh_key: { deploy: key } },
      removed: [{ from: app, lifecycle: [{ destroy: false }] }],
    }),
  },
  {
    name: 'server renamed elsewhere',
    before: serverAlone(),
    meanwhile: callElsewhere(app, 'PUT', (id) => `/v1/servers/${id}`, { name: 'elsewhere', bgp: false }),
    after: () => serverAlone(),
  },
  {
    name: 'server deleted elsewhere',
    before: serverAlone(),
    meanwhile: callElsewhere(app, 'DELETE', (id) => `/v1/servers/${id}`),
    after: () => serverAlone(),
  },
  {
    name: 'server reinstalled elsewhere with another image, reinstall allowed',
    before: serverAlone({ allow_reinstall: true }),
    meanwhile: callElsewhere(app, 'POST', (id) => `/v1/servers/${id}/actions`, {
      type: 'reinstall',
      image: 'debian_12_64bit',
      password: 'sandBox1pw',
    }),
    after: () => serverAlone({ allow_reinstall: true }),
  },
  {
    name: 'the region was renamed at the provider',
    before: serverAlone(),
    meanwhile: (world) =>
      world.rig.control('PATCH', 'catalogue', { regions: [{ slug: 'LT-Siauliai', newSlug: 'LT-North' }] }),
    after: () => serverAlone(),
  },
  {
    name: 'the region was renamed at the provider, and the configuration follows',
    before: serverAlone(),
    meanwhile: (world) =>
      world.rig.control('PATCH', 'catalogue', { regions: [{ slug: 'LT-Siauliai', newSlug: 'LT-North' }] }),
    after: () => serverAlone({ region: 'LT-North' }),
  },
  {
    name: 'address tagged',
    before: withAddress(),
    after: () => withAddress({ tags: { env: 'preview' } }),
  },
  {
    name: 'address in another region',
    before: { resource: { cherryservers_ip: { edge: { project_id: project, region: 'LT-Siauliai' } } } },
    after: () => ({
      resource: { cherryservers_ip: { edge: { project_id: project, region: 'NL-Amsterdam' } } },
    }),
  },
  {
    name: 'a gate of the null provider runs again',
    before: { resource: { null_resource: { gate: { triggers: { host: '1' } } } } },
    after: () => ({ resource: { null_resource: { gate: { triggers: { host: '2' } } } } }),
  },
  {
    name: 'only an output changed',
    before: { ...serverAlone(), output: { host: { value: 'one' } } },
    after: () => ({ ...serverAlone(), output: { host: { value: 'two' } } }),
  },
];

export const scenarios: readonly Scenario[] = [...ignored, ...imports, ...others, ...everyAttribute];
