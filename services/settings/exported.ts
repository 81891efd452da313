import { z } from 'zod';
import { ExitCode, Failure } from '../../foundation/failure';

/** What a rebuild of an environment needs besides the checkout and its backups; it is only ever written encrypted. */
export interface ExportedSettings {
  readonly environment: string;
  /** ISO 8601. */
  readonly madeAt: string;
  /** Settings by name. */
  readonly settings: Readonly<Record<string, string>>;
  /** Text of the files that lie beside the checkout alone, by the names that they have in an export. */
  readonly files: Readonly<Record<string, string>>;
}

const kind = 'cogni-settings';

/** Raised when an older checkout would misread what a newer one writes. */
const format = 1;

const shape = z.strictObject({
  kind: z.literal(kind),
  format: z.literal(format),
  environment: z.string(),
  madeAt: z.iso.datetime(),
  settings: z.record(z.string(), z.string()),
  files: z.record(z.string(), z.string()),
});

/** The text that is encrypted. */
export const renderExport = (exported: ExportedSettings): string =>
  `${JSON.stringify({ kind, format, ...exported }, undefined, 1)}\n`;

/**
 * Reads what {@link renderExport} wrote.
 *
 * @param environment that it is wanted for
 * @param where the file, for the message
 * @throws Failure (exit code 3) when it is something else, of a newer format, or of another environment; no value is in
 *   its message
 */
export function parseExport(text: string, environment: string, where: string): ExportedSettings {
  const refused = (why: string, next: string, faults: readonly string[] = []): Failure =>
    new Failure({ what: `${where} cannot be imported: ${why}`, faults, next, exitCode: ExitCode.refused });
  const another = `name the file that ./cogni settings export ${environment} wrote`;
  const document = asDocument(text);
  if (document?.['kind'] !== kind) throw refused('it is no export of settings', another);
  if (document['format'] !== format) {
    throw refused(
      `its format is ${JSON.stringify(document['format'])}, and this checkout reads ${format}`,
      'import it with the checkout that made it, or a newer one',
    );
  }
  const read = shape.safeParse(document);
  if (!read.success) {
    const faults = read.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'the document'}: ${message}`,
    );
    throw refused('it is not of the form that ./cogni settings export writes', another, faults);
  }
  const { madeAt, settings, files } = read.data;
  const exported = { environment: read.data.environment, madeAt, settings, files };
  if (exported.environment !== environment) {
    throw refused(
      `it is of ${JSON.stringify(exported.environment)}, and not of ${environment}: two environments never share settings`,
      `./cogni settings import ${exported.environment} ${where} --identity <key file>, or ${another}`,
    );
  }
  return exported;
}

function asDocument(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === 'object' && document !== null ? { ...document } : undefined;
  } catch {
    return undefined;
  }
}

/** What becomes of one part of an export. */
export interface ImportRow {
  readonly name: string;
  readonly part: 'setting' | 'file';
  readonly is: 'new' | 'equal' | 'different' | 'unknown';
  readonly will: 'be written' | 'stay' | 'be kept as it is here' | 'be left out';
}

/** Parts by name. */
type Parts = Readonly<Record<string, string | undefined>>;

/**
 * What an import does, part by part, in the export's order. Values stay where they are.
 *
 * @param here what there is already
 * @param rule which names this checkout knows, and which of them a person may have replaced
 */
export const importRows = (
  part: ImportRow['part'],
  exported: Parts,
  here: Parts,
  rule: { readonly known: (name: string) => boolean; readonly replaced: (name: string) => boolean },
): readonly ImportRow[] =>
  Object.keys(exported).map((name): ImportRow => {
    if (!rule.known(name)) return { name, part, is: 'unknown', will: 'be left out' };
    if (here[name] === undefined) return { name, part, is: 'new', will: 'be written' };
    if (here[name] === exported[name]) return { name, part, is: 'equal', will: 'stay' };
    return {
      name,
      part,
      is: 'different',
      will: rule.replaced(name) ? 'be written' : 'be kept as it is here',
    };
  });
