import type { Report } from '../compose';

/** What goes around the rules of the compose library, each with its place and its reason. */
export type Exceptions = Pick<Report, 'raw' | 'allowed' | 'foreignFiles'>;

/** One line each, for whoever reviews what is rendered; none says so. */
export function exceptionsText({ raw, allowed, foreignFiles }: Exceptions): readonly string[] {
  const lines = [
    ...allowed.map(({ path, power, reason }) => `${path} is allowed ${power}: ${reason}`),
    ...raw.map(
      ({ path, keys, reason }) => `${path} has ${keys.join(', ')} in Compose's own words: ${reason}`,
    ),
    ...foreignFiles.map(({ path, file, writer }) => `${path} reads ${file}, which ${writer} writes`),
  ];
  return lines.length === 0
    ? ['nothing goes around the rules']
    : ['what goes around the rules, and why:', ...lines.map((line) => `  ${line}`)];
}
