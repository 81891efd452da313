import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run, type Output } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { goBuild } from '../../../sandbox/go-build';
import { composeCommand } from '../../../sandbox/host/image';

/** The Docker Compose that hosts have, by itself. */
export const composeProgram = (): Promise<string> => goBuild(composeCommand, silent);

/** Files in a folder of their own: what a host would have. */
export function writeFiles(
  files: readonly { readonly path: string; readonly content: string; readonly mode?: number }[],
): string {
  const folder = mkdtempSync(join(tmpdir(), 'cogni-compose-'));
  for (const { path, content, mode = 0o644 } of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content, { mode });
  }
  return folder;
}

/** Runs Compose in a project's folder, with nothing of this process's own settings. */
export async function compose(folder: string, ...argv: readonly string[]): Promise<Output> {
  const environment = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  return run({
    argv: [await composeProgram(), ...argv],
    cwd: folder,
    env: { ...environment, PATH: process.env['PATH'], HOME: folder },
    deadline: 60_000,
  });
}

export interface Resolved {
  readonly name: string;
  readonly services: Readonly<Record<string, ResolvedService>>;
  readonly networks: Readonly<Record<string, { readonly name: string; readonly external?: boolean }>>;
  readonly volumes?: Readonly<Record<string, { readonly name: string }>>;
}

export interface ResolvedService {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

/** What Compose makes of a project. It escapes `$` for whoever reads its output as a compose file; here it is undone. */
export async function resolved(folder: string, ...argv: readonly string[]): Promise<Resolved> {
  const { code, stdout, stderr } = await compose(folder, ...argv, 'config', '--format', 'json');
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout, (_, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('$$', '$') : value,
  ) as Resolved;
}
