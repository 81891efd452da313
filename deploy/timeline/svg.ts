import type { Span, Timeline } from '../watch';
import { remark, seconds, summary } from './text';

const row = 24;
const margin = 16;
const chart = { left: 260, width: 480 } as const;
const all = chart.left + chart.width + 230;

/** On white, so that the chart reads alike on a light and on a dark page; told apart also without colours, by words. */
const colours: Readonly<Record<Span['spent'] | 'failed', string>> = {
  before: '#8fa7c6',
  engine: '#2f6db5',
  pull: '#c07f12',
  migration: '#8450ad',
  start: '#2b8a57',
  drain: '#7a7f87',
  failed: '#c62f2f',
};
const ink = '#1f2328';
const grid = '#d8dde3';

/**
 * Where the time of a run went, as a picture for job summaries: SVG without script, style sheet or anything from elsewhere.
 * The same timeline gives the same bytes.
 */
export function timelineSvg(timeline: Timeline): string {
  const { title, spans, milliseconds } = timeline;
  const top = margin + 3 * row;
  const bottom = top + spans.length * row;
  const height = bottom + 2 * row + margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${all}" height="${height}" viewBox="0 0 ${all} ${height}" role="img" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="13">`,
    `<title>${escaped(`${title}: ${summary(timeline)}`)}</title>`,
    `<rect width="${all}" height="${height}" rx="8" fill="#ffffff" stroke="${grid}"/>`,
    words(margin, margin + row - 6, title, 'font-size="15" font-weight="600"'),
    words(margin, margin + 2 * row - 8, summary(timeline)),
    ...axis(milliseconds, top, bottom),
    ...spans.flatMap((span, index) => bar(span, milliseconds, top + index * row)),
    ...legend(spans, bottom + 2 * row),
    '</svg>',
    '',
  ].join('\n');
}

function bar(span: Span, total: number, y: number): readonly string[] {
  const x = (at: number): number =>
    chart.left + (total === 0 ? 0 : (Math.min(at, total) / total) * chart.width);
  const from = x(span.begun);
  const width = Math.max(2, x(span.begun + span.milliseconds) - from);
  const colour = colours[span.result === 'failed' ? 'failed' : span.spent];
  const said = [seconds(span.milliseconds), remark(span)].filter(Boolean).join(', ');
  return [
    words(chart.left - 12, y + row - 8, span.id.slice(0, 34), 'text-anchor="end"'),
    `<rect x="${rounded(from)}" y="${y + 4}" width="${rounded(width)}" height="${row - 8}" rx="2" fill="${colour}"/>`,
    words(chart.left + chart.width + 12, y + row - 8, said),
  ];
}

/** Lines at round seconds, at most eight. */
function axis(total: number, top: number, bottom: number): readonly string[] {
  const step = [100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 300_000, 600_000].find(
    (each) => total / each <= 8,
  );
  if (step === undefined || total === 0) return [];
  return Array.from({ length: Math.floor(total / step) + 1 }, (_, index) => {
    const x = rounded(chart.left + ((index * step) / total) * chart.width);
    return [
      `<line x1="${x}" y1="${top}" x2="${x}" y2="${bottom}" stroke="${grid}"/>`,
      words(x, bottom + 16, seconds(index * step), 'text-anchor="middle" font-size="11"'),
    ].join('\n');
  });
}

function legend(spans: readonly Span[], y: number): readonly string[] {
  const names: Readonly<Record<keyof typeof colours, string>> = {
    before: 'before the plan',
    engine: 'the engine',
    pull: 'pull',
    migration: 'migration',
    start: 'start',
    drain: 'drain',
    failed: 'failed',
  };
  const used = (Object.keys(names) as (keyof typeof colours)[]).filter((kind) =>
    spans.some(({ spent, result }) => (result === 'failed' ? kind === 'failed' : kind === spent)),
  );
  return used.map((kind, index) => {
    const x = margin + index * 130;
    return `<rect x="${x}" y="${y - 10}" width="12" height="12" rx="2" fill="${colours[kind]}"/>\n${words(x + 18, y, names[kind])}`;
  });
}

const words = (x: number, y: number, text: string, more = ''): string =>
  `<text x="${x}" y="${y}" fill="${ink}"${more === '' ? '' : ` ${more}`}>${escaped(text)}</text>`;

const rounded = (number: number): number => Math.round(number * 100) / 100;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Also without the control characters that XML 1.0 (section 2.2, Char) does not allow. */
const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => entities[character] ?? '').replace(/\p{Cc}/gu, ' ');
