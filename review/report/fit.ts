/** Makes one block of a section; asked only while there is room. */
export type Block = () => string;

/** A part of a report that may have to be left out, made of blocks that are kept or left out as a whole. */
export interface Section {
  /** Comes before the blocks, when there is one. */
  readonly opening: string;
  readonly blocks: readonly Block[];
  /** Comes after the blocks, when there is one. */
  readonly closing: string;
  /** Says how many blocks were left out. */
  readonly omitted: (count: number) => string;
  /** Characters that are kept free for it while the sections before it are filled, unless it needs fewer. */
  readonly reserve: number;
}

/** So many blocks that do not fit are passed over for smaller ones behind them. */
const mostMisfits = 20;
/** A section of so few blocks is measured; a longer one is taken to need all of its reserve. */
const measured = 3;

/**
 * Puts a report together below a limit. What comes first is what is kept first; no block is cut.
 *
 * @param head is always there, and has to be shorter than the limit
 * @param limit characters (UTF-16 units, of which there are never fewer than GitHub counts)
 */
export function fit(head: string, sections: readonly Section[], limit: number): string {
  const parts: string[] = [head];
  let left = limit - head.length;
  const used = sections.filter(({ blocks }) => blocks.length > 0);
  used.forEach((section, index) => {
    const kept = used.slice(index + 1).reduce((sum, each) => sum + needOf(each), 0);
    const text = fill(section, left - kept) ?? fill(section, left);
    if (text === undefined) return;
    parts.push(text);
    left -= text.length + separator.length;
  });
  return parts.join(separator);
}

const separator = '\n\n';

function needOf({ opening, blocks, closing, reserve }: Section): number {
  if (blocks.length > measured) return reserve;
  const length = blocks.reduce((sum, block) => sum + block().length + 1, 0);
  return Math.min(reserve, opening.length + closing.length + length + 2 * separator.length);
}

/** As many blocks as there is room for; undefined when there is no room even to say that none is shown. */
function fill({ opening, blocks, closing, omitted }: Section, room: number): string | undefined {
  const framed = (parts: readonly string[]): string =>
    [opening, ...parts, closing].filter((part) => part !== '').join('\n');
  const frame = opening.length + closing.length + separator.length + 2;
  const note = omitted(blocks.length).length + 1;
  let left = room - frame;
  let misfits = 0;
  const kept: string[] = [];
  for (const [index, block] of blocks.entries()) {
    if (misfits >= mostMisfits) break;
    const text = block();
    // The last block may take the room of the note, when none was left out.
    const spare = misfits === 0 && index === blocks.length - 1 ? 0 : note;
    if (text.length + 1 + spare > left) misfits += 1;
    else {
      kept.push(text);
      left -= text.length + 1;
    }
  }
  if (kept.length === blocks.length) return framed(kept);
  const said = omitted(blocks.length - kept.length);
  if (kept.length > 0) return `${framed(kept)}\n${said}`;
  return said.length + separator.length <= room ? said : undefined;
}
