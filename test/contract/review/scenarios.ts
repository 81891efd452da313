import { keyTexts, project, tokens } from '../emulator/rig';
import { app, key, server, userData, withServer } from '../provider/configuration';
import type { World } from '../provider/run';

/** One change as somebody would propose it: what there is, what happened meanwhile, what the configuration says now. */
export interface Scenario {
  readonly name: string;
  /** What is applied beforehand. */
  readonly before: object;
  /** What happens at the provider between the two: nobody told Terraform. */
  readonly meanwhile?: (world: World) => Promise<unknown>;
  /** Whether the server is taken out of the state meanwhile, without being touched. */
  readonly forgotten?: boolean;
  /** The configuration that is planned, and applied afterwards. The id is the server's. */
  readonly after: (serverId: string) => object;
  /** Words between `plan` and its output, such as `-replace=…`. */
  readonly words?: readonly string[];
}

const otherKey = { name: 'other', public_key: keyTexts[1] };
const address = { project_id: project, region: 'LT-Siauliai', target_id: '${cherryservers_server.app.id}' };

type Settings = Readonly<Record<string, unknown>>;

/** Another value for each attribute of a server that can be set. */
const otherValues: Settings = {
  name: 'renamed',
  hostname: 'other-host',
  tags: { env: 'preview' },
  timeouts: { create: '30m' },
  image: 'debian_12_64bit',
  user_data: userData('second'),
  os_partition_size: 20,
  ssh_key_ids: ['${cherryservers_ssh_key.other.id}'],
  plan: 'B1-4-4gb-80s-shared',
  region: 'NL-Amsterdam',
  spot_instance: true,
  cycle: 'monthly',
  discount_code: 'SPRING',
};
const wiping = ['image', 'user_data', 'os_partition_size', 'ssh_key_ids'] as const;

const both = { deploy: key, other: otherKey };
const keyed = (changes: Settings, lifecycle: object = {}): object => ({
  resource: {
    cherryservers_ssh_key: both,
    cherryservers_server: { app: { ...server, ...changes, lifecycle } },
  },
});

const changed: readonly Scenario[] = [false, true].flatMap((allowed) =>
  Object.entries(otherValues).map(([attribute, value]): Scenario => ({
    name: `server ${attribute} changed, reinstall ${allowed ? 'allowed' : 'not allowed'}`,
    before: keyed({ allow_reinstall: allowed }),
    after: () => keyed({ allow_reinstall: allowed, [attribute]: value }),
  })),
);

const ignored: readonly Scenario[] = wiping.map((attribute) => ({
  name: `server ${attribute} changed and ignored`,
  before: keyed({ allow_reinstall: true }),
  after: () =>
    keyed({ allow_reinstall: true, [attribute]: otherValues[attribute] }, { ignore_changes: [attribute] }),
}));

const imported = (changes: Settings, lifecycle: object = {}): Omit<Scenario, 'name'> => ({
  before: keyed({}),
  forgotten: true,
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

const serverAlone = (changes: Settings = {}): object => withServer(changes);
const withAddress = (changes: Settings = {}): object => ({
  resource: {
    cherryservers_ssh_key: { deploy: key },
    cherryservers_server: { app: server },
    cherryservers_ip: { edge: { ...address, ...changes } },
  },
});
const apiCall =
  (method: string, path: (id: string) => string, body?: Settings) =>
  async (world: World): Promise<void> => {
    const [machine] = world.rig.machines.all;
    const answer = await world.rig.client(tokens.own).call(method, path(String(machine!.serverId)), body);
    if (answer.status >= 300) throw new Error(`${method}: ${answer.status}`);
  };

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
    meanwhile: apiCall('PUT', (id) => `/v1/servers/${id}`, { name: 'elsewhere', bgp: false }),
    after: () => serverAlone(),
  },
  {
    name: 'server deleted elsewhere',
    before: serverAlone(),
    meanwhile: apiCall('DELETE', (id) => `/v1/servers/${id}`),
    after: () => serverAlone(),
  },
  {
    name: 'server reinstalled elsewhere with another image, reinstall allowed',
    before: serverAlone({ allow_reinstall: true }),
    meanwhile: apiCall('POST', (id) => `/v1/servers/${id}/actions`, {
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

export const scenarios: readonly Scenario[] = [...changed, ...ignored, ...imports, ...others];
