import { createHash } from 'node:crypto';

/** Plans of any size for measuring: shaped as Terraform prints them, with documents of machines in them. */

/** Bytes of user-data of each machine, about what ours have. */
const documentSize = 8 * 1024;

/** A plan that changes so many servers: in turns wiped, tagged, made and destroyed. */
export function planOfServers(count: number): object {
  const changes = Array.from({ length: count }, (_, index) => changeOf(index));
  const values = (side: 'before' | 'after'): object => ({
    root_module: {
      resources: changes.flatMap(({ change, ...resource }) =>
        change[side] === null ? [] : [{ ...resource, schema_version: 0, values: change[side] }],
      ),
    },
  });
  return {
    format_version: '1.2',
    terraform_version: '1.11.4',
    planned_values: values('after'),
    resource_changes: changes,
    prior_state: { format_version: '1.0', terraform_version: '1.11.4', values: values('before') },
    configuration: {
      provider_config: {
        cherryservers: {
          full_name: 'registry.terraform.io/cherryservers/cherryservers',
          version_constraint: '1.5.3',
        },
      },
    },
    applyable: true,
    complete: true,
    errored: false,
  };
}

interface Kind {
  readonly actions: readonly string[];
  readonly before: object | null;
  readonly after: object | null;
}

function changeOf(index: number) {
  const before = serverOf(index);
  const kinds: readonly [Kind, ...Kind[]] = [
    { actions: ['update'], before, after: { ...before, user_data: documentOf(index, 'second') } },
    { actions: ['update'], before, after: { ...before, tags: { env: 'preview' } } },
    { actions: ['create'], before: null, after: before },
    { actions: ['delete'], before, after: null },
  ];
  return {
    address: `cherryservers_server.host["${index}"]`,
    mode: 'managed',
    type: 'cherryservers_server',
    name: 'host',
    provider_name: 'registry.terraform.io/cherryservers/cherryservers',
    change: {
      ...(kinds[index % kinds.length] ?? kinds[0]),
      after_unknown: {},
      before_sensitive: {},
      after_sensitive: {},
    },
  };
}

const serverOf = (index: number): object => ({
  id: String(811_000 + index),
  hostname: `host-${index}`,
  name: `host-${index}`,
  plan: 'B1-2-2gb-40s-shared',
  region: 'LT-Siauliai',
  project_id: 254_000,
  image: 'ubuntu_22_04',
  ssh_key_ids: ['13001'],
  allow_reinstall: true,
  tags: {},
  pricing: { price: 0.03, currency: 'EUR' },
  user_data: documentOf(index, 'first'),
});

/** A document of many lines, a few of which differ between two versions. */
function documentOf(index: number, version: string): string {
  const lines = ['#cloud-config', `# ${version}`];
  for (let size = 0; size < documentSize; size += 65)
    lines.push(createHash('sha256').update(`${index} ${size}`).digest('hex'));
  return Buffer.from(`${lines.join('\n')}\n`).toString('base64');
}
