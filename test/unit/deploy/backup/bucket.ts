import { listLog, type PgbackrestAway } from '../../../../deploy/backup/away';
import type { Output } from '../../../../foundation/process';
import { alone, listed } from './log';

export const now = new Date('2026-11-21T12:00:00Z');
export const days = (count: number): Date => new Date(now.getTime() - count * 24 * 60 * 60_000);
export const segment = (number: number): string =>
  `0000000100000000000000${number.toString(16).toUpperCase().padStart(2, '0')}`;
export const output = (stdout = '', code = 0, stderr = ''): Output => ({
  code,
  signal: null,
  stdout,
  stderr,
  timedOut: false,
  milliseconds: 1,
});

/** One backup as pgBackRest lists it. */
export interface Listed {
  readonly label: string;
  readonly type: 'full' | 'incr';
  readonly at: Date;
  readonly on?: readonly string[];
  readonly start: number;
  readonly readBack?: boolean;
}

/** An archive that does what pgBackRest does: a removed backup takes along what stands on it. */
export class Bucket {
  readonly asked: string[] = [];
  /** What a command says in the place of doing it, by a part of its words. */
  readonly says = new Map<string, Output>();

  constructor(
    public backups: readonly Listed[],
    public copies: readonly string[] = [],
    public segments: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8],
  ) {}

  readonly run: PgbackrestAway = (where, words, options = {}) => {
    const line = [
      where,
      ...words,
      ...Object.entries(options).map(([name, value]) => `${name}=${value}`),
    ].join(' ');
    const said = [...this.says].find(([part]) => line.includes(part))?.[1];
    if (said !== undefined) return Promise.resolve(said);
    if (!line.includes('--output=json') && !line.includes(listLog)) this.asked.push(line);
    return Promise.resolve(output(this.answer(where, words, options)));
  };

  private answer(
    where: string,
    words: readonly string[],
    options: Readonly<Record<string, string | number>>,
  ): string {
    const last = words.at(-1) ?? '';
    if (last === 'info') return this.info();
    if (last === listLog) return listed(...this.segments.map((each) => alone(segment(each), now)));
    if (where === 'copies' && words.includes('repo-ls')) return this.listCopies();
    if (last === 'expire') {
      const gone = words.find((word) => word.startsWith('--set='))?.slice('--set='.length);
      this.backups = this.backups.filter(({ label, on = [] }) => label !== gone && !on.includes(gone ?? ''));
      // Log is kept from the so many-th newest full backup on.
      const kept = Number(options['repo1-retention-archive'] ?? 0);
      const starts = this.backups.flatMap(({ type, start }) => (type === 'full' ? [start] : []));
      const from = starts.sort((one, other) => other - one)[kept - 1];
      if (from !== undefined) this.segments = this.segments.filter((each) => each >= from);
    }
    if (words.includes('repo-rm')) this.copies = this.copies.filter((copy) => copy !== last);
    return '';
  }

  private info(): string {
    const backup = this.backups.map(({ label, type, at, on, start, readBack = true }) => ({
      label,
      type,
      timestamp: { stop: at.getTime() / 1000 },
      reference: on ?? null,
      info: { size: 1, repository: { delta: 1 } },
      archive: { start: segment(start), stop: segment(start) },
      ...(readBack ? { annotation: { 'read-back': '2026-11-21T06:01:00Z' } } : {}),
      database: { id: 1 },
    }));
    return JSON.stringify([{ backup, db: [{ id: 1, version: '15' }], status: { code: 0, message: 'ok' } }]);
  }

  private listCopies(): string {
    return JSON.stringify(
      Object.fromEntries(this.copies.map((copy) => [`${copy}/SHA256SUMS`, { type: 'file', size: 1 }])),
    );
  }
}
