import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import {
  longestFile,
  renderCanonically,
  reportOnFiles,
  type Place,
  type ReadFault,
  type ReadReport,
} from '../compose/read';
import { ExitCode, Failure } from '../foundation/failure';
import { tryReadNamed, writeAtomically } from '../foundation/files';

export interface CheckedFiles {
  /** What `--json` prints. */
  readonly document: ReadReport & { readonly written?: string };
  readonly text: string;
  readonly exitCode: ExitCode;
}

/**
 * Reads compose files, and says what they break and what the library could not write.
 *
 * @param out where to write them as one file; its paths count from the first file's folder, so it belongs there
 * @throws Failure (usage) when a file is not there, or `out` is in another folder
 */
export function checkComposeFiles(files: readonly string[], out: string | undefined): CheckedFiles {
  const folder = resolve(dirname(files[0] ?? '.'));
  const missing = files.filter((file) => tryReadNamed(resolve(file), longestFile) === undefined);
  if (missing.length > 0) {
    throw new Failure({
      what: `no file to read: ${missing.join(', ')}`,
      next: './cogni compose check <file...>',
      exitCode: ExitCode.usage,
    });
  }
  const target = out === undefined ? undefined : basename(out) === out ? join(folder, out) : resolve(out);
  if (target !== undefined && dirname(target) !== folder) {
    throw new Failure({
      what: `--out ${out ?? ''} is not in the folder of ${files[0] ?? ''}: the paths in it would mean something else`,
      next: `name a file in ${folder}`,
      exitCode: ExitCode.usage,
    });
  }
  const { project, report } = reportOnFiles(
    files.map((file) => relative(folder, resolve(file))),
    (path) => tryReadNamed(isAbsolute(path) ? path : join(folder, path), longestFile),
  );
  const rendered = target === undefined || report.faults.length > 0 ? undefined : renderCanonically(project);
  const faults = [
    ...report.faults,
    ...(rendered !== undefined && 'faults' in rendered ? rendered.faults : []),
  ];
  if (target !== undefined && rendered !== undefined && 'text' in rendered)
    writeAtomically(target, rendered.text);
  const written = rendered !== undefined && 'text' in rendered ? target : undefined;
  return {
    document: { ...report, faults, ...(written === undefined ? {} : { written }) },
    text: textOf({ ...report, faults }, written),
    exitCode: faults.length + report.breaches.length > 0 ? ExitCode.failed : ExitCode.done,
  };
}

const at = ({ file, line, path }: Place): string =>
  `${file}${line === undefined ? '' : `:${line}`}${path === '' ? '' : ` ${path}`}`;

function textOf(report: ReadReport, written: string | undefined): string {
  const section = (title: string, lines: readonly string[]): readonly string[] =>
    lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`), ''];
  const told = ({ code, message, ...place }: ReadFault | ReadReport['breaches'][number]): string =>
    `${code}  ${at(place)}  ${message}`;
  const lines = [
    ...section('faults', report.faults.map(told)),
    ...section('rules that are broken', report.breaches.map(told)),
    ...section(
      'what constructs could not write as it is',
      report.inexpressible.map((place) => `${at(place)}  ${place.why}`),
    ),
  ];
  const asked =
    report.faults.length > 0
      ? 'no rule was asked'
      : `${report.notApplied.length} rules cannot be asked of files`;
  return [
    ...lines,
    [
      counted(report.faults.length, 'fault', 'faults'),
      `${counted(report.breaches.length, 'breach', 'breaches')} of rules (${asked}; --json lists them)`,
      counted(
        report.inexpressible.length,
        'place that needs raw or other words',
        'places that need raw or other words',
      ),
    ].join(', '),
    ...(written === undefined ? [] : [`wrote ${written}`]),
  ].join('\n');
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;
