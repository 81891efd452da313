import { breakingWord, withoutBackupWord, type JournalledRun, type JournalText } from '../deploy';

/** The last runs of a host, for a person: one line each, the newest first; below it what is worth knowing of its steps. */
export function journalText({ runs, torn, newer }: JournalText, environment: string): string {
  const lines = runs.length === 0 ? [`no run is recorded on ${environment}`] : runs.flatMap(runText);
  return [
    ...lines,
    ...(torn === 0
      ? []
      : [`${counted(torn)} not written to the end, as a full disk or a power cut leaves them`]),
    ...(newer === 0 ? [] : [`${counted(newer)} written by a newer cogni, which can read them`]),
  ].join('\n');
}

const counted = (lines: number): string => (lines === 1 ? '1 line was' : `${lines} lines were`);

function runText(run: JournalledRun): readonly string[] {
  const { begun, ended, steps } = run;
  const by = begun ? `, by ${begun.by.who} on ${begun.by.from}` : '';
  const time = ended
    ? ` (${seconds(ended.milliseconds)}, ${seconds(ended.engineMilliseconds)} of it the engine's own)`
    : '';
  const state = ended?.result ?? 'has no end: under way, or cut off';
  return [
    `${run.at}  ${begun?.title ?? run.run}: ${state}${by}${time}`,
    ...wordsOf(begun).map((word) => `  was begun with ${word}`),
    ...steps.flatMap(({ step, state: how, why, takenBack, problems = [] }) => [
      ...(how === 'failed' ? [`  ${step} failed: ${why ?? 'for no known reason'}`] : []),
      ...(how === 'begun' && ended === undefined ? [`  ${step} was begun`] : []),
      ...(takenBack ? [`  ${step} was taken back`] : []),
      ...problems.map((problem) => `  ${step}: ${problem}`),
    ]),
  ];
}

const wordsOf = (begun: JournalledRun['begun']): readonly string[] => [
  ...(begun?.accepted?.movedTags ?? []).map((digest) => `--accept-moved-tag ${digest}`),
  ...(begun?.accepted?.breakingMigration ? [breakingWord] : []),
  ...(begun?.accepted?.withoutBackup ? [withoutBackupWord] : []),
];

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
