import { z } from 'zod';
import { received, receiverPolicyOf, type Receiver } from '../../services';
import { parsed } from './parsed';

/** What the server says of the receiver of its log. */
export interface ReceiverFacts {
  /** `streaming`, `catchup`, ... (PostgreSQL documentation, 28.2.4 "pg_stat_replication"); null where it is not there. */
  readonly state: string | null;
  /** Bytes of log that it has not written yet; null where it is not there. */
  readonly behind: number | null;
  /** Commits wait for it at this moment. */
  readonly waited: boolean;
}

/** A receiver with what is to be thought of it. */
export interface JudgedReceiver {
  readonly there: boolean;
  /** Bytes; undefined where it is not there. */
  readonly behind: number | undefined;
  readonly waited: boolean;
}

const form = z.object({ state: z.string().nullable(), behind: z.number().nullable(), waited: z.boolean() });

/** The question, whose answer {@link parseReceiver} reads. A receiver that comes anew may be there twice for some seconds. */
export const receiverQuestion = `SELECT json_build_object('state', max(state), 'behind', min(pg_wal_lsn_diff(pg_current_wal_lsn(), write_lsn)),
  'waited', current_setting('synchronous_standby_names') <> '')
FROM pg_stat_replication WHERE application_name = '${received.role}'`;

/** @throws Failure when it is no answer to {@link receiverQuestion} */
export const parseReceiver = (text: string): ReceiverFacts => parsed(text, form, 'the database');

/** Bytes: of a receiver that keeps up, a few pieces of 16 MiB are on their way at most. */
const keepsUp = 64 * 1024 ** 2;

/** Pure. */
export function judgeReceiver(
  { state, behind, waited }: ReceiverFacts,
  receiver: Receiver,
  environment: string,
): { readonly receiver: JudgedReceiver; readonly alarms: readonly string[] } {
  const { synchronous } = receiverPolicyOf(receiver);
  const there = state !== null;
  const late = behind ?? 0;
  const risk = 'what the archive does not have yet would be lost with the host';
  const alarms = !there
    ? [
        `the receiver of the log is away: ${waited ? 'commits wait for it' : risk} (./cogni receiver status ${environment})`,
      ]
    : [
        ...(late > keepsUp
          ? [`the receiver of the log is ${Math.round(late / 1024 ** 2)} MiB behind: ${risk}`]
          : []),
        ...(synchronous !== undefined && !waited
          ? ['commits do not wait for the receiver of the log, though they should: it has not caught up yet']
          : []),
      ];
  return { receiver: { there, behind: behind ?? undefined, waited }, alarms };
}
