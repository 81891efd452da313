import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Checkout. */
const root = join(__dirname, '../../..');

/** What carries a plan out, and what shows it. */
const runner = ['deploy/step.ts', 'deploy/run-plan.ts', 'deploy/plan-text.ts'];

const sourceOf = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Files of ours that a file imports, types included. */
const importsOf = (file: string): readonly string[] =>
  [...sourceOf(file).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path = '']) => {
    const found = relative(root, join(root, dirname(file), path));
    if (found.endsWith('.json')) return found;
    return existsSync(join(root, `${found}.ts`)) ? `${found}.ts` : join(found, 'index.ts');
  });

/** They, and everything that they lean on. */
function reachedFrom(files: readonly string[]): readonly string[] {
  const reached = new Set<string>();
  const visit = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    if (!file.endsWith('.json')) importsOf(file).forEach(visit);
  };
  files.forEach(visit);
  return [...reached].sort();
}

describe('what carries a plan out', () => {
  const reached = reachedFrom(runner);

  test('leans on nothing that knows what the plan is for: services, Compose, a strategy', () => {
    expect(reached).toEqual(
      expect.arrayContaining([...runner, 'deploy/transport.ts', 'foundation/failure.ts']),
    );
    expect(
      reached.filter((file) => !/^(foundation|deploy)\/[^/]+\.ts$|^deploy\/journal\//.test(file)),
    ).toEqual([]);
  });

  test('speaks of no Docker and no Compose', () => {
    const speaking = reached.filter((file) => /docker|\bcompose\b/i.test(withoutComments(sourceOf(file))));
    expect(speaking).toEqual([]);
  });
});

const withoutComments = (source: string): string => source.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, '');
