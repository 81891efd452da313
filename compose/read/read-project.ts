import { posix } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { validateAgainstSchema } from '../specification/validate';
import { extended } from './extends';
import { merge, without, withoutRepetitions } from './merge';
import type { ReadFault } from './read-fault';
import { fromFolder, joined } from './relative-paths';
import { isMapping, readYaml, type Layer, type Mapping, type Value } from './yaml-file';

/** What existing compose files say, as one document. */
export interface ReadProject {
  /**
   * All files laid over each other, with what they extend and include written out. Paths count from the project's
   * folder, variables stand as they are. Not to be used when there are faults.
   */
  readonly document: Mapping;
  /**
   * What the `include` entries declare that `document` still holds: a file that is read with variables of its own cannot
   * be written out, since the variables are replaced only when Compose reads it.
   */
  readonly included: Mapping;
  readonly faults: readonly ReadFault[];
  /** File and line of what stands under these keys, or of the nearest thing above it. */
  readonly locate: (keys: readonly (string | number)[]) => { readonly file: string; readonly line?: number };
}

/** Why there is no text of a file that is there, in words that go on from its name: `is a folder`. */
export interface Unreadable {
  readonly why: string;
}

/** Text of a file, its path relative to the project's folder or absolute; undefined when there is none. It throws nothing. */
export type ReadFile = (path: string) => string | Unreadable | undefined;

/** How deep files may include each other: a circle is seen before. */
const deepestInclude = 20;

/**
 * Reads compose files as Docker Compose does: YAML with anchors, merge keys and several documents, `extends`, `include`, and
 * later files over earlier ones with `!reset` and `!override`. It never throws: every fault is in the result.
 *
 * @param files in the order of `docker compose -f`, relative to the project's folder, which is the first one's
 */
export function readProject(files: readonly string[], readFile: ReadFile): ReadProject {
  const reading = new Reading(readFile);
  const document = reading.model(files, '.', []);
  const faults = [...reading.faults];
  if (faults.length === 0 && Object.keys(document).length === 0) {
    const message = 'holds nothing: a project has services';
    faults.push({ code: 'COMPOSE-903', file: files[0] ?? '', path: '', message });
  }
  // Also beside other faults: whoever mends them is told the rest at once.
  for (const { keys, path, what } of validateAgainstSchema(document)) {
    faults.push({ code: 'COMPOSE-903', ...reading.locate(keys, files), path, message: what });
  }
  return {
    document,
    included: reading.included,
    faults,
    locate: (keys) => reading.locate(keys, files),
  };
}

const sections = ['services', 'volumes', 'networks', 'secrets', 'configs', 'models'] as const;

/** An entry of a file that leads to other files. */
interface Entry {
  readonly layer: Layer;
  readonly keys: readonly (string | number)[];
}

class Reading {
  readonly faults: ReadFault[] = [];
  readonly #layers: Layer[] = [];
  readonly #opened = new Map<string, readonly Layer[] | undefined>();
  included: Mapping = {};

  constructor(private readonly readFile: ReadFile) {}

  /**
   * The files of one model, laid over each other.
   *
   * @param folder what their paths count from, relative to the project's folder
   * @param above the files that include these
   * @param by where they are included
   */
  model(files: readonly string[], folder: string, above: readonly string[], by?: Entry): Mapping {
    let document: Value = {};
    for (const file of files) {
      for (const layer of this.#open(file, by?.keys ?? [], by?.layer) ?? []) {
        document = without(document, layer.replaced);
        const own = this.#withIncluded(this.#withExtended(layer, folder), layer, folder, above);
        document = merge(document, own, [], (keys, message) =>
          this.#fault('COMPOSE-904', layer, keys, message),
        );
      }
    }
    // Compose reads past the obsolete version, and takes it out.
    const kept = withoutRepetitions(document) as Mapping;
    return Object.fromEntries(Object.entries(kept).filter(([key]) => key !== 'version'));
  }

  locate(keys: readonly (string | number)[], files: readonly string[]): { file: string; line?: number } {
    const found = this.#layers
      .map((layer) => ({ file: layer.file, ...layer.lineOf(keys) }))
      .filter((place) => place.depth !== undefined)
      // The last of the deepest: later files win.
      .reduce<{ file: string; line?: number; depth?: number } | undefined>(
        (best, place) => (best === undefined || (place.depth ?? 0) >= (best.depth ?? 0) ? place : best),
        undefined,
      );
    if (found?.line === undefined) return { file: files[0] ?? '' };
    return { file: found.file, line: found.line };
  }

  #fault(code: ReadFault['code'], layer: Layer, keys: readonly (string | number)[], message: string): void {
    const line = layer.lineOf(keys)?.line;
    this.faults.push({
      code,
      file: layer.file,
      ...(line === undefined ? {} : { line }),
      path: keys.join('/'),
      message,
    });
  }

  /** A file is read once, however often it is named: its faults are then told once. */
  #open(file: string, keys: readonly (string | number)[], by?: Layer): readonly Layer[] | undefined {
    if (this.#opened.has(file)) return this.#opened.get(file);
    const found = this.readFile(file);
    if (typeof found !== 'string') {
      const message =
        found === undefined
          ? `there is no file ${shown(file)}, or it cannot be read`
          : `the file ${shown(file)} ${found.why}`;
      if (by === undefined) this.faults.push({ code: 'COMPOSE-901', file, path: '', message });
      else this.#fault('COMPOSE-901', by, keys, message);
    }
    const read = typeof found === 'string' ? readYaml(file, found) : undefined;
    this.faults.push(...(read?.faults ?? []));
    this.#layers.push(...(read?.layers ?? []));
    this.#opened.set(file, read?.layers);
    return read?.layers;
  }

  #withExtended(layer: Layer, folder: string): Mapping {
    const { services } = layer.document;
    if (!isMapping(services)) return layer.document;
    const context = {
      open: (file: string, keys: readonly string[]) => this.#open(joined(folder, file), keys, layer),
      fault: (code: ReadFault['code'], keys: readonly string[], message: string) =>
        this.#fault(code, layer, keys, message),
    };
    const from = { file: layer.file, services, replaced: layer.replaced };
    const all = Object.keys(services).map((name) => [name, extended(name, from, context) ?? null] as const);
    return { ...layer.document, services: Object.fromEntries(all) };
  }

  /** Compose specification, "include"; compose-go, loader/include.go. */
  #withIncluded(document: Mapping, layer: Layer, folder: string, above: readonly string[]): Mapping {
    const { include, ...own } = document;
    if (include === undefined || include === null) return own;
    if (!Array.isArray(include)) {
      this.#fault('COMPOSE-906', layer, ['include'], 'must be a list');
      return own;
    }
    const kept: Value[] = [];
    let model: Mapping = own;
    for (const [index, entry] of include.entries()) {
      const keys = ['include', index] as const;
      const wanted = this.#wanted(entry, layer, keys);
      if (wanted === undefined) continue;
      const files = wanted.files.map((file) => joined(folder, file));
      const [first = ''] = files;
      const itsFolder = wanted.folder === undefined ? posix.dirname(first) : joined(folder, wanted.folder);
      if (above.includes(first) || layer.file === first || above.length > deepestInclude) {
        this.#fault('COMPOSE-906', layer, keys, `includes itself, through the files that it includes`);
        continue;
      }
      const read = this.model(files, itsFolder, [...above, layer.file], { layer, keys });
      if (wanted.hasVariables || this.#hasVariables(itsFolder)) {
        kept.push(withFolder(entry, folder));
        this.included = merge(this.included, read, [], () => undefined) as Mapping;
        continue;
      }
      // Paths were written from the folder of the files that are above: what is included counts from its own.
      const moved = fromFolder(read, posix.relative(folder, itsFolder) || '.');
      kept.push(...(Array.isArray(moved['include']) ? moved['include'] : []));
      model = this.#imported(moved, model, layer, keys);
    }
    return kept.length === 0 ? model : { ...model, include: kept };
  }

  #wanted(
    entry: Value,
    layer: Layer,
    keys: readonly (string | number)[],
  ): { files: readonly string[]; folder?: string; hasVariables: boolean } | undefined {
    const {
      path,
      project_directory: folder,
      env_file: variables,
    } = isMapping(entry) ? entry : { path: entry };
    const files = Array.isArray(path) ? path : [path];
    const isText = (value: Value | undefined): value is string => typeof value === 'string' && value !== '';
    if (files.length === 0 || !files.every(isText) || (folder !== undefined && !isText(folder))) {
      this.#fault('COMPOSE-906', layer, keys, 'must name files, and a project folder only as text');
      return undefined;
    }
    const texts = [...files, ...(folder === undefined ? [] : [folder])];
    if (texts.some((text) => text.includes('$') || /^[a-z+]+:\/\//.test(text))) {
      this.#fault(
        'COMPOSE-906',
        layer,
        keys,
        'names what only Compose can find: an address, or a path with a variable',
      );
      return undefined;
    }
    return { files, ...(folder === undefined ? {} : { folder }), hasVariables: variables !== undefined };
  }

  /** The project's own `.env` is read for all of it. */
  #hasVariables(folder: string): boolean {
    return posix.normalize(folder) !== '.' && this.readFile(joined(folder, '.env')) !== undefined;
  }

  #imported(from: Mapping, into: Mapping, layer: Layer, keys: readonly (string | number)[]): Mapping {
    const model = { ...into };
    for (const section of sections) {
      const source = from[section];
      const target = model[section];
      if (!isMapping(source)) continue;
      const declared: Mapping = isMapping(target) ? { ...target } : {};
      for (const [name, value] of Object.entries(source)) {
        if (Object.hasOwn(declared, name) && !isDeepStrictEqual(declared[name], value)) {
          this.#fault(
            'COMPOSE-906',
            layer,
            keys,
            `declares ${section}/${name}, which is declared otherwise already`,
          );
        } else declared[name] = value;
      }
      model[section] = declared;
    }
    return model;
  }
}

/** A path for people: short, and printable whatever it is. */
const shown = (path: string): string =>
  path.length <= 200 && !/[\p{Cc}\u2028\u2029]/u.test(path)
    ? path
    : `${JSON.stringify(path.slice(0, 200))}${path.length > 200 ? '…' : ''}`;

/** An entry of `include` as it has to stand in a file of the project's folder. */
function withFolder(entry: Value, folder: string): Value {
  const moved = (value: Value): Value =>
    Array.isArray(value) ? value.map(moved) : typeof value === 'string' ? joined(folder, value) : value;
  if (!isMapping(entry)) return moved(entry);
  return Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, moved(value)]));
}
