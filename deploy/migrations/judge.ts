import type { Evidence, Judgement } from '../step';
import { findingsIn, type Finding } from './findings';
import { parsePending } from './pending';

/**
 * Judges the migrations of a release that the release that serves has not: what the version that serves cannot survive
 * is a fault, everything else worth knowing a note. What cannot be read is never called safe: where there is nothing to read
 * that is noted, and where reading went wrong it is a fault, since the next try may find what breaks.
 *
 * @param given what the host printed (`pendingMigrations`), or why it printed nothing of use
 */
export function judgeMigrations(given: Evidence): Judgement {
  const answer = 'failed' in given ? given : parsePending(given.printed);
  if ('failed' in answer) {
    return {
      faults: [
        `the migrations of this release could not be read (${answer.failed}): whether the version that serves survives them is not known`,
      ],
      notes: [],
    };
  }
  if ('unreadable' in answer) {
    return {
      faults: [],
      notes: [
        `the migrations of this release cannot be judged (${answer.unreadable}): whether the version that serves survives them is not known`,
      ],
    };
  }
  const { pending, changed } = answer;
  const found = Object.entries(pending).flatMap(([file, sql]) =>
    findingsIn(sql).map((finding) => ({ file, finding })),
  );
  const texts = (breaking: boolean): string[] =>
    found
      .filter(({ finding }) => (finding.severity === 'breaks') === breaking)
      .map(({ file, finding }) => findingText(file, finding));
  return {
    faults: texts(true),
    notes: [
      ...changed.map(
        (file) =>
          `${file} differs from what the release that serves has: a migrator that has applied it does not apply it again, or refuses it`,
      ),
      ...texts(false),
    ],
  };
}

const words = {
  breaks: 'breaks the version that serves',
  blocks: 'makes requests wait',
  note: 'note',
} as const;

const findingText = (file: string, { severity, statement, line, why, instead }: Finding): string =>
  `${file}:${line} ${words[severity]}: ${statement} - ${why}; instead: ${instead}`;
