import type { HostStatus, ServiceStatus } from '../deploy/status/status';
import { lockText } from './lock-text';
import { maintenanceText } from './maintenance-text';

/** What runs on a host and whether it is what is recorded, for a person. */
export function statusText(status: HostStatus): string {
  const { environment, verdict, release, upstream, files, lock, sourcecredLock, maintenance, findings } =
    status;
  const counts = [
    `${files.same} as deployed`,
    ...(files.changed.length > 0 ? [`${files.changed.length} changed`] : []),
    ...(files.missing.length > 0 ? [`${files.missing.length} missing`] : []),
    ...(files.unknown.length > 0 ? [`${files.unknown.length} unknown`] : []),
    ...(files.settingsEdited ? ['settings written to since'] : []),
  ];
  return [
    `${environment}: ${verdict}`,
    `release      ${release ? `${release.tag} since ${release.at}, by ${release.by.who} on ${release.by.from}` : 'none'}`,
    `upstream     ${upstream.name ?? 'no file'}${upstream.service === null ? '' : ` (${upstream.service})`}`,
    `files        ${release ? counts.join(', ') : 'none recorded'}`,
    `lock         ${indented(lockText(lock))}`,
    ...(sourcecredLock.state === 'held' ? [`sourcecred   ${indented(lockText(sourcecredLock))}`] : []),
    `maintenance  ${maintenance === null ? 'unknown: the edge has no folder' : maintenanceText(maintenance)}`,
    '',
    ...table(status.services),
    ...(findings.length > 0 ? ['', ...findings.map((finding) => `  - ${finding}`)] : []),
  ].join('\n');
}

const indented = (text: string): string => text.split('\n').join(`\n${' '.repeat(13)}`);

function table(services: readonly ServiceStatus[]): string[] {
  const rows = [
    ['SERVICE', 'STATE', 'SINCE', 'IMAGE'],
    ...services.map((one) => [
      one.service,
      `${one.state}${one.health === null ? '' : ` (${one.health})`}${one.restarts > 0 ? `, started anew ${one.restarts} times` : ''}`,
      one.since === null ? '' : one.since.replace(/\.\d+Z$/, 'Z'),
      imageText(one),
    ]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Enough of a digest to compare it by eye. */
function imageText({ image, asRecorded }: ServiceStatus): string {
  if (image === null) return '';
  const short = image.replace(/^.*\/(?=[^/]+$)/, '').replace(/(sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1');
  return asRecorded === false ? `${short}, not the recorded one` : short;
}
