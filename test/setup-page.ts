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
    /^(?:export|read|ssh-keygen|age-keygen|cp|ssh-add|git add) /,
    /^rm ~\/\.ssh\/\S+_actions$/,
    /^git commit .* -- keys\//,
    /^\.\/cogni settings (?:generate|check) /,
  ],
  /** The same test, among those: what answers in the place of GitHub is a double. */
  'with a double of GitHub': [/^\.\/cogni settings sync /],
  /** `test/tool/cli/locks.test.ts`. */
  'with doubles of the registries': [
    /^\.\/cogni (?:images|providers) lock$/,
    /^git commit .* -- \S+\.lock\.\S+/,
  ],
  /** `test/e2e/spine.test.ts` for preview, `test/e2e/setup-page.test.ts` for production. */
  'on the sandbox': [
    /^npx cdktf (?:diff|deploy) /,
    /^\.\/cogni (?:deploy|plan|apply|host check|settings (?:export|import)) /,
    /^(?:getent|curl) /,
  ],
  /** `test/nightly/recovery/rebuild.test.ts`: the page names it, and leads by hand. */
  'in the nightly tier': [/^\.\/cogni rebuild$/],
  /** `test/e2e/spine.test.ts`, which begins with it. */
  demo: [/^\.\/cogni sandbox demo$/],
} as const;

interface Typed {
  readonly line: string;
  /** The heading that it stands under: `2. Preview`, `4. Recovery of preview`. */
  readonly heading: string;
}

type Kind = keyof typeof runs;

/**
 * Commands of the page that one test runs, each once, in the page's order.
 *
 * @param how one kind of them, or those of several in one order
 * @param environment those of its parts of the page alone. @default all
 * @throws Error for a command of the page that no test runs, or more than one
 */
export function commandsRun(
  how: Kind | readonly Kind[],
  environment?: string,
  page = setupPage(),
): readonly string[] {
  const typed = typedOn(page);
  for (const { line } of typed) {
    const by = Object.values(runs).filter((patterns) => patterns.some((pattern) => pattern.test(line)));
    if (by.length !== 1)
      throw new Error(`${by.length === 0 ? 'no test runs' : 'two tests run'} "${line}" of docs/setup.md`);
  }
  const wanted = typed.filter(
    ({ line, heading }) =>
      [how].flat().some((kind) => runs[kind].some((pattern) => pattern.test(line))) &&
      (environment === undefined || heading.toLowerCase().split(' ').at(-1) === environment),
  );
  return [...new Set(wanted.map(({ line }) => line))];
}

const setupPage = (): string => readFileSync(join(resolve(__dirname, '..'), 'docs', 'setup.md'), 'utf8');

function typedOn(page: string): readonly Typed[] {
  let [heading, inBlock] = ['', false];
  return page.split('\n').flatMap((line): readonly Typed[] => {
    if (line.startsWith('## ')) heading = line.slice(3);
    if (line.startsWith('```')) {
      inBlock = !inBlock;
      return [];
    }
    if (inBlock) return [{ line, heading }];
    return [...line.matchAll(/`((?:\.\/cogni|npx) [^`]+)`/g)].map(([, named = '']) => ({
      line: named,
      heading,
    }));
  });
}
