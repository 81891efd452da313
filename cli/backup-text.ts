import type { BackupReport } from '../deploy/backup/report';
import type { JudgedCopy } from '../deploy/backup/copies';
import type { JudgedBackup } from '../deploy/backup/judge';
import type { JudgedReceiver } from '../deploy/backup/receiver';

/** What is to be thought of the backups of an environment, for people. */
export function backupText(
  { environment, place, backups, copies, gaps, log, receiver, alarms }: BackupReport,
  now: Date,
): string {
  const rows = backups.map((one) => rowOf(one, now));
  return [
    `${environment}: ${backups.length === 1 ? '1 backup' : `${backups.length} backups`} in ${place}`,
    ...table(['backup', 'type', 'age', 'database', 'archive', 'good', 'kept as'], rows),
    ...gaps.map(
      ({ after, before, missing, from, to, closed }) =>
        `gap  ${missing} segments missing between ${after} and ${before} (${moment(from)} to ${moment(to)})${closed ? ', closed by a later full backup' : ''}`,
    ),
    log === undefined
      ? 'log  not known: the database did not answer'
      : `log  last taken ${log.age === undefined ? 'never' : `${Math.round(log.age / 1000)} s ago`}, ${log.waitingMebibytes} MiB waiting`,
    ...(receiver === undefined ? [] : [`receiver  ${receiverText(receiver)}`]),
    ...(copies === undefined
      ? []
      : [
          copies.length === 1 ? '1 portable copy' : `${copies.length} portable copies`,
          ...table(
            ['copy', 'age', 'size', 'parts', 'whole', 'kept as'],
            copies.map((one) => copyRow(one, now)),
          ),
        ]),
    ...alarms.map((alarm) => `! ${alarm}`),
    '',
  ].join('\n');
}

/** How a receiver of the log stands. */
export const receiverText = ({ there, behind, waited }: JudgedReceiver): string =>
  [
    there ? `has the log but for ${bytes(behind ?? 0)}` : 'is away',
    `commits ${waited ? 'wait' : 'do not wait'} for it`,
  ].join('; ');

function rowOf(backup: JudgedBackup, now: Date): readonly string[] {
  const { label, type, at, size, good, why, until, keptBy } = backup;
  return [
    label,
    type,
    age(now.getTime() - at.getTime()),
    bytes(size.database),
    bytes(size.archive),
    good ? `yes, to any moment until ${until ? moment(until) : 'its end'}` : `no: ${why ?? ''}`,
    keptBy.join(', ') || 'nothing: may be removed',
  ];
}

const copyRow = (
  { name, at, bytes: size, parts, whole, keptBy }: JudgedCopy,
  now: Date,
): readonly string[] => [
  name,
  age(now.getTime() - at.getTime()),
  bytes(size),
  String(parts.length),
  whole ? 'yes' : 'no: it was not read back to its end',
  keptBy.join(', ') || 'nothing: may be removed',
];

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const moment = (at: Date): string => at.toISOString().replace('T', ' ').slice(0, 19);

const age = (milliseconds: number): string => {
  const minutes = Math.max(0, Math.round(milliseconds / 60_000));
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} d`;
};

const bytes = (count: number): string => {
  if (count < 1024 ** 2) return `${(count / 1024).toFixed(0)} KiB`;
  if (count < 1024 ** 3) return `${(count / 1024 ** 2).toFixed(0)} MiB`;
  return `${(count / 1024 ** 3).toFixed(1)} GiB`;
};
