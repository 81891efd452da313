import { resolve } from 'node:path';
import fc from 'fast-check';
import { CORE_SCHEMA, load } from 'js-yaml';
import {
  Bytes,
  check,
  CompositionError,
  Config,
  DefaultedReference,
  ForeignFile,
  Model,
  Network,
  OneShot,
  Project,
  raw,
  synthesize,
  text as textOf,
  Volume,
  mountVolume,
} from '../../compose';
import { renderCanonically } from '../../compose/read/canonical';
import { goText } from '../../compose/read/merge';
import { readProject, type ReadFile } from '../../compose/read/read-project';
import { reportOnFiles, type ReadReport } from '../../compose/read/read-report';
import { Failure } from '../../foundation/failure';
import { tryReadNamed } from '../../foundation/files';
import {
  declarationOf,
  examine,
  faultText,
  fileFaults,
  isPlaceholder,
  isSettingName,
  parseDotEnv,
  renderDotEnv,
  settingNames,
  shownName,
  type Purpose,
} from '../../services';
import { isOfShellAlone } from '../../services/settings/catalogue';
import { newProject, plain } from '../unit/compose/example';
import { anyString } from '../unit/compose/hostile';
import { brokenFile, planted, structuredFile } from './compose-files';
import { mergeableFile } from './mergeable-files';
import { naming, secretPlaces } from './secret-places';
import { soundFile } from './sound-files';

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

/** Names of every kind, those that the tree of constructs would not tell apart or has itself among them. */
const name = fc.oneof(
  anyString,
  fc.constantFrom(
    'app',
    'a-b',
    'A_1',
    '',
    '/',
    'a/b',
    'a\nb',
    'a--b',
    'a%2Fb',
    '%empty',
    'constructor',
    '__proto__',
  ),
);

const only =
  (text: string): ReadFile =>
  (path) =>
    path === 'compose.yaml' ? text : undefined;

/** Mostly names that a rule takes: of four, all are in half of the cases. */
const mostly = (sound: RegExp): fc.Arbitrary<string> =>
  fc.oneof({ weight: 6, arbitrary: fc.stringMatching(sound) }, { weight: 1, arbitrary: name });

/** Names, as text for a project's parts, with the file that they are written into or what is wrong with them. */
export const named = fc
  .record({
    project: mostly(/^[a-z0-9][a-z0-9_-]{0,9}$/),
    part: mostly(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,9}$/),
    other: mostly(/^[a-zA-Z0-9][a-zA-Z0-9._-]{0,9}$/),
    variable: mostly(/^[A-Za-z_][A-Za-z0-9_]{0,9}$/),
  })
  .map((all) => {
    const { project, part, other, variable } = all;
    const result = outcome(() => {
      const made = new Project(undefined, project, {
        generatedBy: 'a test',
        logging: newProject('logs').logging,
      });
      const networks = [...new Set([part, other])].map((each) => new Network(made, each));
      new OneShot(made, part, {
        ...plain,
        memory: Bytes.mebibytes(64),
        networks,
        environment: { [variable]: 'x' },
      });
      return synthesize(made)[0]!.content;
    }, isComposition);
    return { ...all, result };
  });

/** Refused with every fault, or written and read back as they are. */
export const names = fc.property(named, ({ project, part, other, variable, result }) => {
  if (result instanceof Error) return;
  expect(read12(result)).toMatchObject({
    name: project,
    services: { [part]: { environment: { [variable]: 'x' } } },
    networks: { [part]: {}, [other]: {} },
  });
});

/** Values: the container gets what was written, or the project is refused without showing them. */
export const values = fc.property(
  withSecret,
  withSecret,
  fc.array(withSecret, { maxLength: 3 }),
  (secret, label, words) => {
    const result = outcome(() => {
      const made = newProject('shop');
      new OneShot(made, 'job', {
        ...plain,
        configs: [new Config(made, 'config', { content: secret, labels: { label } })],
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
    const { services, configs } = unescaped(read12(result)) as Readonly<
      Record<'services' | 'configs', Readonly<Record<string, unknown>>>
    >;
    expect(configs['config']).toMatchObject({ content: secret, labels: { label } });
    expect(services['job']).toMatchObject({
      environment: { SECRET: secret },
      labels: { label },
      command: ['run', ...words],
    });
  },
);

/** Where a reference may stand outside of a service's own entries; each leaves it in the file once. */
const placesOfReferences: readonly ((made: Project, reference: DefaultedReference) => void)[] = [
  (made, reference) => new Network(made, 'part', { labels: { reference } }),
  (made, reference) => new Volume(made, 'part', { name: 'shop_part', driverOptions: { reference } }),
  (made, reference) => new Config(made, 'part', { content: textOf`a ${reference} b` }),
  (made, reference) => new Model(made, 'part', { model: plain.image, name: reference }),
  (made, reference) => Object.assign(made, { raw: raw({ 'x-part': { reference } }, 'a test') }),
];

/** References anywhere in a project: written so that Compose reads the one that was meant, or refused. */
export const references = fc.property(
  fc.constantFrom(...placesOfReferences),
  fc.oneof(fc.constantFrom('A', '_b1'), anyString),
  fc.oneof(
    fc.constantFrom('', 'plain', '${B:-x}', 'a}b', '$C'),
    anyString,
    fc.stringMatching(/^[a-z ${}:-]{0,8}$/),
  ),
  (place, variable, fallback) => {
    const result = outcome(() => {
      const made: Project = newProject('shop');
      place(made, new DefaultedReference(variable, fallback));
      const [networks, volumes, configs, models] = [made.networks, made.volumes, made.configs, made.models];
      const mounts = volumes.map((volume) => mountVolume(volume, '/data'));
      new OneShot(made, 'job', { ...plain, memory: Bytes.mebibytes(64), networks, mounts, configs, models });
      return synthesize(made)[0]!.content;
    }, isComposition);
    if (result instanceof Error) return;
    const written = JSON.stringify(read12(result));
    const expected = JSON.stringify(`\${${variable}:-${fallback}}`).slice(1, -1);
    expect(written).toContain(expected);
    expect(written.replace(expected, '')).not.toContain('$');
    expect(expected).toMatch(/^\$\{[A-Za-z_][A-Za-z0-9_]*:-[^{}$]*\}$/);
  },
);

/** Environment files, written: they read back as what was written, or are refused without showing it. */
export const writtenEnvironment = fc.property(name, withSecret, (variable, value) => {
  const result = outcome(() => renderDotEnv([[variable, value]]).reveal(), isFailure);
  if (result instanceof Error) expect(result.message.replaceAll(variable, '')).not.toContain(planted);
  else expect(parseDotEnv(result, 'test')).toEqual({ [variable]: value });
});

/** A secret that reads as a name, as a line out of the middle of one may. */
const plantedName = planted.replace('-', '_');
const nameWithSecret = fc.stringMatching(/^\w{0,20}$/).map((before) => `n${before}${plantedName}`);

const line = fc.oneof(
  fc
    .tuple(fc.constantFrom('A=', 'B =', 'export C=', '', '#', "D='", 'E="', 'F=$'), withSecret)
    .map((both) => both.join('')),
  fc.tuple(nameWithSecret, fc.constantFrom('=', '==', '="', "='")).map((both) => both.join('')),
);

/** Environment files, read: values that read back the same once written, or a refusal that shows none. */
export const readEnvironment = fc.property(fc.array(line, { maxLength: 4 }), (lines) => {
  const result = outcome(() => parseDotEnv(lines.join('\n'), 'test'), isFailure);
  if (result instanceof Error) {
    expect(result.message).not.toContain(planted);
    expect(result.message).not.toContain(plantedName);
    return;
  }
  const kept = Object.entries(result).filter(([, value]) => value !== '');
  expect(parseDotEnv(renderDotEnv(kept).reveal(), 'test')).toEqual(Object.fromEntries(kept));
});

/** Whether a value may stand in a file under this name. */
function isSound(setting: string, value: string): boolean {
  if (!isSettingName(setting) || isOfShellAlone(setting)) return false;
  if (value === '' || isPlaceholder(value, declarationOf(setting).kind)) return false;
  const { scope, format } = declarationOf(setting);
  return !['derived', 'release', 'environment-record'].includes(scope) && format.safeParse(value).success;
}

/** What is wrong with settings that are each sound by themselves. */
const betweenSettings: ReadonlySet<string> = new Set(['same role', 'same database', 'two values']);

/** Settings, held against the schemas of the catalogue: each one that is not sound is told, and none of them by its value. */
export const checkedSettings = fc.property(
  fc.constantFrom<Purpose>('provision', 'edge', 'deploy', 'sourcecred', 'command'),
  fc.dictionary(
    fc.oneof(
      { arbitrary: fc.constantFrom<string>(...settingNames), weight: 4 },
      { arbitrary: name, weight: 1 },
      { arbitrary: nameWithSecret, weight: 1 },
    ),
    fc.oneof(withSecret, anyString, fc.constantFrom('', 'changeme', 'cogni')),
    { maxKeys: 6 },
  ),
  (purpose, source) => {
    const ofFile = fileFaults(source);
    const faults = [...ofFile, ...examine(source, purpose).faults];
    const said = faults.map(faultText).join('\n');
    expect(said).not.toContain(planted);
    expect(said).not.toContain(plantedName);
    const ofEach = ofFile.filter(({ kind }) => !betweenSettings.has(kind));
    const told = new Set(ofEach.map(({ setting }) => setting));
    for (const [setting, value] of Object.entries(source)) {
      const isTold = told.has(shownName(setting, undefined));
      // Several names that are not shown are told alike; one of a setting is always shown.
      expect({ setting, isTold }).toEqual({ setting, isTold: !isSound(setting, value) });
    }
  },
);

/** What a compose file is written as, where it has no faults. */
export function canonicalOf(text: string): string | undefined {
  const { project, report } = reportOnFiles(['compose.yaml'], only(text));
  if (report.faults.length > 0) return undefined;
  const rendered = renderCanonically(project);
  return 'text' in rendered ? rendered.text : undefined;
}

function showsNoSecret({ faults, breaches, inexpressible }: ReadReport): void {
  const told = [...faults, ...breaches].flatMap(({ code, message }) =>
    naming.has(code) ? [] : [`${code} ${message}`],
  );
  for (const message of [...told, ...inexpressible.map(({ why }) => why)]) {
    expect(message).not.toContain(planted);
  }
}

/** What is written of numbers with a fraction, on which readers differ. */
const fractionsAsText = (document: unknown): unknown =>
  JSON.parse(
    JSON.stringify(document, (_, each: unknown) =>
      typeof each === 'number' && !Number.isSafeInteger(each) ? goText(each) : each,
    ),
  );

/** Compose files of the schema's shape: told their faults without values, or written so that they read back as the same. */
export const structuredFiles = fc.property(fc.oneof(structuredFile, mergeableFile), (text) => {
  const { project, report } = reportOnFiles(['compose.yaml'], only(text));
  showsNoSecret(report);
  const written = canonicalOf(text);
  if (written === undefined) return;
  const again = readProject(['compose.yaml'], only(written));
  expect(again.faults).toEqual([]);
  expect(renderCanonically(again)).toEqual({ text: written });
  expect(again.document).toEqual(read12(written));
  // What was first read, and not what was written, says whether anything was lost.
  expect(read12(written)).toEqual(fractionsAsText(project.document));
});

/** Any text at all: a report, never a crash. */
export const brokenFiles = fc.property(brokenFile, (text) => {
  const { report } = reportOnFiles(['compose.yaml'], only(text));
  showsNoSecret(report);
  const written = canonicalOf(text);
  if (written !== undefined) expect(readProject(['compose.yaml'], only(written)).faults).toEqual([]);
});

/** Files that a project extends and includes: its rules see what is in them, or it is refused without showing it; no crash. */
export const otherFiles = fc.property(
  // Where anything is put in anywhere, it is in keys as well, which messages name.
  fc.oneof(
    structuredFile.map((content) => ({ content, isShaped: true, expected: undefined })),
    brokenFile.map((content) => ({ content, isShaped: false, expected: undefined })),
    // Of the service that extends it, and of the one that is included.
    soundFile.map(({ content, code }) => ({
      content,
      isShaped: true,
      expected: code === undefined ? [] : [`${code} shop/services/job`, `${code} shop`],
    })),
  ),
  ({ content, isShaped, expected }) => {
    const made: Project = newProject('shop');
    const file = new ForeignFile('more.yaml', 'a test', content);
    const from = { extends: { file: 'more.yaml', service: 'app' } };
    Object.assign(made, { raw: raw({ include: ['more.yaml'] }, 'a test', [file]) });
    new OneShot(made, 'job', { ...plain, raw: raw(from, 'a test', [file]) });
    const faults = check(made);
    for (const { code, message } of faults) {
      if (isShaped && !naming.has(code)) expect(message).not.toContain(planted);
    }
    if (expected !== undefined) {
      expect(faults.map(({ code, path }) => `${code} ${path}`)).toEqual(expected);
    }
    const result = outcome(() => synthesize(made)[0]!.content, isComposition);
    if (result instanceof Error) return;
    expect(read12(result)).toMatchObject({ include: ['more.yaml'], services: { job: from } });
  },
);

/** Names of files that are none, do not end, or cannot be. */
const place = fc.oneof(
  anyString,
  fc.constantFrom('.', '..', '/', '/dev/zero', '/proc/self/mem', '/proc/self/maps', '/etc/passwd/x', 'a\0b'),
  fc.integer({ min: 1, max: 6_000 }).map((length) => 'x'.repeat(length)),
  fc.integer({ min: 1, max: 2_000 }).map((length) => '../'.repeat(length)),
);

/** Names of other files, as they are on a disk: a report, never a crash or a wait. */
export const otherPlaces = fc.property(place, place, (extended, included) => {
  const services = { app: { extends: { file: extended, service: 'app' } } };
  const text = JSON.stringify({ include: [included], services });
  const { report } = reportOnFiles(['compose.yaml'], (path) =>
    path === 'compose.yaml' ? text : tryReadNamed(resolve('/nowhere', path), 1_000),
  );
  expect(report.faults).not.toEqual([]);
});

/** Every property, with what it says. */
export const properties = {
  'names are refused with their faults, or read back as they are': names,
  'values reach the container as they are, or are refused unseen': values,
  'secrets in any place are told what is wrong with them, unseen': secretPlaces,
  'references anywhere are read by Compose as they were meant, or refused': references,
  'environment files read back as what was written, or are refused unseen': writtenEnvironment,
  'environment files that people wrote are read, or refused unseen': readEnvironment,
  'settings of any name and value are told what is wrong with them, unseen': checkedSettings,
  'compose files of the right shape read back as the same, or are told their faults unseen': structuredFiles,
  'compose files with anything cut out and put in are told their faults, never a crash': brokenFiles,
  'files that a project extends and includes are seen by its rules, or refused unseen, never a crash':
    otherFiles,
  'files that are named and are none, or have no end, are told as faults, never a crash': otherPlaces,
} as const;
