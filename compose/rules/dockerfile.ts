/**
 * Images that a Dockerfile has the builder fetch: what its stages begin with, what it copies or mounts from, and the frontend
 * that it is read with. Build arguments are filled in with what is given, or with their own defaults from before the first
 * stage, in which those before them are filled in; what is then still a variable is handed back as it stands.
 *
 * @param known names that are no images: the build's further contexts
 * @param given build arguments; undefined for one whose value is not known
 */
export function imagesIn(
  dockerfile: string,
  known: readonly string[],
  given: ReadonlyMap<string, string | undefined>,
): readonly string[] {
  const { directives, instructions } = read(dockerfile);
  const syntax = directives.get('syntax');
  const found = syntax === undefined ? [] : [syntax];
  const names = new Set(['scratch', ...known.map((name) => name.toLowerCase())]);
  const defaults = new Map<string, string | undefined>();
  let stages = 0;
  const note = (image: string): void => {
    if (!names.has(image.toLowerCase()) && !mayBe(image, names)) found.push(image);
  };
  for (const instruction of instructions) {
    const isTrigger = instruction[0]?.toUpperCase() === 'ONBUILD';
    const [keyword, ...words] = isTrigger ? instruction.slice(1) : instruction;
    const [flags, rest] = splitFlags(words);
    switch (keyword?.toUpperCase()) {
      case 'ARG':
        if (stages === 0) {
          for (const [, name = '', value] of rest.map((word) => /^([^=]*)(?:=(.*))?$/s.exec(word) ?? []))
            defaults.set(name, given.has(name) ? given.get(name) : defaultOf(value, defaults));
        }
        break;
      case 'FROM': {
        const [image = '', as, name = ''] = rest;
        note(filledIn(image, defaults));
        stages += 1;
        if (as?.toUpperCase() === 'AS') names.add(name.toLowerCase());
        break;
      }
      default:
        for (const flag of flags) {
          const from = /^--from=(.+)$|^--mount=(?:.*,)?from=([^,]+)/.exec(flag);
          const source = unquoted(from?.[1] ?? from?.[2]);
          // A number is a stage.
          if (source !== undefined && !/^\d+$/.test(source)) note(source);
        }
    }
  }
  return found;
}

/** Arguments that the builder has by itself (Dockerfile reference, "Automatic platform ARGs in the global scope"). */
const ofThePlatform =
  /\$(?:\{(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)\}|(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)\b)/;

/** Whether it is a stage for each platform, such as `base-$TARGETARCH` is of `base-amd64` and `base-arm64`. */
function mayBe(image: string, names: ReadonlySet<string>): boolean {
  const [before = '', ...after] = image.split(ofThePlatform);
  if (after.length === 0) return false;
  const [start, end] = [before.toLowerCase(), (after.at(-1) ?? '').toLowerCase()];
  return [...names].some(
    (name) => name.length > start.length + end.length && name.startsWith(start) && name.endsWith(end),
  );
}

/** Flags stand before everything else of an instruction. */
function splitFlags(words: readonly string[]): readonly [flags: readonly string[], rest: readonly string[]] {
  const first = words.findIndex((word) => !word.startsWith('--'));
  return first < 0 ? [words, []] : [words.slice(0, first), words.slice(first)];
}

const defaultOf = (
  written: string | undefined,
  before: ReadonlyMap<string, string | undefined>,
): string | undefined => (written === undefined ? undefined : filledIn(unquoted(written) ?? '', before));

const unquoted = (text: string | undefined): string | undefined => text?.replace(/^(["'])(.*)\1$/s, '$2');

const filledIn = (text: string, values: ReadonlyMap<string, string | undefined>): string =>
  text.replace(
    /\$(?:\{([A-Za-z_]\w*)(?::?-([^{}]*))?\}|([A-Za-z_]\w*))/g,
    (written: string, braced?: string, fallback?: string, bare?: string) =>
      values.get(braced ?? bare ?? '') ?? fallback ?? written,
  );

interface Read {
  readonly directives: ReadonlyMap<string, string>;
  /** Each by its words. */
  readonly instructions: readonly (readonly string[])[];
}

/** Dockerfile reference, "Parser directives", "Escape", "Here-documents". */
function read(dockerfile: string): Read {
  const directives = new Map<string, string>();
  const instructions: (readonly string[])[] = [];
  const texts: { readonly end: string; readonly indented: boolean }[] = [];
  let begun = '';
  let isTop = true;
  for (const line of dockerfile.split(/\r?\n/)) {
    const [text] = texts;
    if (text !== undefined) {
      if ((text.indented ? line.replace(/^\t+/, '') : line) === text.end) texts.shift();
      continue;
    }
    const directive: RegExpExecArray | null = isTop
      ? /^#\s*(syntax|escape|check)\s*=\s*(\S+)/i.exec(line)
      : null;
    isTop = directive !== null;
    if (directive !== null) directives.set((directive[1] ?? '').toLowerCase(), directive[2] ?? '');
    if (/^\s*(?:#|$)/.test(line)) continue;
    const continued = new RegExp(`^(.*)${directives.get('escape') === '`' ? '`' : '\\\\'}\\s*$`, 's').exec(
      line,
    );
    begun += continued?.[1] ?? line;
    if (continued !== null) continue;
    instructions.push(begun.trim().split(/\s+/));
    if (/^\s*(?:RUN|COPY|ADD)\s/i.test(begun)) {
      for (const [, dash, , end = ''] of begun.matchAll(/(?:^|\s)\d*<<(-?)(["']?)(\w+)\2/g))
        texts.push({ end, indented: dash === '-' });
    }
    begun = '';
  }
  if (begun.trim() !== '') instructions.push(begun.trim().split(/\s+/));
  return { directives, instructions };
}
