import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { tryReadFile } from '../../../foundation/files';

const corpus = join(__dirname, 'corpus');

/** One project of existing compose files: a folder of the corpus. */
export interface CorpusCase {
  readonly name: string;
  /** In the order of `docker compose -f`. */
  readonly files: readonly string[];
  readonly profiles: readonly string[];
}

/** Every folder of the corpus; `case.json` says what is not as usual. */
export const corpusCases: readonly CorpusCase[] = readdirSync(corpus)
  .sort()
  .map((name) => {
    const description = join(corpus, name, 'case.json');
    const said = existsSync(description)
      ? (JSON.parse(readFileSync(description, 'utf8')) as Partial<CorpusCase>)
      : {};
    return { name, files: said.files ?? ['compose.yaml'], profiles: said.profiles ?? ['*'] };
  });

/** A copy of a case that a test may write into. */
export function copyOf({ name }: CorpusCase): string {
  // Its name becomes the project's where the files give none.
  const folder = join(mkdtempSync(join(tmpdir(), 'cogni-corpus-')), name);
  cpSync(join(corpus, name), folder, { recursive: true });
  return folder;
}

/** Files below a folder, as the reader asks for them. */
export const filesOf =
  (folder: string): ((path: string) => string | undefined) =>
  (path) =>
    tryReadFile(isAbsolute(path) ? path : join(folder, path));

/** Files of the corpus itself. */
export const corpusFiles = ({ name }: CorpusCase): ((path: string) => string | undefined) =>
  filesOf(join(corpus, name));
