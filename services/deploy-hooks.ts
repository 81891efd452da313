/** The moments of a deploy or rollback at which programs of our own can be run, on the machine that deploys. */
export const hookPoints = [
  'before-plan',
  'after-plan',
  'before-deploy',
  'after-deploy',
  'on-failure',
] as const;
export type HookPoint = (typeof hookPoints)[number];

/** A program that is run at such a moment, told the facts as JSON on its standard input. */
export interface Hook {
  /** Program and arguments, without a shell. Never holds a secret. */
  readonly argv: readonly [string, ...string[]];
  /** Seconds after which it is ended. @default 60 */
  readonly deadline?: number;
}

/** Those of an environment, in the order in which they run. */
export type Hooks = Readonly<Partial<Record<HookPoint, readonly Hook[]>>>;

/** Seconds. */
const longest = 600;

/** What is wrong with them, one text each. */
export function hookFaults(hooks: Hooks): readonly string[] {
  return Object.entries(hooks).flatMap(([point, list]) => [
    ...((hookPoints as readonly string[]).includes(point)
      ? []
      : [`"${point}" is no moment of a deploy; allowed: ${hookPoints.join(', ')}`]),
    ...list.flatMap(({ argv, deadline = 60 }, index) => [
      ...(argv.length > 0 && argv.every((word) => !word.includes('\0')) && argv[0].trim() !== ''
        ? []
        : [`${point}[${index}] names no program`]),
      ...(deadline > 0 && deadline <= longest
        ? []
        : [`${point}[${index}] may take ${deadline} s; allowed: more than 0, at most ${longest}`]),
    ]),
  ]);
}
