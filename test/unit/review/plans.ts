import { readPlan, reviewPlan, type Review, type ReviewInput } from '../../../review';

type Values = Readonly<Record<string, unknown>>;

export const encoded = (text: string): string => Buffer.from(text).toString('base64');

/** A server as it is in the state. */
export const server: Values = {
  id: '811000',
  name: 'prod-app',
  hostname: 'prod-app',
  plan: 'B1-2-2gb-40s-shared',
  region: 'LT-Siauliai',
  project_id: 254000,
  image: 'ubuntu_22_04',
  ssh_key_ids: ['13001'],
  user_data: encoded('#cloud-config\nusers: []\n'),
  os_partition_size: null,
  allow_reinstall: false,
  tags: {},
  pricing: { price: 0.03, currency: 'EUR' },
};

/** One entry of `resource_changes`. */
export const change = (
  actions: readonly string[],
  before: Values | null,
  after: Values | null,
  rest: Values = {},
  inChange: Values = {},
): Values => ({
  address: 'cherryservers_server.app',
  mode: 'managed',
  type: 'cherryservers_server',
  name: 'app',
  provider_name: 'registry.terraform.io/cherryservers/cherryservers',
  ...rest,
  change: {
    actions,
    before,
    after,
    after_unknown: {},
    before_sensitive: {},
    after_sensitive: {},
    ...inChange,
  },
});

/** The change of a server in place. */
export const updated = (changes: Values, inChange: Values = {}, before: Values = {}): Values =>
  change(['update'], { ...server, ...before }, { ...server, ...before, ...changes }, {}, inChange);

export const planOf = (changes: readonly Values[], rest: Values = {}): Values => ({
  format_version: '1.2',
  terraform_version: '1.11.4',
  resource_changes: changes,
  configuration: {
    provider_config: {
      cherryservers: {
        full_name: 'registry.terraform.io/cherryservers/cherryservers',
        version_constraint: '1.5.3',
      },
    },
  },
  ...rest,
});

export const reviewed = (
  changes: readonly Values[],
  input: Partial<Omit<ReviewInput, 'plan'>> = {},
  rest: Values = {},
): Review => reviewPlan({ plan: readPlan(JSON.stringify(planOf(changes, rest))), now: 0, ...input });
