import { codeFolders, codeIn } from './variables-read';
import { parametersIn, unseenReads, type Parameters } from './process-bound';

const files = codeFolders.flatMap((folder) => codeIn(folder)).filter(({ path }) => path.endsWith('.ts'));

/** Functions that somebody hands the variables of the process to. */
const parametersOf: Parameters = (() => {
  const callees = new Set(
    files.flatMap(({ text }) =>
      [...text.matchAll(/(\w+)\([^()]*process\.env\b/g)].map(([, name = '']) => name),
    ),
  );
  const found = new Map<string, (readonly string[])[]>();
  for (const { text } of files) {
    if (![...callees].some((name) => text.includes(`function ${name}(`) || text.includes(`${name} = (`)))
      continue;
    for (const [name, parameters] of parametersIn(text))
      found.set(name, [...(found.get(name) ?? []), ...parameters]);
  }
  return found;
})();

/** File and line. */
const unseenInCode = files
  .filter(({ text }) => /\bprocess(?:\.env\b|\[|;|')/.test(text))
  .flatMap(({ path, text }) => unseenReads(text, parametersOf).map((line) => `${path}: ${line}`));

/** In a piece of code, where these two can be called. */
const unseen = (text: string): readonly string[] =>
  unseenReads(
    text,
    parametersIn("function seen(one: string, env = {}) {} const other = (given) => given['X'];"),
  );

describe('the variables of the process', () => {
  it.each([
    "const everything = process.env; everything['X'];",
    'const everything = { ...process.env };',
    'const given: SettingsSource = options.given ?? process.env;',
    'const { A, ...rest } = process.env;',
    'let all; all = process.env;',
    'const all = () => process.env;',
    'function all() { return process.env; }',
    'const world = { all: process.env };',
    'function work(all = process.env) {}',
    'process.env[name];',
    'const all = Object.assign(process.env, more);',
    'other(process.env);',
    'nobodyKnows(process.env);',
    "seen('one', 'two', process.env);",
    "process['env'];",
    'const { env: all } = process;',
    "import { env as all } from 'node:process';",
  ])('are not read unseen: %s', (text) => expect(unseen(text).length).toBeGreaterThan(0));

  it.each([
    "process.env['A']; process.env.A;",
    'const { A } = process.env; const { B, ...env } = process.env;',
    "const variables = process.env; variables['A'];",
    'const env = options.env ?? process.env;',
    'run({ env: { ...process.env, ...more } });',
    'function work(variables: Variables = process.env) {}',
    'Object.keys({ ...process.env }); Object.keys(process.env);',
    'Object.assign(process.env, more);',
    "seen('one', process.env); seen('one', { ...process.env, ...env });",
  ])('are seen by the names that they go by: %s', (text) => expect(unseen(text)).toEqual([]));

  it('are bound by code of ours to no other name', () => {
    expect(files.length).toBeGreaterThan(500);
    expect(unseenInCode).toEqual([]);
  });
});
