import { keptRoles } from '../database/kept-roles';
import { hostAddress, hostKey } from '../settings/formats';

/** What a commit waits for, where it waits for the receiver. */
export const synchronies = ['while-there', 'always'] as const;

/**
 * A receiver of the write-ahead log on another host: it has what was committed within a moment, where the archive has it after
 * `timeout`. Adding, changing or removing it restarts the database once at the next deploy (docs/backup.md, "Receiver").
 */
export type Receiver = ReceiverPlace & {
  /**
   * Public half of the key with which the receiver comes for the log, as a line of authorized_keys without options. It can do nothing
   * else. A living host gets it by `cogni host converge`.
   * @default - nobody is let in yet: `./cogni receiver key <env>` makes one, on the receiving host
   */
  readonly key?: string;
  /**
   * Whether a commit waits until the receiver has it on its disk. `while-there`: for as long as it is there; when it is away for longer than
   * `patience`, commits no longer wait, and do again once it has caught up. `always`: also when it is away, so that nothing is
   * committed then.
   * @default - it does not wait
   */
  readonly synchronous?: (typeof synchronies)[number];
  /** Seconds that commits wait for a receiver that is away, where they wait `while-there`. @default 10 */
  readonly patience?: number;
  /** MiB of log that are kept on the receiving host; the oldest go first. @default 4096 */
  readonly room?: number;
};

/** Where it runs. */
type ReceiverPlace =
  | {
      /** Name of another environment: beside what that one runs. */
      readonly on: string;
    }
  | {
      /** IPv4 address or host name of a machine with Docker, Compose, and a folder for it (docs/backup.md). */
      readonly address: string;
      /** Who logs in there, with a key of the agent. @default deploy */
      readonly user?: string;
      /** Its host key, as in known_hosts: type and base64. */
      readonly hostKey: string;
    };

/** What the database server and the receiver must agree on. */
export const received = {
  /** Role of the database server: replication, and nothing else. Also the name under which it is waited for. */
  role: keptRoles.receiver,
  /**
   * User of the system inside the server's container, as whom the stream arrives at its socket: the server knows the role by it, so
   * there is no password. Debian has it in every image.
   */
  user: 'backup',
  /** In the folder of the server's files: joins standard input and output to its socket. */
  bridge: 'bridge.pl',
  /** Makes commits wait, or not, as the receiver comes and goes. */
  watcher: 'synchronous.sh',
} as const;

/** What a receiver says, and what is meant where it says nothing. */
export const receiverPolicyOf = ({ synchronous, patience = 10, room = 4096 }: Receiver) => ({
  synchronous,
  patience,
  room,
});

/** Everything wrong with it, each as the end of a sentence that begins with `archive.receiver`. */
export function receiverFaults(receiver: Receiver): readonly string[] {
  const { synchronous, patience, room } = receiverPolicyOf(receiver);
  const unless = (fits: boolean, problem: string): readonly string[] => (fits ? [] : [problem]);
  const whole = (value: number, least: number, most: number): boolean =>
    Number.isInteger(value) && value >= least && value <= most;
  return [
    ...('on' in receiver ? [] : addressFaults(receiver)),
    ...unless(
      synchronous === undefined || synchronies.includes(synchronous),
      `synchronous "${String(synchronous)}" is not known; allowed: ${synchronies.join(', ')}`,
    ),
    ...unless(
      receiver.patience === undefined || synchronous === 'while-there',
      'patience goes with synchronous "while-there" alone',
    ),
    ...unless(whole(patience, 1, 300), `patience ${patience} is not a number of seconds from 1 to 300`),
    ...unless(whole(room, 256, 1_048_576), `room ${room} is not a number of MiB from 256 to 1048576`),
    ...unless(
      receiver.key === undefined || /^ssh-ed25519 [A-Za-z0-9+/]{68}( [\w@.-]+)?$/.test(receiver.key),
      'key is not the public half of an Ed25519 key (ssh-ed25519 AAAA…), as ./cogni receiver key <env> prints it',
    ),
  ];
}

const addressFaults = ({
  address,
  user = 'deploy',
  hostKey: key,
}: Extract<ReceiverPlace, { address: string }>): readonly string[] => [
  ...(hostAddress.safeParse(address).success
    ? []
    : [`address "${address}" is neither an IPv4 address nor a host name`]),
  ...(/^[a-z_][a-z0-9_-]{0,31}$/.test(user) ? [] : [`user "${user}" is not a user's name`]),
  ...(hostKey.safeParse(key).success
    ? []
    : ['hostKey is not the type and base64 of a host key, such as ssh-ed25519 AAAA...']),
];

/**
 * What `postgresql.conf` has for it (PostgreSQL 15 documentation, 20.6 "Replication").
 *
 * There is no replication slot: a slot keeps log for a receiver that does not come, until the disk is full, and outlives the record that
 * asked for it. What a receiver has missed when more than `wal_keep_size` was written meanwhile is in the archive.
 *
 * @param watched file that {@link received.watcher} writes
 */
export function receivingSettings(receiver: Receiver, watched: string): Readonly<Record<string, string>> {
  const { synchronous } = receiverPolicyOf(receiver);
  return {
    wal_keep_size: '1GB',
    // Whoever has the receiver's key could make one, and fill the disk with it.
    max_replication_slots: '0',
    // One whose host went away is known to be away; the receiver answers each second.
    wal_sender_timeout: '10s',
    ...(synchronous === 'always' ? { synchronous_standby_names: received.role } : {}),
    ...(synchronous === 'while-there' ? { include_if_exists: watched } : {}),
  };
}
