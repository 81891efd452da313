import { loadAll, YAMLException } from 'js-yaml';
import type { Plain } from '../tree';
import type { ReadFault } from './read-fault';
import { composeYaml, Tagged, Unusual } from './yaml-scalars';

/** A document of a file as data: anchors and merge keys are written out, tags are taken off. */
export interface Layer {
  readonly file: string;
  readonly document: Mapping;
  /** What `!reset` and `!override` take away from the files before this one. */
  readonly replaced: readonly (readonly string[])[];
  /** Line, from 1, of the deepest of these keys that the file has; undefined when it has not even the first. */
  readonly lineOf: (
    keys: readonly (string | number)[],
  ) => { readonly line: number; readonly depth: number } | undefined;
}

export interface Mapping {
  [key: string]: Value;
}
export type Value = string | number | boolean | null | Value[] | Mapping;

export const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Characters, or bytes on a disk, of one file: far more than a person writes. */
export const longestFile = 4 * 1024 * 1024;
/** Values of one document with its aliases written out, in the same sense. */
const mostValues = 500_000;
/** Levels below the top: the specification has about ten, and everything that walks through a document does so by recursion. */
const deepestLevel = 200;

/** Reads one file. It never throws: what is wrong is in `faults`, and then nothing of that document is in `layers`. */
export function readYaml(
  file: string,
  text: string,
): { layers: readonly Layer[]; faults: readonly ReadFault[] } {
  const fault = (message: string, line?: number): ReadFault => ({
    code: 'COMPOSE-902',
    file,
    ...(line === undefined ? {} : { line }),
    path: '',
    message,
  });
  if (text.length > longestFile)
    return { layers: [], faults: [fault(`is longer than ${longestFile} characters`)] };
  const hidden = linesWithHiddenBreaks(text);
  if (hidden.length > 0) {
    return { layers: [], faults: hidden.map(({ line, sign }) => fault(hiddenBreak(sign), line)) };
  }
  const positions = new Positions();
  const documents: unknown[] = [];
  try {
    loadAll(text, (document) => documents.push(document), {
      schema: composeYaml,
      listener: (event, state) => positions.take(event, state as unknown as ParserState),
    });
  } catch (thrown) {
    if (thrown instanceof YAMLException) {
      // Typed as always there; a message about the whole stream has none.
      const mark = thrown.mark as YAMLException['mark'] | undefined;
      return { layers: [], faults: [fault(reasonOf(thrown), mark && mark.line + 1)] };
    }
    if (thrown instanceof RangeError) return { layers: [], faults: [fault('is nested too deeply')] };
    throw thrown;
  }
  const layers: Layer[] = [];
  const faults: ReadFault[] = [];
  for (const [index, document] of documents.entries()) {
    const root = positions.documents[index];
    const lineOf = (keys: readonly (string | number)[]): ReturnType<Layer['lineOf']> =>
      positions.lineOf(root, keys);
    const found = new Expansion((keys, message) => {
      faults.push({ ...fault(message, lineOf(keys)?.line), path: keys.join('/') });
    });
    const isEmptyFile =
      documents.length === 1 && /^(?:[ \t]*(?:#.*)?\n)*[ \t]*(?:#.*)?$/.test(text.replaceAll('\r', ''));
    if (isEmptyFile) continue;
    if (!isMapping(document) || document instanceof Unusual || document instanceof Tagged) {
      faults.push(fault('must be a mapping', root?.line));
      continue;
    }
    for (const { line } of positions.keysThatAreNotText(root))
      faults.push(fault('holds a key that is not text: put it in quotes', line));
    const expanded = found.expand(document, []);
    if (found.tooLarge)
      faults.push(fault(`holds more than ${mostValues} values with its aliases written out`));
    else if (found.tooDeep)
      faults.push(fault(`is nested deeper than ${deepestLevel} levels with its aliases written out`));
    else layers.push({ file, document: expanded as Mapping, replaced: found.replaced, lineOf });
  }
  return { layers: faults.length > 0 ? [] : layers, faults };
}

/**
 * Signs that end a line for Compose's reader (go-yaml, yamlprivateh.go, "is_break"), as in YAML 1.1, and for none of version 1.2:
 * what follows one in a comment would be content to Compose, and unseen here. Their escapes in double quotes are text to all.
 */
const hiddenBreaks = /[\u0085\u2028\u2029]/;

/** The lines that hold such a sign, from 1, with the first of each. */
function linesWithHiddenBreaks(text: string): readonly { readonly line: number; readonly sign: string }[] {
  if (!hiddenBreaks.test(text)) return [];
  return text.split(/\r\n?|\n/).flatMap((content, index) => {
    const sign = hiddenBreaks.exec(content)?.[0];
    return sign === undefined ? [] : [{ line: index + 1, sign }];
  });
}

function hiddenBreak(sign: string): string {
  const code = sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  return `holds U+${code}, which ends a line for Compose's reader and not for others: take it out, or write it as \\u${code} in double quotes`;
}

/** js-yaml's own words, without what it quotes from the file: an alias `*x`, or a tag `!x`, may be the beginning of a password. */
const reasonOf = ({ reason }: YAMLException): string =>
  `is not YAML: ${reason.replace(/\s*(?::\s.*|!?<.*|["'`].*|\(.*)$/s, '')}`;

/** Writes aliases out and takes tags off. */
class Expansion {
  readonly replaced: (readonly string[])[] = [];
  #values = 0;
  /** Also where an alias stands inside of what it stands for. */
  tooDeep = false;

  constructor(private readonly report: (keys: readonly (string | number)[], message: string) => void) {}

  get tooLarge(): boolean {
    return this.#values > mostValues;
  }

  expand(value: unknown, keys: readonly (string | number)[]): Plain | undefined {
    this.#values += 1;
    this.tooDeep ||= keys.length > deepestLevel;
    if (this.tooLarge || this.tooDeep) return null;
    if (value instanceof Tagged) {
      this.replaced.push(keys.map(String));
      return value.tag === '!reset' ? undefined : this.expand(value.value, keys);
    }
    if (value instanceof Unusual) {
      this.report(keys, `is ${value.what} to Compose's reader: put it in quotes`);
      return null;
    }
    if (Array.isArray(value)) {
      return value.flatMap((item, index) => {
        const expanded = this.expand(item, [...keys, index]);
        return expanded === undefined ? [] : [expanded];
      });
    }
    if (!isMapping(value)) return value as Plain;
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, entry]) => {
        const expanded = this.expand(entry, [...keys, key]);
        return expanded === undefined ? [] : [[key, expanded]];
      }),
    );
  }
}

/** What js-yaml tells its listener; its own type names less. */
interface ParserState {
  readonly line: number;
  readonly kind: string | null;
  readonly result: unknown;
  readonly depth: number;
}

interface Position {
  readonly line: number;
  kind: string | null;
  result: unknown;
  children: Position[];
  /** The entries of a mapping by key, once somebody asked for one. */
  keys?: ReadonlyMap<unknown, readonly [Position, Position]>;
}

/** Where everything stands: the parser's nodes as a tree, keys and values of a mapping in turn. */
class Positions {
  readonly documents: Position[] = [];
  readonly #open: Position[] = [];

  take(event: 'open' | 'close', state: ParserState): void {
    // The parser reads some text twice, and then leaves a node without closing it: its depth says which ones are gone.
    this.#open.length = Math.min(this.#open.length, event === 'open' ? state.depth - 1 : state.depth);
    if (event === 'open') {
      this.#open.push({ line: state.line + 1, kind: null, result: undefined, children: [] });
      return;
    }
    const closed = this.#open.pop();
    if (closed === undefined) return;
    closed.kind = state.kind;
    closed.result = state.result;
    const [only, ...others] = closed.children;
    // What might be the first key of a mapping is read as one, and then turns out to be the node itself.
    if (only !== undefined && others.length === 0 && isSame(closed.result, only.result))
      closed.children = only.children;
    (this.#open.at(-1)?.children ?? this.documents).push(closed);
  }

  lineOf(root: Position | undefined, keys: readonly (string | number)[]): ReturnType<Layer['lineOf']> {
    let at: Position | undefined = root;
    let found: { line: number; depth: number } | undefined;
    for (const [depth, key] of keys.entries()) {
      const next: { line: number; value: Position } | undefined =
        at === undefined ? undefined : childOf(at, key);
      if (next === undefined) return found;
      found = { line: next.line, depth: depth + 1 };
      at = next.value;
    }
    return found;
  }

  keysThatAreNotText(root: Position | undefined): readonly Position[] {
    if (root === undefined) return [];
    const own = entriesOf(root).flatMap(([key]) => (typeof key.result === 'string' ? [] : [key]));
    return [...own, ...root.children.flatMap((child) => this.keysThatAreNotText(child))];
  }
}

const isSame = (result: unknown, probed: unknown): boolean =>
  result === probed || (result instanceof Tagged && result.value === probed);

/** None where keys and values cannot be told apart: a flow mapping may hold keys without values. */
function entriesOf({ kind, children }: Position): readonly (readonly [Position, Position])[] {
  // Before the next document the parser looks for one more key, and finds nothing.
  const found =
    children.length % 2 === 1 && children.at(-1)?.kind === null ? children.slice(0, -1) : children;
  if (kind !== 'mapping' || found.length % 2 === 1) return [];
  return found.flatMap((child, index) =>
    index % 2 === 1 ? [] : [[child, found[index + 1] ?? child] as const],
  );
}

function childOf(at: Position, key: string | number): { line: number; value: Position } | undefined {
  if (at.kind === 'sequence') {
    const item = at.children[Number(key)];
    return item && { line: item.line, value: item };
  }
  // Made once: each of a file's many faults may ask for a key of the same mapping.
  at.keys ??= new Map(
    entriesOf(at)
      .toReversed()
      .map((entry) => [entry[0].result, entry]),
  );
  const entry = at.keys.get(String(key));
  return entry && { line: entry[0].line, value: entry[1] };
}
