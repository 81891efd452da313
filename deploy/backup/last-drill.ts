import type { TrustedSigner } from '../../foundation/signature';
import type { Transport } from '../transport';
import { listDrills, readStored } from './commands';
import { drillFolder, isProof, readReport } from './drill-report';

/** How the last drill of an archive ended, as its report there says. */
export interface LastDrill {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly passed: boolean;
  /** Name of the trusted key that signed the report; undefined: none of them. */
  readonly signedBy: string | undefined;
}

/** Reads the newest report of a drill that failed, or that compared something. @returns undefined where there was none, and why where it cannot be read */
export async function lastDrill(
  transport: Transport,
  trusted: readonly TrustedSigner[],
): Promise<LastDrill | string | undefined> {
  const listed = await transport.run(listDrills);
  if (listed.code !== 0) return 'the archive does not say which drills there were';
  const newest = listed.stdout.split('\n').filter(isProof).sort().at(-1);
  if (newest === undefined) return undefined;
  const read = readReport((await transport.run(readStored(`${drillFolder}/${newest}`))).stdout, trusted);
  return typeof read === 'string'
    ? `the report ${newest} cannot be read: ${read}`
    : { at: read.report.begun, passed: read.report.passed, signedBy: read.signedBy };
}

/** What a watch tells of it: until the next one, nobody knows whether the backups give back what was backed up. */
export const drillAlarms = (drill: LastDrill | string | undefined): readonly string[] =>
  typeof drill === 'object' && !drill.passed
    ? [
        `the last drill, on ${drill.at.replace('T', ' ').slice(0, 19)}, failed: what is backed up may not come back`,
      ]
    : [];

/** The same for people. */
export function lastDrillText(drill: LastDrill | string | undefined, environment: string): string {
  if (drill === undefined) return `drill  never: ./cogni drill ${environment}\n`;
  if (typeof drill === 'string') return `drill  not known: ${drill}\n`;
  const by =
    drill.signedBy === undefined ? 'signed by no key that is trusted here' : `signed with ${drill.signedBy}`;
  return `drill  ${drill.passed ? 'passed' : 'FAILED'} on ${drill.at.replace('T', ' ').slice(0, 19)}, ${by}\n`;
}
