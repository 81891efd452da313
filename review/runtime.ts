import type { Masking } from './masking';
import type { Plan, ResourceChange } from './plan';
import { partOf } from './tree';
import { worstOf, type Verdict } from './verdict';

/** Something that runs or lies on a host, by the name that it has there; of a setting its name, and never its value. */
export interface RuntimeItem {
  readonly of: 'container' | 'image' | 'network' | 'file' | 'setting';
  readonly name: string;
}

/** The same, and what would become of it. */
export interface RuntimeChange extends RuntimeItem {
  /** In words. */
  readonly what: string;
}

/** What is known from elsewhere of what runs on a host; the plan says none of it. */
export interface RuntimeFacts {
  /** Everything that would be there on a host that is new, or empty. */
  readonly rendered: readonly RuntimeItem[];
  /** What would change on the host as it is; or why that is not known. */
  readonly compared: { readonly changes: readonly RuntimeChange[] } | { readonly unknown: string };
}

/** What would become of what runs on one host. */
export interface RuntimeReview {
  readonly host: string;
  /** `unknown` is no promise of anything: least of all that nothing changes. */
  readonly outcome: 'compared' | 'unknown' | 'all-new' | 'all-gone';
  /** Why it is so, in words; undefined where it was compared. */
  readonly why?: string;
  readonly changes: readonly RuntimeChange[];
}

type Fate = Pick<RuntimeReview, 'outcome'> & { readonly why: string };

/** What a verdict on a server does with whatever runs on it. */
const fates: Readonly<Partial<Record<Verdict, Fate>>> = {
  WIPE: { outcome: 'all-new', why: 'its disk is emptied: everything on it is made anew' },
  REPLACE: { outcome: 'all-new', why: 'it is destroyed and made anew, and so is everything on it' },
  CREATE: { outcome: 'all-new', why: 'it is made: everything on it is new' },
  DESTROY: { outcome: 'all-gone', why: 'it is destroyed, with everything on it' },
  REVIEW: { outcome: 'unknown', why: 'what the plan does to the host is not known' },
};

/**
 * What would become of what runs on the hosts: what the plan does to a server decides, and only where it stays does the
 * comparison count.
 *
 * @param verdicts of the plan's resources, in its order
 * @returns undefined where nothing was handed in
 */
export function runtimeReviews(
  plan: Plan,
  verdicts: readonly Verdict[],
  facts: Readonly<Record<string, RuntimeFacts>> | undefined,
  { redact }: Masking,
): readonly RuntimeReview[] | undefined {
  if (facts === undefined) return undefined;
  const servers = (plan.resource_changes ?? []).flatMap((resource, index): Server[] => {
    const verdict = verdicts[index];
    return verdict === undefined || !resource.type.endsWith('_server')
      ? []
      : [{ names: namesOf(resource), verdict }];
  });
  return Object.entries(facts).map(([host, { rendered, compared }]): RuntimeReview => {
    const safe = (changes: readonly RuntimeChange[]): readonly RuntimeChange[] =>
      changes.map(({ of, name, what }) => ({ of, name: redact(name), what: redact(what) }));
    const fate = fateOf(host, servers);
    if (fate !== undefined) {
      const changes = fate.outcome === 'all-new' ? rendered.map((item) => ({ ...item, what: 'is new' })) : [];
      return { host: redact(host), ...fate, changes: safe(changes) };
    }
    if ('unknown' in compared)
      return { host: redact(host), outcome: 'unknown', why: redact(compared.unknown), changes: [] };
    return { host: redact(host), outcome: 'compared', changes: safe(compared.changes) };
  });
}

interface Server {
  /** Its host name before and after the change. */
  readonly names: readonly unknown[];
  readonly verdict: Verdict;
}

const namesOf = ({ change }: ResourceChange): readonly unknown[] =>
  [change.before, change.after].map((side) => partOf(side, 'hostname'));

/** The worst that the plan does to a host; undefined where it stays as it is. */
function fateOf(host: string, servers: readonly Server[]): Fate | undefined {
  const own = servers.filter(({ names }) => names.includes(host));
  if (own.length > 0) return fates[worstOf(own.map(({ verdict }) => verdict))];
  return servers.some(({ verdict }) => fates[verdict] !== undefined)
    ? { outcome: 'unknown', why: 'the plan makes or takes a server, and none of the plan has this name' }
    : undefined;
}
