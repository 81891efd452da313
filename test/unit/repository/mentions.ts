import { CommanderError, type Command } from 'commander';
import { cogniProgram } from '../../../cli/program';
import { reached } from '../cli/reached';

/**
 * Every command of ours in a text of Markdown.
 *
 * - `whole`: as code or on a line of its own: everything from its first word to its last.
 * - otherwise a part of a sentence, up to the next mark of it: words of the sentence may follow.
 */
export interface Mention {
  readonly words: readonly string[];
  readonly whole: boolean;
}

export function mentionsIn(markdown: string): readonly Mention[] {
  const lines = markdown.replaceAll(/\\\n\s*/g, ' ').split('\n');
  return lines.flatMap((line) => [
    // An alternative is one command each: `key\|up`.
    ...[...line.matchAll(/`((?:\.\/)?cogni(?: [^`]*)?)`/g)].flatMap(([, code = '']) => typed(code)),
    ...(/^\s*\.\/cogni /.test(line) ? typed(line.trim()) : inSentence(line.replaceAll(/`[^`]*`/g, ''))),
  ]);
}

const typed = (code: string): readonly Mention[] =>
  code
    .replace(/\s+#.*$/, '')
    .split(/ (?:&&|\|) /)
    .filter((each) => /^(?:\.\/)?cogni\b/.test(each))
    .flatMap(variants)
    .map((each) => ({ words: wordsOf(each), whole: true }));

/** What stands in brackets may be left out or not, and of alternatives any is meant. */
function variants(code: string): readonly string[] {
  const [without, opened] = [code.replaceAll(/ \[[^\]]*\]/g, ''), code.replaceAll(/[[\]]/g, '')];
  return [...new Set([without, opened])].flatMap(eachOf);
}

function eachOf(code: string): readonly string[] {
  const alternatives = /\S+(?:\\?\|\S+)+/.exec(code)?.[0];
  return alternatives === undefined
    ? [code]
    : alternatives.split(/\\?\|/).map((each) => code.replace(alternatives, each));
}

const inSentence = (line: string): readonly Mention[] =>
  [...line.matchAll(/\.\/cogni((?: [^\s,;:()]+)+)/g)].map(([, words = '']) => ({
    words: wordsOf(`./cogni${words.replace(/\.$/, '')}`),
    whole: false,
  }));

/** A placeholder is one word, whatever it says: `<number of the lost server>`. */
const wordsOf = (code: string): readonly string[] =>
  [...code.matchAll(/"[^"]*"|(?:<[^>]*>|[^\s"<])+/g)].map(([word]) => word.replaceAll(/^"|"$/g, '')).slice(1);

/**
 * What of a mention the command line would not understand; empty where it would. A command that is only named needs no arguments, and one with `…`
 * leaves out what everybody knows; of both, and of what is part of a sentence, the names are held against the command line.
 */
export function faultOf({ words, whole }: Mention): string | undefined {
  const { command, rest } = found(words);
  if (command.commands.length > 0 && rest.length > 0 && !rest[0]!.startsWith('-'))
    return `there is no command ${words.join(' ')}`;
  const named = rest.length === 0 || rest.includes('…');
  if (whole && !named && command.parent) return parsed(words);
  const known = [...optionsOf(command), '--help', '--version'];
  const unknown = rest
    .slice(0, rest.includes('--') ? rest.indexOf('--') : undefined)
    .find((word) => /^--?[a-z]/.test(word) && !known.includes(word));
  return unknown === undefined ? undefined : `${command.name()} has no option ${unknown}`;
}

function found(words: readonly string[]): { readonly command: Command; readonly rest: readonly string[] } {
  let command = cogniProgram();
  let rest = words;
  for (;;) {
    const next = command.commands.find((each) => each.name() === rest[0]);
    if (next === undefined) break;
    command = next;
    rest = rest.slice(1);
  }
  // `backup <env>` is the one that has a name of its own, and needs none.
  const usual = rest.length > 0 && command.name() === 'backup' ? 'run' : undefined;
  return { command: command.commands.find((each) => each.name() === usual) ?? command, rest };
}

const optionsOf = (command: Command | null): readonly string[] =>
  command === null
    ? []
    : [
        ...command.options.flatMap(({ short, long }) => [short, long].filter((each) => each !== undefined)),
        ...optionsOf(command.parent),
      ];

function parsed(words: readonly string[]): string | undefined {
  try {
    return reached(words) === '' ? 'it reaches no command' : undefined;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    // `<n>` is no number: it stands for one.
    const stands = words.some((word) => word.includes('<') && thrown.message.includes(word));
    return thrown.code === 'commander.invalidArgument' && stands ? undefined : thrown.message;
  }
}
