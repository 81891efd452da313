import { createHash } from 'node:crypto';
import { regions as knownRegions } from '../cherry-catalogue';
import type { Import } from '../plan/imports';
import type { StateFacts } from '../plan/state-facts';
import { idsOfType } from '../plan/state-facts';
import type { Address, Image, Key, Plan, Project, Server } from './client';
import { isOf, keyAddress, orphanAdvice, orphansOf, type Belonging } from './orphans';
import { isLost, standingNote, standingOf, standingsOf } from './standing';

/** What is going to be planned, and what it needs of the account. */
export interface Wanted extends Belonging {
  /** Id of the stack, for advice. */
  readonly stack: string;
  readonly projectId: number;
  readonly plan: string;
  readonly region: string;
  readonly image: string;
  /** The deploy key: its label at Cherry, and its line. @default - the stack registers none */
  readonly key?: { readonly label: string; readonly line: string };
  readonly state: StateFacts;
  /** What this very plan takes into the state. */
  readonly imports: readonly Import[];
  /** The command that takes an address out of the state, for people. */
  readonly forget: (address: string) => string;
}

/** An answer of the API, or why there is none. */
export type Asked<T> = { readonly value: T } | { readonly trouble: string };

/** What the API says of everything that {@link Wanted} names. */
export interface AccountFacts {
  readonly projects: Asked<readonly Project[]>;
  /** `value: undefined` = there is no such plan. */
  readonly plan: Asked<Plan | undefined>;
  /** All plans there are; asked for only when there is no such plan. */
  readonly plans: Asked<readonly { readonly slug: string }[]>;
  /** Absent = there is no such plan, so there is nothing to ask for. */
  readonly images?: Asked<readonly Image[]>;
  readonly keys: Asked<readonly Key[]>;
  /** Absent = the project is none that the token may see: of its servers nothing is known. */
  readonly servers?: Asked<readonly Server[]>;
  /** Absent = the state has none and none is wanted, so nothing is asked. */
  readonly addresses?: Asked<readonly Address[]>;
}

export interface Preflight {
  /** Each stops the plan. */
  readonly faults: readonly string[];
  /** What should be known, and stops nothing. */
  readonly notes: readonly string[];
}

/** Judges whether what is wanted can be had: a pure function over what the API said. Every fault, in one report. */
export function judgePreflight(wanted: Wanted, facts: AccountFacts): Preflight {
  const troubles = new Set(Object.values<Asked<unknown>>({ ...facts }).flatMap(troubleIn));
  const faults = [
    ...troubles,
    ...ofValue(facts.projects, (projects) => projectFaults(wanted, projects)),
    ...ofValue(facts.plan, (plan) => planFaults(wanted, facts, plan)),
    ...(facts.images ? ofValue(facts.images, (images) => imageFaults(wanted, facts, images)) : []),
    ...ofValue(facts.keys, (keys) => keyFaults(wanted, keys)),
    ...ofValue(facts.servers, (servers) => (orders(wanted, facts) ? serverFaults(wanted, servers) : [])),
    ...goneAddresses(wanted, facts),
  ];
  const notes = ofValue(facts.servers, (servers) => [
    ...standingsOf(wanted.state, servers).flatMap((each) => standingNote(each, wanted.stack) ?? []),
    ...(orders(wanted, facts) ? endingNotes(wanted, servers) : twinNotes(wanted, servers)),
  ]);
  return { faults, notes };
}

/** The same for a stack that needs nothing but its project: that of a floating address. */
export const judgeAddress = (
  wanted: Pick<Wanted, 'projectId' | 'state' | 'forget'>,
  facts: Pick<AccountFacts, 'projects' | 'addresses'>,
): Preflight => ({
  faults: [
    ...new Set(Object.values<Asked<unknown>>({ ...facts }).flatMap(troubleIn)),
    ...ofValue(facts.projects, (found) => projectFaults(wanted, found)),
    ...goneAddresses(wanted, facts),
  ],
  notes: [],
});

/** Whether the plan is going to order a server: there is none, or none that lives. */
function orders({ state, imports }: Wanted, { servers }: Pick<AccountFacts, 'servers'>): boolean {
  if (imports.some(({ address }) => address.startsWith('cherryservers_server.'))) return false;
  const known = idsOfType(state, 'cherryservers_server');
  return servers !== undefined && 'value' in servers
    ? standingsOf(state, servers.value).every(isLost)
    : known.length === 0;
}

/**
 * Floating addresses that the state has and the project has not. The API forbids to read one that was deleted (403), and
 * the provider then ends every plan in an error, for ever.
 */
const goneAddresses = (
  { state, forget }: Pick<Wanted, 'state' | 'forget'>,
  { addresses }: Pick<AccountFacts, 'addresses'>,
): readonly string[] =>
  ofValue(addresses, (found) =>
    Object.entries(state.ids)
      .filter(([address, id]) => isAddress(address) && !found.some((each) => each.id === id))
      .map(
        ([address, id]) =>
          `address ${id} of the state (${address}) is no longer at Cherry, and every plan would end in 403: if that is so in the portal too, take it out of the state: ${forget(address)}`,
      ),
  );

/** Whether an address of a state is that of a floating address. */
export const isAddress = (address: string): boolean => address.split('.').includes('cherryservers_ip');

const troubleIn = (asked: Asked<unknown>): readonly string[] => ('trouble' in asked ? [asked.trouble] : []);
const ofValue = <T>(
  asked: Asked<T> | undefined,
  judge: (value: T) => readonly string[],
): readonly string[] => (asked !== undefined && 'value' in asked ? judge(asked.value) : []);

function projectFaults(
  { projectId }: Pick<Wanted, 'projectId'>,
  projects: readonly Project[],
): readonly string[] {
  if (projects.some(({ id }) => id === projectId)) return [];
  const those = projects.map(({ id, name }) => `${id} (${name})`).join(', ');
  return [
    those === ''
      ? `the token's teams have no project at all; project ${projectId} is wanted`
      : `project ${projectId} is none of the token's teams'; there are: ${those}`,
  ];
}

function planFaults(wanted: Wanted, facts: AccountFacts, plan: Plan | undefined): readonly string[] {
  if (plan === undefined) {
    const { plans } = facts;
    const there = 'value' in plans ? plans.value.map(({ slug }) => slug).sort() : [];
    const renamed = renamedTo(wanted, facts, 'plan');
    return [
      `there is no plan "${wanted.plan}"${renamed ?? (there.length > 0 ? `; there are: ${there.join(', ')}` : '')}`,
    ];
  }
  const regions = (plan.available_regions ?? []).filter(({ slug }) => slug !== undefined);
  const here = regions.find(({ slug }) => slug === wanted.region);
  const inStock = regions.filter(({ stock_qty: stock }) => stock > 0).map(({ slug }) => slug ?? '');
  const instead =
    inStock.length > 0 ? `; it is in stock in ${inStock.sort().join(', ')}` : '; it is in stock nowhere';
  if (here === undefined) {
    const unknown = (knownRegions as readonly string[]).includes(wanted.region)
      ? ''
      : ' (which is no region that is known)';
    const renamed = renamedTo(wanted, facts, 'region');
    return [`plan ${wanted.plan} is not offered in ${wanted.region}${renamed ?? `${unknown}${instead}`}`];
  }
  // Who has a server already needs no stock; a replacement is looked at when it is planned.
  return orders(wanted, facts) && here.stock_qty <= 0
    ? [`plan ${wanted.plan} is out of stock in ${wanted.region}${instead}`]
    : [];
}

/**
 * What the living server says of a slug that is no longer there: Cherry renames them, and whoever plans with the old one
 * plans a replacement.
 */
function renamedTo(wanted: Wanted, { servers }: AccountFacts, what: 'plan' | 'region'): string | undefined {
  const [slug] = ofValue(servers, (found) =>
    standingsOf(wanted.state, found).flatMap(({ server }) => server?.[what]?.slug ?? []),
  );
  return slug === undefined || slug === wanted[what]
    ? undefined
    : `, and the server that there is has the ${what} "${slug}": Cherry has renamed it. Write that into the environment's record (stacks/environments.ts); it replaces nothing`;
}

function imageFaults(wanted: Wanted, facts: AccountFacts, images: readonly Image[]): readonly string[] {
  const unnamed = ofValue(facts.servers, (servers) => unnamedImages(wanted, servers, images));
  return [...slugFaults(wanted, images), ...unnamed];
}

/**
 * The provider looks for the name that a server's image has in the list of its plan's images; where no entry has it, every
 * plan ends in an error (provider 1.5.3, `normalizeServerImage`).
 */
const unnamedImages = (
  wanted: Wanted,
  servers: readonly Server[],
  images: readonly Image[],
): readonly string[] =>
  standingsOf(wanted.state, servers).flatMap(({ server }) =>
    server?.image == null ||
    server.state === 'terminating' ||
    (server.plan?.slug ?? wanted.plan) !== wanted.plan ||
    images.some(({ name }) => name === server.image)
      ? []
      : [
          `server ${server.id} was installed with the image "${server.image}", and Cherry no longer has one of that name for plan ${wanted.plan}: until it has, every plan ends in an error. The host itself is not touched by that, and deploys go on; tell Cherry's support`,
        ],
  );

function slugFaults(wanted: Wanted, images: readonly Image[]): readonly string[] {
  if (images.some(({ slug }) => slug === wanted.image)) return [];
  const alike = images.find(
    ({ slug, name }) =>
      name === wanted.image || slug.startsWith(wanted.image) || wanted.image.startsWith(slug),
  );
  return [
    `plan ${wanted.plan} has no image with the slug "${wanted.image}"; ${
      alike === undefined
        ? `there are: ${
            images
              .map(({ slug }) => slug)
              .sort()
              .join(', ') || 'none'
          }`
        : `"${alike.slug}" is meant? The API takes an alias, and the provider then ends every apply in an error`
    }`,
  ];
}

function keyFaults({ key, state, imports, stack }: Wanted, keys: readonly Key[]): readonly string[] {
  if (key === undefined) return [];
  const ours = [
    ...idsOfType(state, 'cherryservers_ssh_key'),
    ...imports.filter(({ address }) => address === keyAddress).map(({ id }) => id),
  ];
  const others = keys.filter(({ id }) => !ours.includes(String(id)));
  const print = fingerprintOf(key.line);
  return others.flatMap(({ id, label, key: line, fingerprint }) => {
    const same = bare(line) === bare(key.line) || (print !== undefined && fingerprint === print);
    if (same)
      return [
        `the deploy key is at Cherry already, as key ${id} "${label}", which is not in the state: a key is taken once; ` +
          `keep it with ./cogni plan ${stack} --import ${keyAddress}=${id}, or remove it in the portal when no server uses it`,
      ];
    return label === key.label
      ? [`another key has the label "${label}" at Cherry (key ${id}): rename or remove it in the portal`]
      : [];
  });
}

/** Kind and body of a public key, without its comment. */
const bare = (line: string): string => line.trim().split(/\s+/).slice(0, 2).join(' ');

/** MD5 in hex with colons, as the API writes it (OpenSSH's older form). */
export function fingerprintOf(line: string): string | undefined {
  const [, body] = line.trim().split(/\s+/);
  if (body === undefined) return undefined;
  return createHash('md5').update(Buffer.from(body, 'base64')).digest('hex').match(/../g)?.join(':');
}

const serverFaults = (wanted: Wanted, servers: readonly Server[]): readonly string[] =>
  orphansOf(servers, wanted.state, wanted).map(
    (server) => `${orphanAdvice(server, wanted.stack)}\n    to plan now would order a twin beside it`,
  );

/** An order may be refused for as long as the server before it is on its way out. */
const endingNotes = (wanted: Wanted, servers: readonly Server[]): readonly string[] => {
  const known = idsOfType(wanted.state, 'cherryservers_server');
  return servers
    .filter((server) => isOf(server, wanted) && standingOf(server) === 'terminating')
    .filter(({ id }) => !known.includes(String(id)))
    .map(
      ({ id }) =>
        `server ${id} "${wanted.hostName}" is still being ended at Cherry: a floating address of it is free only when it is gone, and an order with it is refused until then`,
    );
};

const twinNotes = (wanted: Wanted, servers: readonly Server[]): readonly string[] =>
  orphansOf(servers, importedToo(wanted), wanted).map((server) => orphanAdvice(server, wanted.stack));

const importedToo = ({ state, imports }: Wanted): StateFacts => ({
  ...state,
  ids: { ...state.ids, ...Object.fromEntries(imports.map(({ address, id }) => [address, id])) },
});

/**
 * Why a server that is replaced could not be ordered again: it would be destroyed first.
 *
 * @returns undefined when it can, or when that is not known
 */
export function replacementFault(wanted: Wanted, { plan }: AccountFacts): string | undefined {
  if (!('value' in plan)) return undefined;
  const here = plan.value?.available_regions?.find(({ slug }) => slug === wanted.region);
  if ((here?.stock_qty ?? 0) > 0) return undefined;
  return `the server is to be destroyed and ordered anew, and plan ${wanted.plan} is not in stock in ${wanted.region}: it would be gone, and no other would come`;
}
