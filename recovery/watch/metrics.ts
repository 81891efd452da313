import { conditionIds } from './conditions';
import type { WatchStatus } from './watch';
import { hostWordOf } from '../identity/words';
import { hostWords } from '../identity/case';

interface Family {
  readonly name: string;
  readonly help: string;
  /** Samples of one environment: further labels, and the value; undefined is left out. */
  readonly of: (status: WatchStatus) => readonly (readonly [string, number | undefined])[];
}

const seconds = (date: Date | undefined): number | undefined => date && Math.round(date.getTime() / 1000);
const boolean = (value: boolean | undefined): number | undefined =>
  value === undefined ? undefined : Number(value);
const one = (value: number | undefined): readonly (readonly [string, number | undefined])[] => [['', value]];

type Drill = NonNullable<NonNullable<WatchStatus['look']['slow']['backups']>['drill']>;
/** Its label says whether a key that is trusted here has signed the report. */
const ofDrill = (
  drill: Drill | undefined,
  value: (drill: Drill) => number | undefined,
): readonly (readonly [string, number | undefined])[] =>
  drill === undefined ? [] : [[`,trusted="${drill.trusted}"`, value(drill)]];

const families: readonly Family[] = [
  {
    name: 'cogni_watch_last_look_timestamp_seconds',
    help: 'When the last look had ended.',
    of: ({ look }) => one(look.at / 1000),
  },
  {
    name: 'cogni_watch_look_seconds',
    help: 'What the last look took.',
    of: ({ look }) => one((look.at - look.begun) / 1000),
  },
  {
    name: 'cogni_host_up',
    help: 'Whether the pinned machine answers.',
    of: ({ look }) => one(look.glance.check.identity === 'pinned' ? 1 : 0),
  },
  {
    name: 'cogni_site_up',
    help: 'Whether the site answers as it should.',
    of: ({ look }) => one(look.siteFault === undefined ? 1 : 0),
  },
  {
    name: 'cogni_host_verdict',
    help: 'What the host itself shows (docs/operations.md): 1 for the word that holds.',
    of: ({ look, marked }) => {
      const word = hostWordOf(look.environment, look.glance.check, marked);
      return hostWords.map((each) => [`,word="${each}"`, each === word ? 1 : 0] as const);
    },
  },
  {
    name: 'cogni_watch_alert',
    help: 'Whether an alert is open.',
    of: ({ open }) => conditionIds.map((id) => [`,condition="${id}"`, open.includes(id) ? 1 : 0] as const),
  },
  {
    name: 'cogni_host_disk_used_bytes',
    help: 'Used bytes of the root file system.',
    of: ({ look }) => one(look.glance.inside?.disk?.used),
  },
  {
    name: 'cogni_host_disk_free_bytes',
    help: 'Free bytes of the root file system.',
    of: ({ look }) => one(look.glance.inside?.disk?.free),
  },
  {
    name: 'cogni_deploy_under_way',
    help: 'Whether a run holds the deploy lock.',
    of: ({ look }) =>
      one(look.glance.inside === undefined ? undefined : Number(look.glance.inside.deploying)),
  },
  {
    name: 'cogni_backup_newest_good_timestamp_seconds',
    help: 'When the newest good backup was made.',
    of: ({ look }) => one(seconds(look.slow.backups?.newestGood)),
  },
  {
    name: 'cogni_backup_alarms',
    help: 'How many things are wrong with the backups.',
    of: ({ look }) => one(look.slow.backups?.alarms.length),
  },
  {
    name: 'cogni_wal_lag_seconds',
    help: 'Time since the archive last took log, by its own list: log that was dropped is none that it took. 0 where nothing is left to send but the segment that is written.',
    of: ({ look: { slow } }) =>
      one(slow.backups?.logAge === undefined ? undefined : slow.backups.logAge / 1000),
  },
  {
    name: 'cogni_wal_waiting_bytes',
    help: 'Log that waits for the archive.',
    of: ({ look: { slow } }) =>
      one(
        slow.backups?.waitingMebibytes === undefined
          ? undefined
          : slow.backups.waitingMebibytes * 1024 * 1024,
      ),
  },
  {
    name: 'cogni_receiver_up',
    help: 'Whether the receiver of the log is there.',
    of: ({ look: { slow } }) => one(boolean(slow.backups?.receiver?.there)),
  },
  {
    name: 'cogni_receiver_behind_bytes',
    help: 'Log that the receiver has not written yet.',
    of: ({ look: { slow } }) => one(slow.backups?.receiver?.behind),
  },
  {
    name: 'cogni_receiver_waited',
    help: 'Whether commits wait for the receiver of the log.',
    of: ({ look: { slow } }) => one(boolean(slow.backups?.receiver?.waited)),
  },
  {
    name: 'cogni_drill_last_timestamp_seconds',
    help: 'When the last drill that compared something, or failed, was begun.',
    of: ({ look: { slow } }) => ofDrill(slow.backups?.drill, ({ at }) => seconds(at)),
  },
  {
    name: 'cogni_drill_last_passed',
    help: 'Whether it gave back what was backed up.',
    of: ({ look: { slow } }) => ofDrill(slow.backups?.drill, ({ passed }) => boolean(passed)),
  },
  {
    name: 'cogni_certificate_expiry_timestamp_seconds',
    help: 'When the certificate of the site ends.',
    of: ({ look }) => one(seconds(look.slow.certificate?.until)),
  },
];

/**
 * The metrics in the text format of Prometheus ("Exposition formats", version 0.0.4). What is not known is not there, so
 * that `absent()` finds it: a 0 would be a value. All are gauges.
 */
export const metricsText = (statuses: readonly WatchStatus[]): string =>
  families
    .map(({ name, help, of }) => {
      const samples = statuses.flatMap((status) =>
        of(status).flatMap(([labels, value]) =>
          value === undefined
            ? []
            : [`${name}{environment="${escaped(status.look.environment)}"${labels}} ${value}`],
        ),
      );
      return samples.length === 0
        ? ''
        : `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${samples.join('\n')}\n`;
    })
    .join('');

const escaped = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
