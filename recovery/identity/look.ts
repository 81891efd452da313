import type { HostCheck } from '../../deploy/host/check';
import { messageOf } from '../../foundation/failure';
import type { Server } from '../../infra/cherry/client';
import { isOf, type Belonging } from '../../infra/cherry/orphans';
import { findings } from './findings';
import { apiWordOf, hostWordOf, othersWordOf, primaryOf } from './words';
import type { ApiWord, Case, StateWord } from './case';
import { verdictOf, type Verdict } from './verdicts';

/** What the state says of an environment's server; null = it has none. */
export type StateServer = { readonly id: number; readonly address: string | undefined } | null;

/** How each source is asked. Each has a deadline of its own, and says by throwing that it could not be read. */
export interface Sources extends Belonging {
  /** False for a host that exists by itself: neither state nor inventory know it. */
  readonly provisioned: boolean;
  readonly state: () => Promise<StateServer>;
  /** All servers of the project. */
  readonly servers: () => Promise<readonly Server[]>;
  /** Where the host is, when neither of the two says: its record, a workflow's variable. */
  readonly address: () => Promise<string | undefined>;
  /** Looks at the machine at an address, without changing anything. */
  readonly look: (address: string) => Promise<HostCheck>;
  /**
   * The newest backup in the archive of the environment; undefined where it holds none. Asked only about a machine that nothing seems to have
   * been deployed to yet. @default - there is no archive, or whoever asks knows of it already
   */
  readonly newestBackup?: () => Promise<ArchivedBackup | undefined>;
}

/** A backup in an archive: its label, and when it was made. */
export interface ArchivedBackup {
  readonly label: string;
  readonly at: Date;
}

/** A source that was read, or why it was not. */
export type Read<T> = { readonly value: T } | { readonly trouble: string } | { readonly notUsed: true };

/** What three sources say of a host, and what follows. */
export interface IdentityReport {
  readonly environment: string;
  readonly case: Case;
  readonly verdict: Omit<Verdict, 'when'>;
  readonly state: Read<StateServer>;
  readonly inventory: Read<readonly Server[]>;
  /** At the address of our server; undefined where no source knows it. */
  readonly host: HostCheck | undefined;
  /** At every other address that may be ours. */
  readonly elsewhere: readonly HostCheck[];
  /** Everything that is not as it should be, and every source that was not read, one sentence each. */
  readonly findings: readonly string[];
}

/**
 * Asks state, inventory and host, and judges what they say. Changes nothing anywhere.
 *
 * The host is looked for wherever it may be: at the address that the provider has for its server, at the one of the
 * state, and at those of servers with its name. So a machine that lives on behind another record is found.
 */
export async function lookAtIdentity(sources: Sources): Promise<IdentityReport> {
  const { provisioned, environment } = sources;
  const [state, inventory] = await Promise.all([
    provisioned ? read(sources.state) : notUsed,
    provisioned ? read(sources.servers) : notUsed,
  ]);
  const servers = 'value' in inventory ? inventory.value : [];
  const known = 'value' in state ? state.value : null;
  const named = servers.filter((server) => isOf(server, sources));
  const given = await read(sources.address);
  const givenAddress = 'value' in given ? given.value : undefined;
  const ours =
    known === null
      ? (named.find((server) => primaryOf(server) === givenAddress) ?? named[0])
      : servers.find(({ id }) => id === known.id);
  const address = (ours && primaryOf(ours)) ?? known?.address ?? givenAddress;
  const others = servers.filter(
    (server) =>
      server !== ours &&
      server.state !== 'terminating' &&
      (named.includes(server) || (address !== undefined && primaryOf(server) === address)),
  );
  const elsewhereAt = [known?.address, givenAddress, ...others.map(primaryOf)].filter(
    (each): each is string => each !== undefined && each !== address,
  );
  const [host, ...elsewhere] = await Promise.all(
    (address === undefined ? [] : [address, ...new Set(elsewhereAt)]).map(sources.look),
  );
  const archive =
    sources.newestBackup && hostWordOf(environment, host) === 'fresh'
      ? await read(sources.newestBackup)
      : notUsed;
  const one: Case = {
    state: stateWordOf(state),
    api: apiIn(inventory, ours, known?.address),
    others: othersWordOf({ others, host, elsewhere, address }),
    host: hostWordOf(environment, host, 'value' in archive && archive.value !== undefined),
  };
  const verdict = verdictOf(one);
  const names = {
    '<env>': environment,
    '<id>': String(known?.id ?? ours?.id ?? 'of the host'),
    '<other>': String(others[0]?.id ?? 'beside it'),
    '<others>': others.map(({ id }) => id).join(', ') || 'beside it',
  };
  const { id, means, sure, next, destructive, exitCode } = verdict;
  return {
    environment,
    case: one,
    verdict: {
      ...{ id, means, sure, exitCode },
      next: next.replaceAll(/<env>|<id>|<others?>/g, (name) => names[name as keyof typeof names]),
      ...(destructive === undefined ? {} : { destructive }),
    },
    ...{ state, inventory, host, elsewhere },
    findings: findings({ one, sources, state, inventory, archive, ours, others, host, elsewhere }),
  };
}

const notUsed = { notUsed: true } as const;

async function read<T>(ask: () => Promise<T>): Promise<Read<T>> {
  try {
    return { value: await ask() };
  } catch (thrown) {
    // The first line is what failed; what to run next is the verdict's business.
    return { trouble: messageOf(thrown).split('\n', 1)[0] ?? '' };
  }
}

function stateWordOf(state: Read<StateServer>): StateWord {
  if ('value' in state) return state.value === null ? 'empty' : 'server';
  return 'notUsed' in state ? 'not used' : 'unread';
}

const apiIn = (
  inventory: Read<readonly Server[]>,
  ours: Server | undefined,
  address: string | undefined,
): ApiWord => {
  if ('value' in inventory) return apiWordOf(ours, address);
  return 'notUsed' in inventory ? 'not used' : 'unread';
};
