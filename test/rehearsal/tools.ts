import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { capture } from '../../foundation/process';
import type { ActionCall, ActionDouble } from './actions';

/** What `scripts/ensure-built.sh` compiles, by its own list. */
const sourcesIn = (checkout: string): readonly string[] => {
  const found = /^sources='([^']+)'$/m.exec(
    readFileSync(join(checkout, 'scripts', 'ensure-built.sh'), 'utf8'),
  );
  if (!found?.[1]) throw new Error('scripts/ensure-built.sh names no sources');
  return [...found[1].split(' '), 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
};

/**
 * Node.js of this machine, with the packages of this checkout: what `npm ci` would install from the same lock. What was
 * compiled from the same sources is not compiled again.
 *
 * @param checkout has the packages
 * @param folder where what was compiled is kept
 */
export class NodeDouble implements ActionDouble {
  readonly plays =
    'the Node.js of this machine; packages of this checkout in the place of npm ci, for the same package-lock.json; sources are compiled once';
  readonly inputs = ['node-version', 'package-manager-cache'];
  private readonly compiled = new Map<string, Promise<string>>();
  private newest: string;

  constructor(
    private readonly checkout: string,
    private readonly folder: string,
  ) {
    // What this checkout has compiled spares the first one most of its work.
    this.newest = join(checkout, 'dist');
  }

  run = async ({ with: given, workspace }: ActionCall): Promise<void> => {
    if (!/^\d+$/.test(given['node-version'] ?? '') || given['package-manager-cache'] !== 'false')
      throw new Error('Node.js is only played by its major version, and without a cache of packages');
    const lock = join(workspace, 'package-lock.json');
    if (!readFileSync(lock).equals(readFileSync(join(this.checkout, 'package-lock.json'))))
      throw new Error('the packages of another package-lock.json are not here');
    symlinkSync(join(this.checkout, 'node_modules'), join(workspace, 'node_modules'));
    // The rule of .gitignore is about a folder, and this is a link.
    writeFileSync(join(workspace, '.git', 'info', 'exclude'), '/node_modules\n');
    utimesSync(lock, 0, 0);
    const dist = join(workspace, 'dist');
    const key = await this.keyOf(workspace);
    const before = this.compiled.get(key);
    if (before === undefined) {
      const compiling = this.compile(workspace, key);
      this.compiled.set(key, compiling);
      await compiling;
      return;
    }
    cpSync(await before, dist, { recursive: true });
    const now = new Date();
    utimesSync(join(dist, '.built'), now, now);
  };

  /** The same sources have the same, whatever commit they stand in. */
  private async keyOf(workspace: string): Promise<string> {
    const listed = await capture({
      argv: ['git', '-C', workspace, 'ls-tree', 'HEAD', '--', ...sourcesIn(workspace)],
      deadline: 10_000,
    });
    return capture({
      argv: ['git', '-C', workspace, 'hash-object', '--stdin'],
      stdin: listed,
      deadline: 10_000,
    }).then((text) => text.trim());
  }

  private async compile(workspace: string, key: string): Promise<string> {
    const dist = join(workspace, 'dist');
    if (existsSync(this.newest)) {
      cpSync(this.newest, dist, { recursive: true });
      rmSync(join(dist, '.built'), { force: true });
    }
    await capture({
      argv: [join(workspace, 'scripts', 'ensure-built.sh')],
      cwd: workspace,
      deadline: 10 * 60_000,
    });
    mkdirSync(this.folder, { recursive: true });
    const kept = join(this.folder, key);
    cpSync(dist, `${kept}.unfinished`, { recursive: true });
    renameSync(`${kept}.unfinished`, kept);
    this.newest = kept;
    return kept;
  }
}

/** The machine's variables name the program already. */
export const terraformDouble: ActionDouble = {
  plays: 'the Terraform or OpenTofu of this machine, whatever version is asked for',
  inputs: ['terraform_version', 'terraform_wrapper'],
  run: ({ with: given }) =>
    given['terraform_wrapper'] === 'false'
      ? Promise.resolve()
      : Promise.reject(new Error('the wrapper of setup-terraform is not played here')),
};

/** A workflow that a job has started. */
export interface Dispatched {
  readonly file: string;
  readonly branch: string;
  readonly inputs: Readonly<Record<string, string>>;
}

/**
 * `gh workflow run <file> --ref <branch> --field <name>=<value>` (GitHub CLI manual), and nothing else of it: writes down
 * what was started.
 */
export class GhDouble {
  constructor(
    private readonly folder: string,
    /** Token of a job that may start workflows. */
    token: string,
    repository: string,
  ) {
    const program = `#!/usr/bin/env node
const { appendFileSync } = require('node:fs');
const [group, verb, file, ...words] = process.argv.slice(2);
const end = (message) => { console.error(message); process.exit(1); };
if (group !== 'workflow' || verb !== 'run' || !file) end('gh is played for "workflow run <file>" alone');
if (process.env.GH_TOKEN !== ${JSON.stringify(token)}) end('HTTP 403: Resource not accessible by integration');
if (process.env.GH_REPO !== ${JSON.stringify(repository)}) end('HTTP 404: Not Found');
const inputs = {};
let branch;
for (let at = 0; at < words.length; at += 2) {
  const [option, value] = [words[at], words[at + 1]];
  if (option === '--ref' && value) branch = value;
  else if (option === '--field' && /^[^=]+=/.test(value ?? '')) inputs[value.slice(0, value.indexOf('='))] = value.slice(value.indexOf('=') + 1);
  else end('unknown flag: ' + option);
}
if (!branch) end('no branch is named');
appendFileSync(${JSON.stringify(this.file)}, JSON.stringify({ file, branch, inputs }) + '\\n');
`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'gh'), program, { mode: 0o755 });
  }

  /** What was started since this was asked last. */
  taken(): readonly Dispatched[] {
    if (!existsSync(this.file)) return [];
    const lines = readFileSync(this.file, 'utf8').trim().split('\n');
    rmSync(this.file);
    return lines.map((line) => JSON.parse(line) as Dispatched);
  }

  private get file(): string {
    return join(this.folder, 'dispatched.jsonl');
  }
}

/**
 * The machine's docker, whose engine reaches a registry of the sandbox by a port on loopback alone: login and push go there under
 * the registry's own name. All else is the program itself.
 */
export function writeDockerProgram(
  folder: string,
  { docker, registry, port }: { readonly docker: string; readonly registry: string; readonly port: number },
): void {
  mkdirSync(folder, { recursive: true });
  const text = `#!/bin/bash
set -eu
last="\${!#}"
case "\${1:-}" in
  login)
    [ "$last" = ${registry} ] || { echo "docker login is played for ${registry} alone" >&2; exit 1; }
    exec ${docker} "\${@:1:$#-1}" 127.0.0.1:${port}
    ;;
  push)
    case "$last" in ${registry}/*) ;; *) echo "docker push is played for ${registry} alone" >&2; exit 1 ;; esac
    there="127.0.0.1:${port}/\${last#${registry}/}"
    ${docker} tag "$last" "$there"
    trap '${docker} rmi --no-prune "$there" > /dev/null' EXIT
    ${docker} "\${@:1:$#-1}" "$there"
    ;;
  *) exec ${docker} "$@" ;;
esac
`;
  writeFileSync(join(folder, 'docker'), text, { mode: 0o755 });
}
