import type { Archive } from '../services/archive/archive';
import type { Environment, ResolvedCherryHost } from './environment';

/** What the name of a rehearsal ends with: of its folder, its stack, its state, and the word in commands. No record may have it. */
export const rehearsalSuffix = '-rehearsal';

/** The name under which a rehearsal of an environment is known while it stands. */
export const rehearsalName = (environment: string): string => `${environment}${rehearsalSuffix}`;

/** The environment that a rehearsal is of; undefined for any other name. */
export const rehearsedName = (name: string): string | undefined =>
  name.endsWith(rehearsalSuffix) ? name.slice(0, -rehearsalSuffix.length) : undefined;

/** File in the folder of a rehearsal; while it is there, the rehearsal is an environment, and its stack is synthesized. */
export const rehearsalMarker = 'rehearsal.json';

/** Characters of a host name (RFC 1123). */
const longestHostName = 63;

const hostNameOf = (name: string): string =>
  `${name.slice(0, longestHostName - rehearsalSuffix.length)}${rehearsalSuffix}`;

/**
 * The environment that a rehearsal of a rebuild makes beside the living one: the same site with the same settings, on a server with a name,
 * a label, a state and a pin of its own.
 *
 * It has no archive, since one database alone may write there; its data come from that of the living one. Nothing of it tells anybody that
 * the environment was deployed: no hooks, no telemetry, no workflows.
 */
export function rehearsalOf(
  environment: Environment & { readonly host: ResolvedCherryHost },
): Environment & { readonly host: ResolvedCherryHost } {
  const { name, host, archive, runtime } = environment;
  const same = { ...environment };
  for (const field of ['archive', 'hooks', 'delivery', 'plans'] as const) Reflect.deleteProperty(same, field);
  return {
    ...same,
    name: rehearsalName(name),
    host: { ...host, name: hostNameOf(host.name), floatingAddress: false },
    runtime: { ...runtime, alloy: false },
    policies: { ...environment.policies, manual: false, protected: false },
    rehearses: { environment: name, ...(archive === undefined ? {} : { archive }) },
  };
}

/** Where the data of an environment are backed up: of a rehearsal, where those of the living one are. */
export const dataArchiveOf = ({
  archive,
  rehearses,
}: Pick<Environment, 'archive' | 'rehearses'>): Archive | undefined => rehearses?.archive ?? archive;
