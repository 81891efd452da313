import type { MaintenanceState } from '../deploy/maintenance';

/** Whether a site is under maintenance, for a person. */
export function maintenanceText(maintenance: MaintenanceState): string {
  if (maintenance.state === 'off') return 'off';
  const { note } = maintenance;
  if (note === undefined) return 'on, by a file that nobody signed';
  return `on since ${note.since}, by ${note.by.who} on ${note.by.from}${note.reason === undefined ? '' : `: ${note.reason}`}`;
}
