import type { Span, Timeline } from '../watch';

/** Columns of the chart. */
const width = 40;

/** Puts colour on a text by what the time went to; left out where there is none. */
export type Paint = (text: string, span: Pick<Span, 'spent' | 'result'>) => string;

/**
 * Where the time of a run went, as a chart of one line for each part: when it was, how long it took, and what its time
 * went to where that is not the engine's own work.
 */
export function timelineText(timeline: Timeline, paint: Paint = (text) => text): string {
  const { spans, milliseconds } = timeline;
  const names = Math.max(0, ...spans.map(({ id }) => id.length));
  const rows = spans.map((span) => {
    const { from, columns } = place(span, milliseconds);
    const bar = ' '.repeat(from) + paint('█'.repeat(columns), span) + ' '.repeat(width - from - columns);
    const line = `  ${span.id.padEnd(names)}  ${bar} ${seconds(span.milliseconds).padStart(8)}  ${remark(span)}`;
    return line.trimEnd();
  });
  return [...rows, `  ${summary(timeline)}`].join('\n');
}

/** `12.3 s in all: 1.2 s the engine's own, 8.0 s pull, 3.1 s start; 1 connection, 57 commands` */
export function summary({
  milliseconds,
  engineMilliseconds,
  connections,
  commands,
  spans,
}: Timeline): string {
  const elsewhere = (['pull', 'migration', 'start', 'drain'] as const).flatMap((spent) => {
    const sum = spans
      .filter((span) => span.spent === spent)
      .reduce((all, span) => all + span.milliseconds, 0);
    return sum === 0 ? [] : [`${seconds(sum)} ${spent}`];
  });
  const parts = [`${seconds(engineMilliseconds)} the engine's own`, ...elsewhere].join(', ');
  return `${seconds(milliseconds)} in all: ${parts}; ${counted(connections, 'connection')}, ${counted(commands, 'command')}`;
}

/** What a part was, beyond its name. */
export function remark({ spent, result }: Span): string {
  const what = spent === 'engine' || spent === 'before' ? '' : spent;
  return [what, result === 'done' ? '' : result].filter(Boolean).join(', ');
}

/** Every part can be seen, however short it was, and none leaves the chart. */
function place({ begun, milliseconds }: Span, all: number): { from: number; columns: number } {
  const column = (at: number): number => (all === 0 ? 0 : Math.round((Math.min(at, all) / all) * width));
  const from = Math.min(column(begun), width - 1);
  return { from, columns: Math.max(1, column(begun + milliseconds) - from) };
}

const counted = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
