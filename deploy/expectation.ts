import type { Output } from '../foundation/process';
import type { Expectation, JsonFields } from './step';

/** Why an output is not what was expected, in a few words; undefined when it is. */
export function unmet(output: Output, expect: Expectation = {}): string | undefined {
  if (output.timedOut) return `did not end within its deadline (${seconds(output.milliseconds)})`;
  if (output.code === null) return `was ended by ${output.signal ?? 'a signal'}`;
  if (!(expect.exit ?? [0]).includes(output.code)) return `ended with exit code ${output.code}`;
  if (expect.stdout === undefined) return undefined;
  const said = output.stdout.trim();
  if ('json' in expect.stdout) return unmetJson(said, expect.stdout.json);
  const { equals } = expect.stdout;
  return said === equals ? undefined : `said ${shown(said)}, not ${shown(equals)}`;
}

/** Why a text is not a JSON object with these fields; undefined when it is. */
export function unmetJson(text: string, fields: JsonFields): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return `said ${shown(text)}, which is not JSON`;
  }
  const object = new Map(Object.entries(value ?? {}));
  const wrong = Object.entries(fields).filter(([name, wanted]) => object.get(name) !== wanted);
  if (wrong.length === 0) return undefined;
  return wrong
    .map(([name, wanted]) => `said ${name} ${shown(object.get(name))}, not ${shown(wanted)}`)
    .join(', ');
}

/** At most a line of it: answers can be whole pages. */
const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 120)}...` : text;
};

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
