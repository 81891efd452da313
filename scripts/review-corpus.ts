import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { worstOf, type Verdict } from '../review';

/** The corpus of plans that Terraform made, each with what applying it then did; recorded by `test/contract/review`. */

/** What applying a plan did: to the machines behind the API, and to the address and the switch in the state. */
export interface Reality {
  /** Whether `apply` of the very plan file ended well. */
  readonly applied: boolean;
  /** Servers by number, before and after. */
  readonly before: Machines;
  readonly after: Machines;
  /** What the provider has afterwards and had not before, each as `<collection>/<id>`. */
  readonly made: readonly string[];
  /** The other way round. */
  readonly lost: readonly string[];
  /** Addresses of resources in the state, before and after, with their ids. */
  readonly stateBefore: Ids;
  readonly stateAfter: Ids;
  /** Whether `apply` asked the API to change anything. */
  readonly wrote: boolean;
  readonly outputsChanged: boolean;
  /** Whether one more change of `user_data` would have emptied the disk afterwards; absent where no server is left as it was. */
  readonly nextChangeWipes?: boolean;
  /** What the same configuration does without `ignore_changes`; only for imports that change nothing. */
  readonly withoutIgnoring?: 'nothing' | 'wipes' | 'refused';
}

type Machines = Readonly<Record<string, { readonly disk: number; readonly address: string }>>;
type Ids = Readonly<Record<string, string>>;

/** One entry of the corpus: a plan as Terraform printed it, and what it did. */
export interface Recorded {
  readonly scenario: string;
  readonly plan: Readonly<Record<string, unknown>>;
  readonly diagnostics: readonly unknown[];
  readonly reality: Reality;
}

/** All plans of the corpus of a checkout. */
export function readCorpus(checkout: string): readonly Recorded[] {
  const folder = join(checkout, 'test', 'contract', 'review', 'corpus');
  return readdirSync(folder)
    .sort()
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Recorded);
}

/** One of them by its scenario. */
export function scenarioOf(corpus: readonly Recorded[], scenario: string): Recorded {
  const found = corpus.find((each) => each.scenario === scenario);
  if (!found) throw new Error(`the corpus has no scenario "${scenario}"`);
  return found;
}

/**
 * The verdict that a plan deserved, told by what applying it did to machines, addresses and state. Whether a server could
 * be wiped by its next change before as well is known from what the same configuration did with nothing changed.
 */
export function deservedIn(corpus: readonly Recorded[], { reality, plan }: Recorded): Verdict {
  const happened: Verdict[] = [];
  for (const [id, { disk }] of Object.entries(reality.before)) {
    const after = reality.after[id];
    if (after === undefined) happened.push(gone(reality, 'cherryservers_server'));
    else if (after.disk !== disk) happened.push('WIPE');
    else if (!managed(reality, id)) happened.push('REVIEW');
  }
  for (const one of reality.lost) {
    const type = typeOf[one.split('/')[0] ?? ''];
    if (type !== undefined) happened.push(gone(reality, type));
  }
  // A disk or an address that is lost weighs more than that the rest of the apply failed.
  const lost = happened.includes('WIPE') || reality.lost.some((one) => /^(servers|ips)\//.test(one));
  if (!reality.applied && !lost) happened.push('DOOMED');
  if (reality.nextChangeWipes && !couldBeWiped(corpus, plan)) happened.push('ARMED');
  if (reality.withoutIgnoring !== undefined && reality.withoutIgnoring !== 'nothing')
    happened.push('IMPORT-WIPE');
  if (reality.wrote || reality.outputsChanged || !isDeepStrictEqual(reality.stateBefore, reality.stateAfter))
    happened.push(reality.made.length > 0 ? 'CREATE' : 'UPDATE');
  return worstOf(happened);
}

/** What is lost besides servers, which are looked at by their disks. */
const typeOf: Readonly<Record<string, string>> = {
  ips: 'cherryservers_ip',
  'ssh-keys': 'cherryservers_ssh_key',
  projects: 'cherryservers_project',
};

/** Gone for good, or another one in its place; an apply that failed half-way left the place empty. */
function gone({ applied, made, stateAfter }: Reality, type: string): Verdict {
  const another = Object.entries(stateAfter).some(
    ([address, id]) => address.startsWith(`${type}.`) && made.some((one) => one.endsWith(`/${id}`)),
  );
  return another || !applied ? 'REPLACE' : 'DESTROY';
}

const managed = ({ stateBefore, stateAfter }: Reality, id: string): boolean =>
  Object.values(stateAfter).includes(id) || !Object.values(stateBefore).includes(id);

/** Measured by the scenarios "nothing changed": a server with the switch on could be wiped before, one without could not. */
function couldBeWiped(corpus: readonly Recorded[], plan: Recorded['plan']): boolean {
  const resources = (plan['resource_changes'] ?? []) as readonly {
    readonly type: string;
    readonly change: { readonly before: Readonly<Record<string, unknown>> | null };
  }[];
  const server = resources.find(({ type }) => type === 'cherryservers_server');
  const allowed = server?.change.before?.['allow_reinstall'] === true;
  const baseline = scenarioOf(corpus, allowed ? 'nothing changed, reinstall allowed' : 'nothing changed');
  return baseline.reality.nextChangeWipes === true;
}
