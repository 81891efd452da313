/** Something wrong with an environment, in words for the person who wrote it down. */
export interface Fault {
  /** Name of the environment. */
  readonly environment: string;
  /** Path of the field in the record: `host.plan`. */
  readonly field: string;
  /** What is wrong with it: begins with the value, names what is allowed. */
  readonly problem: string;
  /** The file to mend, relative to the checkout. @default - the record itself */
  readonly file?: string;
}

/**
 * The line of `stacks/environments.ts` that a fault is on, for the person who has to edit it: the field's own line
 * inside its record, or the nearest one above it that can be found.
 *
 * @param source text of that file
 * @returns a line number from 1, or undefined when the file has no such record
 */
export function lineOf(source: string, fault: Pick<Fault, 'environment' | 'field'>): number | undefined {
  const lines = source.split('\n');
  const start = lines.findIndex((line) => line.trim() === `name: '${fault.environment}',`);
  if (start < 0) return undefined;
  const after = lines.findIndex((line, index) => index > start && /^ {2}\},?$/.test(line));
  const end = after < 0 ? lines.length : after;
  let found = start;
  for (const part of fault.field.split('.')) {
    const next = lines.findIndex(
      (line, index) => index >= found && index < end && new RegExp(`(?:^|[\\s{])${part}:`).test(line),
    );
    if (next < 0) break;
    found = next;
  }
  return found + 1;
}
