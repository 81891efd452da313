import { policyOf, type Archive } from '../../services';
import type { JudgedBackup, Judgement } from './judge';

/** Whether what a database holds could be had again if its host were lost now. */
export type Standing =
  | { readonly kind: 'verified'; readonly newest: JudgedBackup; readonly description: string }
  | {
      readonly kind: 'none';
      /** The newest that can be restored, if it is not as fresh as it should be; undefined where there is none. */
      readonly newest: JudgedBackup | undefined;
      readonly why: string;
    };

const hour = 60 * 60 * 1000;

/**
 * What a guard makes of backups. Strict: the newest one must have been read back and be as young as the archive's own rhythm
 * makes it (two hours more are let pass), and nothing else may be wrong with the archive, since whatever is wrong there
 * is about what came later.
 */
export function standingOf(
  { newestGood, alarms }: Pick<Judgement, 'newestGood' | 'alarms'>,
  archive: Archive,
  now: Date,
): Standing {
  if (newestGood === undefined) return { kind: 'none', newest: undefined, why: 'none was read back' };
  const { hours } = policyOf(archive);
  const age = now.getTime() - newestGood.at.getTime();
  const old = age > (hours + 2) * hour;
  if (old || alarms.length > 0) {
    const why = [
      ...(old ? [`the newest that was read back, ${newestGood.label}, is ${ageText(age)} old`] : []),
      ...alarms.filter((alarm) => !old || !alarm.startsWith('the newest backup that was read back')),
    ];
    return { kind: 'none', newest: newestGood, why: why.join('; ') };
  }
  const reach = newestGood.until ? `, to any moment until ${newestGood.until.toISOString()}` : '';
  return {
    kind: 'verified',
    newest: newestGood,
    description: `${newestGood.label}, ${ageText(age)} old and read back${reach}`,
  };
}

function ageText(milliseconds: number): string {
  const minutes = Math.max(0, Math.round(milliseconds / 60_000));
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
