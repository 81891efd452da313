import { isatty } from 'node:tty';
import { createColors } from 'picocolors';
import { timelineSvg, timelineText, type Paint, type Timeline } from '../deploy';
import { messageOf } from '../foundation/failure';
import { writeAtomically } from '../foundation/files';
import type { Progress } from '../foundation/progress';
import type { OutputOptions } from './output';

/**
 * Shows where the time of a run went, also of one that failed: a chart on standard error (none with `--json`, whose
 * document has the figures), and a picture in a file where one is asked for.
 *
 * @param file where the picture goes: SVG
 */
export function showTimeline(
  timeline: Timeline,
  options: OutputOptions,
  progress: Progress,
  file: string | undefined,
): void {
  if (!options.json) process.stderr.write(`${timelineText(timeline, paint)}\n`);
  if (file === undefined) return;
  try {
    writeAtomically(file, timelineSvg(timeline), 0o644);
  } catch (thrown) {
    // How the run ended counts; the picture is only about it.
    progress.note(`the timeline could not be written to ${file}: ${messageOf(thrown)}`);
  }
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
