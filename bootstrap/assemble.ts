import { phases } from './phases';

/**
 * One script from its parts in phases/: what all use, the phases in their order, the story. Comments are for those
 * who read the sources and stay there; each byte counts here.
 *
 * @param source text of `phases/<name>.sh`
 */
export function assembleScript(source: (name: string) => string): string {
  const parts = ['core', ...phases, 'main'].map((name) => stripped(source(name)));
  return [
    '#!/usr/bin/env bash\n',
    '# Made from bootstrap/phases of cogni-infra, where the comments are. Brought up to date by "cogni host converge".\n',
    ...parts.slice(0, 1),
    `phases=(${phases.join(' ')})\n`,
    ...parts.slice(1),
    'main "$@"\n',
  ].join('');
}

/** Without lines that hold only a comment or nothing; directives for shellcheck remain. */
const stripped = (text: string): string =>
  text
    .split('\n')
    .filter((line) => /\S/.test(line) && (!/^\s*#/.test(line) || /^\s*# shellcheck /.test(line)))
    .map((line) => `${line}\n`)
    .join('');
