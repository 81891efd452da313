/**
 * The ways in which the API, and what stands behind it, are known or feared to go wrong, as one table: what is injected,
 * and what provider 1.5.3 makes of it. Source: the fault table of the API's reference (section 7.5), made from the
 * sources and issues of the provider and of other clients. `POST /_emu/fault-modes/<number>` injects one;
 * `test/contract/faults` holds the outcome of each against Terraform.
 */
export interface FaultMode {
  /** 1 to 27, as in the reference. */
  readonly number: number;
  readonly fault: string;
  /** What the provider does. */
  readonly outcome: string;
  /** One or several forms of it; a mode of one form has it under the name `plain`. */
  readonly variants: Readonly<Record<string, readonly Order[]>>;
}

/** A call of the control API. `{name}` stands for what the caller names; alone in a text, a number stays a number. */
interface Order {
  readonly call: string;
  readonly body?: object;
}

const orders = { method: 'POST', path: '/v1/projects/*/servers' };
const reads = { method: 'GET', path: '/v1/servers/*' };
const statePolls = { ...reads, query: { fields: 'state' } };
const statusPolls = { ...reads, query: { fields: 'status' } };

const fault = (when: object, then: object): Order => ({ call: 'POST /_emu/faults', body: { when, then } });
const settings = (body: object): Order => ({ call: 'PATCH /_emu/settings', body });
const catalogue = (body: object): Order => ({ call: 'PATCH /_emu/catalogue', body });
const refused = (status: number, message: string, headers: object = {}): object => ({
  kind: 'answer',
  status,
  headers,
  body: { code: status, message },
});
/** Seconds of the emulator's clock; everything else at once. */
const timing = (slow: object): Order =>
  settings({ timing: { pending: 0, provisioning: 0, reinstall: 0, termination: 0, ...slow } });
const tooMany = refused(429, 'Too many requests.', { 'Retry-After': '5' });
/** Longer than anything waits: 30 years. */
const forEver = 1e9;

/** The machine gets another address, an empty disk, no keys and another host key. */
const replaceMachine: Order = {
  call: 'POST /_emu/machines/{server}/reinstall',
  body: { address: 'other' },
};
/** The vendor ends the server and its machine. */
const endServer: Order = { call: 'DELETE /_emu/servers/{server}' };
const recordOf = (body: object): Order => ({ call: 'PATCH /_emu/servers/{server}', body });
const registerKey: Order = {
  call: 'POST /_emu/keys',
  body: { team: '{team}', label: '{label}', key: '{key}' },
};
const token = (access: string): Order => ({ call: 'PATCH /_emu/tokens/{token}', body: { access } });

export const faultModes: readonly FaultMode[] = [
  {
    number: 1,
    fault: '429 with `Retry-After` on the order of a server',
    outcome: 'error after one try, nothing is created; `Retry-After` is ignored',
    variants: { plain: [fault(orders, tooMany)] },
  },
  {
    number: 2,
    fault: '429 on a poll of a new server',
    outcome:
      'error, and an orphan: the server runs, the state does not know it; the next apply orders its twin',
    variants: { plain: [fault(statePolls, tooMany)] },
  },
  {
    number: 3,
    fault: "an error whose body is not the API's, on a read",
    outcome: 'the plugin panics; the state is kept',
    variants: {
      html: [fault(reads, { kind: 'answer', status: 502, body: '<h1>502 Bad Gateway</h1>' })],
      empty: [fault(reads, { kind: 'answer', status: 502 })],
    },
  },
  {
    number: 4,
    fault: '503 as the API says it, on a read',
    outcome: 'a plain error; the state is kept',
    variants: { plain: [fault(reads, refused(503, 'Service unavailable.'))] },
  },
  {
    number: 5,
    fault: 'no answer on a read',
    outcome: 'reset: the plugin panics; silence: Terraform hangs for good',
    variants: {
      reset: [fault(reads, { kind: 'reset' })],
      silence: [fault(reads, { kind: 'silence' })],
    },
  },
  {
    number: 6,
    fault: 'a new server stays pending for some polls',
    outcome: 'it polls on after 5–15 s, 7.5–22.5 s and so on, and ends well',
    variants: { plain: [fault({ ...statePolls, times: 3 }, { kind: 'alter', set: { state: 'pending' } })] },
  },
  {
    number: 7,
    fault: 'a new server stays pending for ever, with a short `timeouts.create`',
    outcome: 'error "server is in inactive state", and an orphan',
    variants: { plain: [timing({ pending: forEver })] },
  },
  {
    number: 8,
    fault: 'the deployment of a new server fails',
    outcome: 'error, and an orphan that is billed and has no system',
    variants: { plain: [settings({ deployments: 'fail' })] },
  },
  {
    number: 9,
    fault: 'the order takes effect, its answer is lost',
    outcome: 'error, and an orphan; the next apply makes a twin of the same host name',
    variants: { plain: [fault(orders, { kind: 'lose-answer' })] },
  },
  {
    number: 10,
    fault: 'silent replacement A: another machine behind the id; the record stays',
    outcome: '"No changes": nobody is told',
    variants: { plain: [replaceMachine] },
  },
  {
    number: 11,
    fault: 'silent replacement B: the record shows the new address',
    outcome: 'the refresh takes it over; outputs change, no resource does',
    variants: { plain: [replaceMachine, recordOf({ address: 'of-machine' })] },
  },
  {
    number: 12,
    fault: 'silent replacement C: the record shows no keys',
    outcome: 'a reinstall is planned, which wipes; without `allow_reinstall` apply fails',
    variants: { plain: [replaceMachine, recordOf({ keys: [] })] },
  },
  {
    number: 13,
    fault: 'a server is gone, and the next one gets its address',
    outcome: 'an ordinary apply; behind the old address stands another host key',
    variants: { plain: [endServer] },
  },
  {
    number: 14,
    fault: 'somebody else registers a key with the label, or with the text, of ours',
    outcome: 'label: the data source finds several, an error; text: the key cannot be created',
    variants: { label: [registerKey], text: [registerKey] },
  },
  {
    number: 15,
    fault: 'the token is revoked, or may only read, while Terraform works',
    outcome: 'error; in a poll of a new server also an orphan',
    variants: {
      revoked: [token('revoked')],
      'read-only': [token('read-only')],
      'revoked-in-poll': [fault({ ...statePolls, times: null }, refused(401, 'No valid API key provided.'))],
    },
  },
  {
    number: 16,
    fault: 'a deleted server is terminating for long, and its floating address is not free yet',
    outcome:
      'it is dropped from the state at once; another one is made beside it, and is refused the address',
    variants: { plain: [timing({ termination: 3600 })] },
  },
  {
    number: 17,
    fault: 'DELETE finds the server gone already',
    outcome: 'destroy fails; the next refresh drops it',
    variants: {
      plain: [
        fault(
          { method: 'DELETE', path: '/v1/servers/*' },
          { ...refused(404, 'Resource not found.'), committed: true },
        ),
      ],
    },
  },
  {
    number: 18,
    fault: 'a deleted address answers 403',
    outcome: 'every refresh fails, for ever, until `terraform state rm`',
    variants: { plain: [settings({ deletedAddresses: 403 }), { call: 'DELETE /_emu/addresses/{address}' }] },
  },
  {
    number: 19,
    fault: 'a reinstall fails',
    outcome: 'error, yet the state holds the new user-data: the next plan is clean',
    variants: { plain: [settings({ deployments: 'fail' })] },
  },
  {
    number: 20,
    fault: 'the status of a reinstall flips late',
    outcome: 'the provider takes it for done while the server is deploying',
    variants: {
      plain: [
        timing({ reinstall: 3600 }),
        fault(statusPolls, { kind: 'alter', set: { status: 'deployed' } }),
      ],
    },
  },
  {
    number: 21,
    fault: 'a reinstall changes the primary address, or leaves the server switched off',
    outcome: '"inconsistent result after apply", when the disk is wiped',
    variants: {
      address: [settings({ reinstallPrimaryAddress: 'new' })],
      power: [settings({ reinstallPower: 'off' })],
    },
  },
  {
    number: 22,
    fault: 'the slug of the region, or of the plan, is renamed',
    outcome: 'destroy and create are planned',
    variants: {
      region: [catalogue({ regions: [{ slug: '{region}', newSlug: '{region}-renamed' }] })],
      plan: [catalogue({ plans: [{ slug: '{plan}', newSlug: '{plan}-renamed' }] })],
    },
  },
  {
    number: 23,
    fault: "the image is renamed, or dropped from the plan's list",
    outcome: 'error on every refresh, until the list has it again',
    variants: {
      renamed: [catalogue({ images: [{ slug: '{image}', newName: 'Renamed' }] })],
      dropped: [catalogue({ plans: [{ slug: '{plan}', images: [] }] })],
    },
  },
  {
    number: 24,
    fault: 'nothing is left: stock, quota of floating addresses, quota of servers',
    outcome: 'error on creation, nothing is created',
    variants: {
      stock: [catalogue({ plans: [{ slug: '{plan}', stock: { '{region}': 0 } }] })],
      addresses: [settings({ floatingPerServer: 0 })],
      servers: [settings({ serverQuota: 0 })],
    },
  },
  {
    number: 25,
    fault: 'answers of another shape: `tags` null, no `id` in the answer to PUT, an id that is a text',
    outcome: 'tags: inconsistent result; no id: server 0 is read, and an orphan; a text: error on decoding',
    variants: {
      tags: [fault({ ...reads, times: null }, { kind: 'alter', set: { tags: null } })],
      id: [fault({ method: 'PUT', path: '/v1/servers/*' }, { kind: 'alter', remove: ['id'] })],
      type: [fault(reads, { kind: 'alter', set: { id: 'text' } })],
    },
  },
  {
    number: 26,
    fault: 'a spot server is reclaimed: terminating without our doing',
    outcome: 'it is dropped from the state, and a new one is planned',
    variants: { plain: [timing({ termination: 120 }), endServer] },
  },
  {
    number: 27,
    fault: 'more than 4 requests in a second get 429',
    outcome: 'the refresh of two servers fails, with `-parallelism=1` too where the API answers fast',
    variants: { plain: [settings({ rateLimit: 4 })] },
  },
];

/** The mode of a number. */
export const tryFindMode = (number: string): FaultMode | undefined =>
  faultModes.find((mode) => String(mode.number) === number);

type Named = Readonly<Record<string, string | number | undefined>>;

const placeholder = /\{([a-z]+)\}/g;

/** What the caller has to name for a variant: `server`, `plan`. */
export const namesIn = (variant: readonly Order[]): readonly string[] => [
  ...new Set([...JSON.stringify(variant).matchAll(placeholder)].map(([, name = '']) => name)),
];

/** The calls of a variant, with what the caller named in the place of its placeholders. */
export const ordersOf = (variant: readonly Order[], named: Named): readonly Order[] =>
  variant.map(({ call, body }) => ({
    call: filledText(call, named),
    ...(body === undefined ? {} : { body: filled(body, named) as object }),
  }));

const filledText = (text: string, named: Named): string =>
  text.replace(placeholder, (_, name: string) => String(named[name]));

function filled(value: unknown, named: Named): unknown {
  if (typeof value === 'string') {
    const whole = /^\{([a-z]+)\}$/.exec(value)?.[1];
    return whole === undefined ? filledText(value, named) : named[whole];
  }
  if (Array.isArray(value)) return value.map((each) => filled(each, named));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [filledText(key, named), filled(each, named)]),
  );
}
