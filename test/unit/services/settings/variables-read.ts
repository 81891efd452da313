import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const checkout = resolve(__dirname, '..', '..', '..', '..');

/** Every folder with code of ours that may run somewhere. */
export const codeFolders = readdirSync(checkout, { withFileTypes: true })
  .filter(
    (entry) => entry.isDirectory() && !/^(?:\.|node_modules|dist|cdktf\.out|coverage|test$)/.test(entry.name),
  )
  .map(({ name }) => name);

/** Whatever way a variable is read: `process.env.A`, `variables['a']`, `const { A } = process.env`. */
export function namesInCode(text: string): readonly string[] {
  const code = text.replace(/^\s*(?:\*|\/\/|\/\*).*$/gm, '');
  const single =
    /\bprocess\.env\??\.([A-Za-z_]\w*)|\b(?:process\.env|variables|environment|env)\[['"`]([A-Za-z_]\w*)['"`]\]/g;
  const several = /\{([^{}]*)\}\s*=\s*process\.env\b/g;
  return [
    ...[...code.matchAll(single)].map(([, dotted, quoted]) => dotted ?? quoted ?? ''),
    ...[...code.matchAll(several)].flatMap(([, names = '']) =>
      names.split(',').flatMap((name) => /[A-Za-z_]\w*/.exec(name)?.[0] ?? []),
    ),
  ];
}

/** Those that are read from the process and nowhere else. */
export const namesOfProcess = (text: string): readonly string[] =>
  [...text.matchAll(/\bprocess\.env(?:\??\.([A-Za-z_]\w*)|\[['"]([A-Za-z_]\w*)['"]\])/g)].map(
    ([, dotted, quoted]) => dotted ?? quoted ?? '',
  );

/** The files of a folder that are code: their paths, and what is in them. */
export const codeIn = (folder: string): readonly { readonly path: string; readonly text: string }[] =>
  readdirSync(join(checkout, folder), { recursive: true, encoding: 'utf8' })
    .filter((each) => /\.[cm]?[jt]s$/.test(each) && !each.includes('node_modules'))
    .map((file) => ({
      path: join(folder, file),
      text: readFileSync(join(checkout, folder, file), 'utf8'),
    }));

/**
 * Name to a file that reads it, over the code of a folder.
 *
 * @param find in the text of a file. @default - {@link namesInCode}
 */
export const namesReadIn = (folder: string, find = namesInCode): ReadonlyMap<string, string> =>
  new Map(codeIn(folder).flatMap(({ path, text }) => find(text).map((name) => [name, path] as const)));

/**
 * Variables that a script of a shell takes from its environment: those in capitals that it uses and does not set itself, those that
 * it sets with what was there before (`A=${A:-b}`), and those that it holds against the catalogue (`setting NAME VARIABLE`).
 */
export function namesInScript(text: string): readonly string[] {
  const code = text.replace(/^\s*#.*$/gm, '');
  const found = (pattern: RegExp): readonly string[] =>
    [...code.matchAll(pattern)].map(([, name = '']) => name);
  const own = [...found(/(?:^|[\s;(])([A-Z][A-Z0-9_]+)=/gm), ...found(/\bcoproc ([A-Z]+)/g)];
  const used = found(/\$\{?([A-Z][A-Z0-9_]+)\b/g).filter((name) => !own.includes(name));
  const before = found(/([A-Z][A-Z0-9_]+)="?\$\{\1:?-/g);
  return [...new Set([...used, ...before, ...found(/^\s*setting \w+ (\w+)/gm)])];
}

/** Variables that a file of psql takes from its environment. */
export const namesInSql = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(/\\getenv \w+ (\w+)/g)].map(([, name = '']) => name)),
];

/**
 * Everything that something of ours reads and that is no setting of the system, with the reason. There is no other place
 * where a name may stand that the catalogue does not have.
 */
export const noSettings: Readonly<Record<string, string>> = {
  PATH: 'every program gets it from its system',
  TMPDIR: 'where programs have their temporary files, as every system knows it',
  https_proxy: 'the other spelling of HTTPS_PROXY, which curl and Go read as well',
  no_proxy: 'the other spelling of NO_PROXY',

  // In a container.
  SECONDS: 'bash counts it',
  DB_PROVISION_KEEP: 'the login that serves, which a deploy hands to one run of db-provision',
  PROVISION_WAIT: 'how long db-provision waits for the server, where somebody runs it by hand or in a test',
  LOGIN_ROLE: 'db-provision hands it to its own psql',
  PGHOST: "libpq's own: where db-provision finds the socket, unless a test has it elsewhere",
  PORT: 'where the runner of SourceCred listens: what the edge is told as well',
  RECOMPUTE_HOURS: 'the runner has it from nobody but its tests',
  CONFIGURATION: "a place in SourceCred's container, for its tests",
  INSTANCE: "a place in SourceCred's container, for its tests",
  SOURCECRED_PROGRAM: "a place in SourceCred's container, for its tests",

  // In a job of a workflow.
  BASE: 'the commit that a change is held against',
  BEFORE: 'the commit that a push stands on',
  BRANCH: "the run's branch, for gh",
  COMMIT: 'the commit that was asked for',
  GH_REPO: "the run's repository, under the name that gh reads",
  GH_TOKEN: "the run's own token, under the name that gh reads; of that one job, and kept nowhere",
  PULL_REQUEST: 'the number of the pull request',
  RESULTS: 'how the other jobs ended',
  REVIEWED: 'what a person typed where an apply was started',
  TAG: 'the tag that a person typed there, for the image of the database',
  TARGET: 'what a person chose there',
  WIPE: 'what a person typed there',
  WITHOUT_BACKUP: 'what a person typed there',
};
