import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * What docs/setup.md tells people to type, read off the page as people read it: what stands in its blocks, and what it names in
 * between. Every such command is run by one of these; a new one that none of them runs fails all of them.
 */
const runs = {
  /** `test/tool/cli/setup.test.ts`: as it stands, in a folder of its own. */
  'as it stands': [
    /^\.\/cogni --help$/,
    /^(?:ssh-keygen|age-keygen|cp) /,
    /^ssh-add ~\//,
    /^rm ~\/\.ssh\/\S+_actions$/,
    /^\.\/cogni settings (?:generate|check) /,
  ],
  /** The same test, among those: what a person types or pastes, for the lines after it. */
  'for the shell': [/^read -rs? (\w+) && export \1$/],
  /** The same test, among those: what answers in the place of GitHub is a double. */
  'with a double of GitHub': [/^\.\/cogni settings sync /],
  /** `test/tool/cli/setup-commits.test.ts`, which has doubles of the registries: all that the repository gets. */
  'in a copy of the checkout': [
    /^\.\/cogni (?:images|providers) lock$/,
    /^\.\/cogni settings docs$/,
    /^npm run workflows$/,
    /^git (?:add|commit|push)\b/,
  ],
  /**
   * Each once: `test/e2e/spine.test.ts` for preview, `test/e2e/setup-page.test.ts` for production. From one end of production to the other
   * and back after a loss, in the page's order: `test/nightly/recovery/setup-page.test.ts`.
   */
  'on the sandbox': [
    /^npx cdktf (?:diff|deploy) /,
    /^\.\/cogni (?:deploy|plan|apply|host check|settings (?:export|import)) /,
    /^ssh-add \.cogni\//,
    /^(?:getent|curl) /,
  ],
  /** `test/nightly/recovery/rebuild.test.ts`: the page names it, and leads by hand. */
  'in the nightly tier': [/^\.\/cogni rebuild$/],
  /** `test/e2e/spine.test.ts`, which begins with it. */
  demo: [/^\.\/cogni sandbox demo$/],
} as const;

interface Typed {
  readonly line: string;
  /** The heading that it stands under, without its number: `Preview`, `Recovery of preview`. */
  readonly part: string;
}

type Kind = keyof typeof runs;

/**
 * Commands of the page that one test runs, each once, in the page's order.
 *
 * @param how one kind of them, or those of several in one order
 * @throws Error for a command of the page that no test runs, or more than one
 */
export const commandsRun = (how: Kind | readonly Kind[], page = setupPage()): readonly string[] => [
  ...new Set(typedOn(page, how).map(({ line }) => line)),
];

/**
 * Those of one part of the page, as often as they stand there: for who follows it.
 *
 * @throws Error like {@link commandsRun}, and for a part that the page does not have
 */
export function commandsOf(part: string, how: Kind | readonly Kind[], page = setupPage()): readonly string[] {
  const lines = typedOn(page, how).filter((typed) => typed.part === part);
  if (lines.length === 0) throw new Error(`docs/setup.md has nothing of that kind under "${part}"`);
  return lines.map(({ line }) => line);
}

const setupPage = (): string => readFileSync(join(resolve(__dirname, '..'), 'docs', 'setup.md'), 'utf8');

function typedOn(page: string, how: Kind | readonly Kind[]): readonly Typed[] {
  const typed = allTyped(page);
  for (const { line } of typed) {
    const by = Object.values(runs).filter((patterns) => patterns.some((pattern) => pattern.test(line)));
    if (by.length !== 1)
      throw new Error(`${by.length === 0 ? 'no test runs' : 'two tests run'} "${line}" of docs/setup.md`);
  }
  return typed.filter(({ line }) =>
    [how].flat().some((kind) => runs[kind].some((pattern) => pattern.test(line))),
  );
}

function allTyped(page: string): readonly Typed[] {
  let [part, inBlock] = ['', false];
  return page.split('\n').flatMap((line): readonly Typed[] => {
    if (line.startsWith('## ')) part = line.replace(/^## (?:\d+\. )?/, '');
    if (line.startsWith('```')) {
      inBlock = !inBlock;
      return [];
    }
    if (inBlock) return [{ line, part }];
    return [...line.matchAll(/`((?:\.\/cogni|npx|npm|git) [^`]+)`/g)].map(([, named = '']) => ({
      line: named,
      part,
    }));
  });
}
