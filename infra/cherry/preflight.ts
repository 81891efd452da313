import { createHash } from 'node:crypto';
import { regions as knownRegions } from '../cherry-catalogue';
import type { Import } from '../plan/imports';
import type { StateFacts } from '../plan/state-facts';
import { idsOfType } from '../plan/state-facts';
import type { Image, Key, Plan, Project, Server } from './client';
import { keyAddress, orphanAdvice, orphansOf, type Belonging } from './orphans';

/** What is going to be planned, and what it needs of the account. */
export interface Wanted extends Belonging {
  /** Id of the stack, for advice. */
  readonly stack: string;
  readonly projectId: number;
  readonly plan: string;
  readonly region: string;
  readonly image: string;
  /** The deploy key: its label at Cherry, and its line. */
  readonly key: { readonly label: string; readonly line: string };
  readonly state: StateFacts;
  /** What this very plan takes into the state. */
  readonly imports: readonly Import[];
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
  readonly servers: Asked<readonly Server[]>;
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
    ...ofValue(facts.plan, (plan) => planFaults(wanted, plan, facts.plans)),
    ...(facts.images ? ofValue(facts.images, (images) => imageFaults(wanted, images)) : []),
    ...ofValue(facts.keys, (keys) => keyFaults(wanted, keys)),
    ...ofValue(facts.servers, (servers) => (orders(wanted) ? serverFaults(wanted, servers) : [])),
  ];
  const notes = ofValue(facts.servers, (servers) => (orders(wanted) ? [] : twinNotes(wanted, servers)));
  return { faults, notes };
}

/** The same for a stack that needs nothing but its project: that of a floating address. */
export const judgeProject = (projectId: number, projects: AccountFacts['projects']): Preflight => ({
  faults: [...troubleIn(projects), ...ofValue(projects, (found) => projectFaults({ projectId }, found))],
  notes: [],
});

/** Whether the plan is going to order a server. */
const orders = ({ state, imports }: Wanted): boolean =>
  idsOfType(state, 'cherryservers_server').length === 0 &&
  !imports.some(({ address }) => address.startsWith('cherryservers_server.'));

const troubleIn = (asked: Asked<unknown>): readonly string[] => ('trouble' in asked ? [asked.trouble] : []);
const ofValue = <T>(asked: Asked<T>, judge: (value: T) => readonly string[]): readonly string[] =>
  'value' in asked ? judge(asked.value) : [];

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

function planFaults(wanted: Wanted, plan: Plan | undefined, plans: AccountFacts['plans']): readonly string[] {
  if (plan === undefined) {
    const there = 'value' in plans ? plans.value.map(({ slug }) => slug).sort() : [];
    return [`there is no plan "${wanted.plan}"${there.length > 0 ? `; there are: ${there.join(', ')}` : ''}`];
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
    return [`plan ${wanted.plan} is not offered in ${wanted.region}${unknown}${instead}`];
  }
  // Who has a server already needs no stock; a replacement is looked at when it is planned.
  return orders(wanted) && here.stock_qty <= 0
    ? [`plan ${wanted.plan} is out of stock in ${wanted.region}${instead}`]
    : [];
}

function imageFaults(wanted: Wanted, images: readonly Image[]): readonly string[] {
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
