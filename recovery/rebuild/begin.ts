import { restoreId } from '../restore/volume';
import type { RebuildBegun } from './journal';
import type { OffHostFacts } from './off-host';

/** What a rebuild, or a rehearsal of one, begins with. */
export interface Beginning {
  readonly offHost: Pick<OffHostFacts, 'chosen' | 'reaches' | 'copy' | 'recordsFrom'>;
  readonly release: RebuildBegun['release'] | undefined;
  /** What the database is brought to, as a person wrote it. @default newest */
  readonly to?: string | undefined;
  readonly by: RebuildBegun['by'];
  readonly at: Date;
}

type BegunWith = Pick<
  RebuildBegun,
  'kind' | 'id' | 'by' | 'target' | 'backup' | 'reaches' | 'copy' | 'records' | 'release'
>;

/**
 * What is written down first of what is known off the host. Pure.
 *
 * @returns undefined where something of it is not known, which is among the faults then
 */
export function begunWith({ offHost, release, to = 'newest', by, at }: Beginning): BegunWith | undefined {
  const { chosen, reaches, copy, recordsFrom } = offHost;
  if (chosen === undefined || release === undefined) return undefined;
  const beside = recordsFrom !== undefined && recordsFrom.name !== copy?.name;
  return {
    kind: 'begun',
    id: restoreId(at),
    by,
    target: to,
    backup: { label: chosen.backup.label, at: chosen.backup.at.toISOString() },
    reaches: reaches?.toISOString() ?? null,
    copy: copy === undefined ? null : { name: copy.name, at: copy.at.toISOString(), parts: [...copy.parts] },
    ...(beside ? { records: { name: recordsFrom.name, at: recordsFrom.at.toISOString() } } : {}),
    release,
  };
}
