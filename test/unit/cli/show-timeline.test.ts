import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cogniProgram } from '../../../cli/program';
import { showTimeline } from '../../../cli/show-timeline';
import { timelineText, type Timeline } from '../../../deploy';
import type { Progress } from '../../../foundation/progress';

const timeline: Timeline = {
  title: 'deploy preview-0123abc to preview',
  milliseconds: 2000,
  engineMilliseconds: 2000,
  connections: 1,
  commands: 12,
  spans: [{ id: 'gate', spent: 'engine', begun: 0, milliseconds: 2000, result: 'done' }],
};

describe('where the time of a run went', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-timeline-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const notes: string[] = [];
  const progress = { note: (text: string) => notes.push(text) } as unknown as Progress;
  const show = (summary: string): void => showTimeline(timeline, { json: true }, progress, { summary });

  it('is appended to the summary of a job as the chart that the log has', () => {
    const file = join(folder, 'summary.md');
    writeFileSync(file, '# Before\n\n');
    show(file);
    expect(readFileSync(file, 'utf8')).toBe(
      `# Before\n\n### ${timeline.title}\n\n\`\`\`text\n${timelineText(timeline)}\n\`\`\`\n\n`,
    );
  });

  it('is only about the run: that it could not be written is noted', () => {
    show(join(folder, 'none', 'summary.md'));
    expect(notes).toEqual([expect.stringContaining('the timeline could not be written to')]);
  });

  it.each(['deploy', 'rollback'])(
    'gets into the summary of every workflow without an option of it, which an older commit would refuse: %s',
    (name) => {
      const command = cogniProgram().commands.find((each) => each.name() === name);
      const summary = command?.options.find(({ long }) => long === '--summary');
      expect(summary?.envVar).toBe('GITHUB_STEP_SUMMARY');
    },
  );
});
