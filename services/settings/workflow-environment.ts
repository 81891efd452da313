import { declarationOf, type SettingName } from './catalogue';

/**
 * A part of the `env:` block of a workflow's step: each name, and the expression that gives its value (GitHub documentation, "Contexts
 * reference"). What is optional and unset arrives as an empty string, which our commands take for absent in GitHub Actions and
 * nowhere else.
 *
 * Left out is what no workflow hands in: the environment's record, what is composed or resolved, what Actions sets by
 * itself, and what only the shell of a person has.
 *
 * @returns name to expression, in the order of the names
 */
export function workflowValues(names: readonly SettingName[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const expression = expressionOf(name);
      return expression === undefined ? [] : [[name, expression]];
    }),
  );
}

function expressionOf(name: SettingName): string | undefined {
  switch (declarationOf(name).scope) {
    case 'repository-secret':
    case 'environment-secret':
      return `\${{ secrets.${name} }}`;
    case 'repository-variable':
    case 'environment-variable':
      return `\${{ vars.${name} }}`;
    case 'environment-record':
    case 'release':
    case 'derived':
    case 'operator':
    case 'ci':
      return undefined;
  }
}
