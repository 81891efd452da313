import { appendFileSync } from 'node:fs';

/** Appends a text to the summary of a workflow's step, as it stands, in a block whose fence no line of it can close. */
export function keepSummary(file: string | undefined, title: string, text: string): void {
  if (file === undefined) return;
  appendFileSync(file, `### ${title}\n\n\`\`\`text\n${text.replaceAll('`', "'")}\n\`\`\`\n\n`);
}
