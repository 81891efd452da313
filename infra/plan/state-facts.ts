import { Failure, messageOf } from '../../foundation/failure';
import type { PlanManifest } from './manifest';

/** What a state says of itself and of what is in it; read from the backend by `terraform state pull`. */
export interface StateFacts {
  /** Null = there is none yet. */
  readonly version: PlanManifest['state'];
  /** Ids of managed resources, by address. */
  readonly ids: Readonly<Record<string, string>>;
}

interface RawState {
  readonly serial?: unknown;
  readonly lineage?: unknown;
  readonly resources?: readonly RawResource[];
}

interface RawResource {
  readonly module?: string;
  readonly mode?: string;
  readonly type: string;
  readonly name: string;
  readonly instances?: readonly {
    readonly index_key?: string | number;
    readonly deposed?: string;
    readonly attributes?: { readonly id?: string | number } | null;
  }[];
}

/**
 * @param text what `terraform state pull` printed: nothing where there is no state
 * @throws Failure when it is something else
 */
export function stateFactsIn(text: string): StateFacts {
  if (text.trim() === '') return { version: null, ids: {} };
  let state: RawState;
  try {
    state = JSON.parse(text) as RawState;
  } catch (cause) {
    throw new Failure({
      what: `Terraform's state is not JSON: ${messageOf(cause)}`,
      next: 'look at the state where it is kept, then run this again',
    });
  }
  const { serial, lineage, resources = [] } = state;
  const version =
    typeof serial === 'number' && typeof lineage === 'string' && lineage !== '' ? { serial, lineage } : null;
  return { version, ids: Object.fromEntries(resources.flatMap(idsOf)) };
}

const idsOf = ({ module, mode, type, name, instances = [] }: RawResource): [string, string][] =>
  mode !== 'managed'
    ? []
    : instances.flatMap(({ index_key: key, deposed, attributes }): [string, string][] => {
        const at = key === undefined ? '' : `[${JSON.stringify(key)}]`;
        const left = deposed === undefined ? '' : ` (deposed ${deposed})`;
        const address = `${module === undefined ? '' : `${module}.`}${type}.${name}${at}${left}`;
        return attributes?.id === undefined ? [] : [[address, String(attributes.id)]];
      });

/** Ids of every resource of that type. */
export const idsOfType = ({ ids }: StateFacts, type: string): readonly string[] =>
  Object.entries(ids)
    .filter(([address]) => address.split('.').includes(type))
    .map(([, id]) => id);
