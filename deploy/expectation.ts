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
  if ('listWithout' in expect.stdout) return unmetList(said, expect.stdout.listWithout);
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
  const wrong = unmetFields(value, fields);
  if (wrong.length === 0) return undefined;
  return wrong.map(([name, wanted, said]) => `said ${name} ${shown(said)}, not ${shown(wanted)}`).join(', ');
}

/** Fields of an object that are not as wanted: name, wanted, found. */
function unmetFields(value: unknown, fields: JsonFields): readonly (readonly [string, string, unknown])[] {
  const object = new Map<string, unknown>(Object.entries(value ?? {}));
  return Object.entries(fields)
    .map(([name, wanted]) => [name, wanted, object.get(name)] as const)
    .filter(([, wanted, found]) => found !== wanted);
}

/** Why a text is not a JSON list without an object that has these fields; undefined when it is. */
function unmetList(text: string, fields: JsonFields): string | undefined {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    list = undefined;
  }
  if (!Array.isArray(list)) return `said ${shown(text)}, which is no JSON list`;
  const found = list.find((item: unknown) => unmetFields(item, fields).length === 0) as unknown;
  return found === undefined ? undefined : `still lists ${shown(found)}`;
}

/** At most a line of it: answers can be whole pages. */
const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 120)}...` : text;
};

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
