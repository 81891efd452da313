import type { TrustedSigner } from '../../foundation/signature';
import type { Transport } from '../transport';
import { listDrills, readStored } from './commands';
import { drillFolder, isProof, readReport, reportName, type ReadReport } from './drill-report';

/** How the last drill of an archive ended, as its report there says. */
export interface LastDrill {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly passed: boolean;
  /** Name of the trusted key that signed the report; undefined: no report of the newest {@link mostRead} counts, and this one anybody may have written. */
  readonly signedBy: string | undefined;
  /** What it did not check, each with the reason. */
  readonly unchecked: readonly string[];
  /** Reports that are newer than one that counts, or all that were read where none does, each with why it does not count. */
  readonly doubtful: readonly string[];
}

/** Reports that are read at most: whoever has the host can write any number of them. */
const mostRead = 10;

/**
 * Reads the reports of drills that failed, or that compared something, from the newest on until one counts: a trusted key has signed it, it is of
 * this environment, and it lies under its own time. Whoever has the host can write a report, or put an old one under a newer name, and cannot sign one.
 *
 * @returns undefined where there was none, and why where the archive does not answer
 */
export async function lastDrill(
  transport: Transport,
  environment: string,
  trusted: readonly TrustedSigner[],
): Promise<LastDrill | string | undefined> {
  const listed = await transport.run(listDrills);
  if (listed.code !== 0) return 'the archive does not say which drills there were';
  const files = listed.stdout.split('\n').filter(isProof).sort().reverse();
  const doubtful: string[] = [];
  let newest: LastDrill | undefined;
  for (const file of files.slice(0, mostRead)) {
    const read = readReport((await transport.run(readStored(`${drillFolder}/${file}`))).stdout, trusted);
    const why = doubtOf(file, environment, read);
    if (typeof read !== 'string') {
      const { report, signedBy } = read;
      const unchecked = report.checks.flatMap(({ name, outcome, says }) =>
        outcome === 'not made' ? [`${name}: ${says}`] : [],
      );
      const drill = { at: report.begun, passed: report.passed, signedBy, unchecked, doubtful };
      if (why === undefined) return drill;
      newest ??= { ...drill, signedBy: undefined };
    }
    doubtful.push(`the report ${file} ${why ?? ''}`);
  }
  if (files[0] === undefined) return undefined;
  return newest ?? { at: timeOf(files[0]), passed: false, signedBy: undefined, unchecked: [], doubtful };
}

/** Why a report does not count; undefined: it does. */
function doubtOf(file: string, environment: string, read: ReadReport | string): string | undefined {
  if (typeof read === 'string') return `cannot be read: ${read}`;
  const { report, signedBy } = read;
  if (signedBy === undefined) return 'is signed by no key that is trusted here';
  if (report.environment !== environment) return `is of ${report.environment}`;
  return reportName(report) === file ? undefined : `is the one of ${report.begun} under another name`;
}

/** ISO 8601, of the name of a report. */
const timeOf = (file: string): string =>
  file.replace(/^(....)(..)(..)T(..)(..)(..)Z.*$/, '$1-$2-$3T$4:$5:$6.000Z');

/** What a watch tells of it: until the next one that counts, nobody knows whether the backups give back what was backed up. */
export function drillAlarms(drill: LastDrill | string | undefined): readonly string[] {
  if (typeof drill !== 'object') return [];
  const { passed, signedBy, doubtful } = drill;
  if (signedBy === undefined) return [`no drill counts: ${doubtful.join('; ')}`];
  return [
    ...(passed
      ? []
      : [`the last drill, on ${shortTime(drill)}, failed: what is backed up may not come back`]),
    ...(doubtful.length > 0
      ? [`somebody wrote reports of drills that do not count: ${doubtful.join('; ')}`]
      : []),
  ];
}

const shortTime = ({ at }: LastDrill): string => at.replace('T', ' ').slice(0, 19);

/** The same for people. */
export function lastDrillText(drill: LastDrill | string | undefined, environment: string): string {
  if (drill === undefined) return `drill  never: ./cogni drill ${environment}\n`;
  if (typeof drill === 'string') return `drill  not known: ${drill}\n`;
  const by =
    drill.signedBy === undefined ? 'signed by no key that is trusted here' : `signed with ${drill.signedBy}`;
  return [
    `drill  ${drill.passed ? 'passed' : 'FAILED'} on ${shortTime(drill)}, ${by}\n`,
    ...drill.unchecked.map((check) => `  not checked: ${check}\n`),
    ...drill.doubtful.map((doubt) => `  ! ${doubt}: it does not count\n`),
  ].join('');
}
