import { isatty } from 'node:tty';
import { createColors } from 'picocolors';
import { timelineSvg, timelineText, type Paint, type Timeline } from '../deploy';
import { messageOf } from '../foundation/failure';
import { writeAtomically } from '../foundation/files';
import type { Progress } from '../foundation/progress';
import { keepSummary } from './step-summary';
import type { OutputOptions } from './output';

/** Files that the time of a run is written to. */
interface TimelineFiles {
  /** Where the picture goes: SVG. */
  readonly timeline?: string;
  /** What the chart is appended to: the summary of a workflow's step. */
  readonly summary?: string;
}

/**
 * Shows where the time of a run went, also of one that failed: a chart on standard error (none with `--json`, whose
 * document has the figures), and in the files that are asked for.
 */
export function showTimeline(
  timeline: Timeline,
  options: OutputOptions,
  progress: Progress,
  { timeline: picture, summary }: TimelineFiles = {},
): void {
  if (!options.json) process.stderr.write(`${timelineText(timeline, paint)}\n`);
  const keep = (file: string | undefined, write: (file: string) => void): void => {
    if (!file) return;
    try {
      write(file);
    } catch (thrown) {
      // How the run ended counts; this is only about it.
      progress.note(`the timeline could not be written to ${file}: ${messageOf(thrown)}`);
    }
  };
  keep(picture, (file) => writeAtomically(file, timelineSvg(timeline), 0o644));
  keep(summary, (file) => keepSummary(file, timeline.title, timelineText(timeline)));
}

const colours = createColors(isatty(2) && !process.env['NO_COLOR']);

const paint: Paint = (bar, { spent, result }) => {
  if (result === 'failed') return colours.red(bar);
  const by = {
    before: colours.dim,
    engine: colours.blue,
    pull: colours.yellow,
    migration: colours.magenta,
    start: colours.green,
    drain: colours.gray,
  };
  return by[spent](bar);
};
