import fc from 'fast-check';
import { CORE_SCHEMA, load } from 'js-yaml';
import { Bytes, CompositionError, Network, OneShot, Project, synthesize } from '../../compose';
import { renderCanonically } from '../../compose/read/canonical';
import { readProject, type ReadFile } from '../../compose/read/read-project';
import { reportOnFiles } from '../../compose/read/read-report';
import { Failure } from '../../foundation/failure';
import { parseDotEnv, renderDotEnv } from '../../services';
import { newProject, plain } from '../unit/compose/example';
import { anyString } from '../unit/compose/hostile';
import { brokenFile, planted, structuredFile } from './compose-files';

/** What a piece of work ends with: a result, or a fault of the kind that it declares. Anything else is thrown on. */
function outcome<Result>(work: () => Result, isTyped: (thrown: unknown) => thrown is Error): Result | Error {
  try {
    return work();
  } catch (thrown) {
    if (isTyped(thrown)) return thrown;
    throw thrown;
  }
}
const isComposition = (thrown: unknown): thrown is CompositionError => thrown instanceof CompositionError;
const isFailure = (thrown: unknown): thrown is Failure => thrown instanceof Failure;

/** What a YAML text says to a reader of version 1.2's core. */
const read12 = (text: string): unknown => load(text, { schema: CORE_SCHEMA });

/** `$` as Compose reads it. */
const unescaped = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_, each: unknown) =>
    typeof each === 'string' ? each.replaceAll('$$', '$') : each,
  );

/** Text with a secret in it somewhere. */
const withSecret = fc.tuple(anyString, anyString).map((around) => around.join(planted));

/** The tree of constructs has no empty names, and refuses in words of its own those that every object has. */
const name = fc
  .oneof(anyString, fc.constantFrom('app', 'a-b', 'A_1'))
  .filter((text) => text !== '' && !(text in {}));

const only =
  (text: string): ReadFile =>
  (path) =>
    path === 'compose.yaml' ? text : undefined;

/** Names, as text for a project's parts: refused with every fault, or written and read back as they are. */
export const names = fc.property(name, name, name, (project, part, variable) => {
  const result = outcome(() => {
    const made = new Project(undefined, project, {
      generatedBy: 'a test',
      logging: newProject('logs').logging,
    });
    const network = new Network(made, part);
    new OneShot(made, part, {
      ...plain,
      memory: Bytes.mebibytes(64),
      networks: [network],
      environment: { [variable]: 'x' },
    });
    return synthesize(made)[0]!.content;
  }, isComposition);
  if (result instanceof Error) return;
  expect(read12(result)).toMatchObject({
    name: project,
    services: { [part]: { environment: { [variable]: 'x' } } },
    networks: { [part]: {} },
  });
});

/** Values: the container gets what was written, or the project is refused without showing them. */
export const values = fc.property(
  withSecret,
  anyString,
  fc.array(anyString, { maxLength: 3 }),
  (secret, label, words) => {
    const result = outcome(() => {
      const made = newProject('shop');
      new OneShot(made, 'job', {
        ...plain,
        memory: Bytes.mebibytes(64),
        environment: { SECRET: secret },
        labels: { label },
        command: ['run', ...words],
      });
      return synthesize(made)[0]!.content;
    }, isComposition);
    if (result instanceof Error) {
      expect(result.message).not.toContain(planted);
      return;
    }
    const { services } = unescaped(read12(result)) as { services: Readonly<Record<string, unknown>> };
    expect(services['job']).toMatchObject({
      environment: { SECRET: secret },
      labels: { label },
      command: ['run', ...words],
    });
  },
);

/** Environment files, written: they read back as what was written, or are refused without showing it. */
export const writtenEnvironment = fc.property(name, withSecret, (variable, value) => {
  const result = outcome(() => renderDotEnv([[variable, value]]).reveal(), isFailure);
  if (result instanceof Error) expect(result.message.replaceAll(variable, '')).not.toContain(planted);
  else expect(parseDotEnv(result, 'test')).toEqual({ [variable]: value });
});

const line = fc
  .tuple(fc.constantFrom('A=', 'B =', 'export C=', '', '#', "D='", 'E="', 'F=$'), withSecret)
  .map((both) => both.join(''));

/** Environment files, read: values that read back the same once written, or a refusal that shows none. */
export const readEnvironment = fc.property(fc.array(line, { maxLength: 4 }), (lines) => {
  const result = outcome(() => parseDotEnv(lines.join('\n'), 'test'), isFailure);
  if (result instanceof Error) {
    expect(result.message).not.toContain(planted);
    return;
  }
  const kept = Object.entries(result).filter(([, value]) => value !== '');
  expect(parseDotEnv(renderDotEnv(kept).reveal(), 'test')).toEqual(Object.fromEntries(kept));
});

/** What a compose file is written as, where it has no faults. */
export function canonicalOf(text: string): string | undefined {
  const { project, report } = reportOnFiles(['compose.yaml'], only(text));
  if (report.faults.length > 0) return undefined;
  const rendered = renderCanonically(project);
  return 'text' in rendered ? rendered.text : undefined;
}

/** Compose files of the schema's shape: told their faults without values, or written so that they read back as the same. */
export const structuredFiles = fc.property(structuredFile, (text) => {
  const { report } = reportOnFiles(['compose.yaml'], only(text));
  for (const { code, message } of report.faults) {
    // Those name what is looked for: a file, a service.
    if (code !== 'COMPOSE-901' && code !== 'COMPOSE-905') expect(message).not.toContain(planted);
  }
  for (const { why } of report.inexpressible) expect(why).not.toContain(planted);
  const written = canonicalOf(text);
  if (written === undefined) return;
  const again = readProject(['compose.yaml'], only(written));
  expect(again.faults).toEqual([]);
  expect(renderCanonically(again)).toEqual({ text: written });
  expect(again.document).toEqual(read12(written));
});

/** Any text at all: a report, never a crash. */
export const brokenFiles = fc.property(brokenFile, (text) => {
  const { report } = reportOnFiles(['compose.yaml'], only(text));
  for (const { code, message } of report.faults) {
    if (code === 'COMPOSE-902' || code === 'COMPOSE-903') expect(message).not.toContain(planted);
  }
  const written = canonicalOf(text);
  if (written !== undefined) expect(readProject(['compose.yaml'], only(written)).faults).toEqual([]);
});

/** Every property, with what it says. */
export const properties = {
  'names are refused with their faults, or read back as they are': names,
  'values reach the container as they are, or are refused unseen': values,
  'environment files read back as what was written, or are refused unseen': writtenEnvironment,
  'environment files that people wrote are read, or refused unseen': readEnvironment,
  'compose files of the right shape read back as the same, or are told their faults unseen': structuredFiles,
  'compose files with anything cut out and put in are told their faults, never a crash': brokenFiles,
} as const;
