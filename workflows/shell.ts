import type { CogniStep, ShellStep, Word } from './model';

/** Words that a shell reads as they stand. */
const plainWord = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** The text of a step's `run`. @throws Error for a word that would need quoting: a value belongs into a variable */
export function scriptOf(step: CogniStep | ShellStep): string {
  if ('run' in step) return step.run.join('\n');
  const line = ['./cogni', ...step.cogni.map(wordText)].join(' ');
  const { alsoGood = [] } = step;
  if (alsoGood.length === 0) return line;
  return [
    'code=0',
    `${line} || code=$?`,
    `case "$code" in`,
    `  ${[0, ...alsoGood].join(' | ')}) ;;`,
    `  *) exit "$code" ;;`,
    'esac',
  ].join('\n');
}

function wordText(word: Word): string {
  if (typeof word === 'string') {
    if (plainWord.test(word)) return word;
    throw new Error(`"${word}" is no word that a shell takes as it stands: hand it in as a variable`);
  }
  const { variable, prefix = '', option } = word;
  return option === undefined
    ? `"${prefix}$${variable}"`
    : `\${${variable}:+${option} "${prefix}$${variable}"}`;
}

/** The command of a step as the command line gets it, with an example in the place of each variable. */
export const exampleArguments = ({ cogni }: CogniStep): readonly string[] =>
  cogni.flatMap((word) => {
    if (typeof word === 'string') return [word];
    const value = `${word.prefix ?? ''}${word.example}`;
    return word.option === undefined ? [value] : [word.option, value];
  });
