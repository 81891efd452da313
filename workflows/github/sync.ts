import { ExitCode, Failure, messageOf } from '../../foundation/failure';
import type { Secret } from '../../foundation/secret';
import { GithubError, type Github } from './api';
import { sealed, type PublicKey } from './sealed-box';

/** Whose secrets and variables: the whole repository's, or one environment's. */
export type Place = 'repository' | 'environment';

/** One setting that workflows are to have. */
export interface SyncEntry {
  readonly name: string;
  readonly place: Place;
  readonly kind: 'secret' | 'variable';
  readonly value: Secret | string;
}

/** What would become of one setting; a secret's value cannot be read back, so it would always be written. */
export interface SyncRow {
  readonly name: string;
  readonly place: Place;
  readonly kind: 'secret' | 'variable';
  readonly action: 'make' | 'write' | 'change' | 'same' | 'left';
  /** When GitHub's was last written. */
  readonly updatedAt?: string;
}

interface Known {
  readonly secrets: ReadonlyMap<string, string>;
  readonly variables: ReadonlyMap<string, { readonly value: string; readonly updatedAt: string }>;
}

export interface SyncPlan {
  readonly environment: string;
  readonly rows: readonly SyncRow[];
}

const base: Readonly<Record<Place, string>> = {
  environment: '/repos/{owner}/{repo}/environments/{environment_name}',
  repository: '/repos/{owner}/{repo}/actions',
};

const whereOf = (place: Place, environment: string): Readonly<Record<string, string>> =>
  place === 'environment' ? { environment_name: environment } : {};

/**
 * Asks GitHub what is there, and says what would be done. Changes nothing.
 *
 * @param known names that are ours: what GitHub has of them and nobody gives here is named, and left alone
 * @param again the whole command that does the same once more: without its options another one would be told
 * @throws Failure when the environment is not there, or GitHub cannot be asked
 */
export async function planSync(
  github: Github,
  environment: string,
  entries: readonly SyncEntry[],
  known: readonly string[],
  again: string,
): Promise<SyncPlan> {
  const places = (['environment', 'repository'] as const).filter((place) =>
    entries.some((entry) => entry.place === place),
  );
  const rows: SyncRow[] = [];
  for (const place of places) {
    const there = await readPlace(github, environment, place, again);
    const own = entries.filter((entry) => entry.place === place);
    rows.push(...own.map((entry) => rowOf(entry, there)));
    const given = own.map(({ name }) => name);
    const left = (kind: SyncRow['kind'], name: string, updatedAt: string): SyncRow[] =>
      given.includes(name) || !known.includes(name) ? [] : [{ name, place, kind, action: 'left', updatedAt }];
    rows.push(...[...there.secrets].flatMap(([name, at]) => left('secret', name, at)));
    rows.push(...[...there.variables].flatMap(([name, { updatedAt }]) => left('variable', name, updatedAt)));
  }
  return { environment, rows };
}

function rowOf({ name, place, kind, value }: SyncEntry, there: Known): SyncRow {
  if (kind === 'secret') {
    const updatedAt = there.secrets.get(name);
    return updatedAt === undefined
      ? { name, place, kind, action: 'make' }
      : { name, place, kind, action: 'write', updatedAt };
  }
  const variable = there.variables.get(name);
  if (variable === undefined) return { name, place, kind, action: 'make' };
  const same = variable.value === text(value);
  return { name, place, kind, action: same ? 'same' : 'change', updatedAt: variable.updatedAt };
}

/**
 * Does what the plan says, one request at a time. What fails is named, and the rest is done all the same.
 *
 * @param again the whole command that does the same once more
 * @returns names of what was written
 * @throws Failure (degraded) that says which were written and which were not
 */
export async function runSync(
  github: Github,
  { environment, rows }: SyncPlan,
  entries: readonly SyncEntry[],
  again: string,
): Promise<readonly string[]> {
  const written: string[] = [];
  const faults: string[] = [];
  const keys = new Map<Place, Promise<PublicKey>>();
  const keyOf = (place: Place): Promise<PublicKey> => {
    const route = `GET ${base[place]}/secrets/public-key`;
    const asked = keys.get(place) ?? (github(route, whereOf(place, environment)) as Promise<PublicKey>);
    keys.set(place, asked);
    return asked;
  };
  for (const row of rows) {
    const entry = entries.find(({ name, place }) => name === row.name && place === row.place);
    if (entry === undefined || row.action === 'same' || row.action === 'left') continue;
    try {
      if (entry.kind === 'secret') await putSecret(github, environment, entry, await keyOf(entry.place));
      else await putVariable(github, environment, entry, row.action === 'make');
      written.push(entry.name);
    } catch (thrown) {
      faults.push(`${entry.name}: ${messageOf(thrown)}`);
      // Without the right to write, every other one would fail as well.
      if (thrown instanceof GithubError && [401, 403, 429].includes(thrown.status)) break;
    }
  }
  if (faults.length === 0) return written;
  throw new Failure({
    what: `not all settings of ${environment} could be written to GitHub`,
    faults,
    state: written.length === 0 ? 'nothing was written' : `written: ${written.join(', ')}`,
    next: `${again}    (it writes the rest; writing one twice does no harm)`,
    exitCode: written.length === 0 ? ExitCode.failed : ExitCode.degraded,
  });
}

async function putSecret(
  github: Github,
  environment: string,
  { name, place, value }: SyncEntry,
  key: PublicKey,
): Promise<void> {
  await github(`PUT ${base[place]}/secrets/{secret_name}`, {
    ...whereOf(place, environment),
    secret_name: name,
    encrypted_value: await sealed(value, key),
    key_id: key.key_id,
  });
}

async function putVariable(
  github: Github,
  environment: string,
  { name, place, value }: SyncEntry,
  isNew: boolean,
): Promise<void> {
  const where = whereOf(place, environment);
  const change = (): Promise<unknown> =>
    github(`PATCH ${base[place]}/variables/{name}`, { ...where, name, value: text(value) });
  if (!isNew) {
    await change();
    return;
  }
  try {
    await github(`POST ${base[place]}/variables`, { ...where, name, value: text(value) });
  } catch (thrown) {
    // The answer to a first try was lost, or somebody else was quicker.
    if (!(thrown instanceof GithubError) || thrown.status !== 409) throw thrown;
    await change();
  }
}

/** Variables are no secrets; a value that was handed in as one is not sent as a variable. */
function text(value: Secret | string): string {
  if (typeof value === 'string') return value;
  throw new Error(`${value.name} is a secret, and variables can be read by anybody`);
}

async function readPlace(github: Github, environment: string, place: Place, again: string): Promise<Known> {
  try {
    const where = whereOf(place, environment);
    if (place === 'environment') await github(`GET ${base.environment}`, where);
    const secrets = await all<Named>(github, `GET ${base[place]}/secrets`, where, 'secrets', 100);
    const variables = await all<Named & { readonly value: string }>(
      github,
      `GET ${base[place]}/variables`,
      where,
      'variables',
      30,
    );
    return {
      secrets: new Map(secrets.map(({ name, updated_at }) => [name, updated_at])),
      variables: new Map(
        variables.map(({ name, value, updated_at }) => [name, { value, updatedAt: updated_at }]),
      ),
    };
  } catch (thrown) {
    if (!(thrown instanceof GithubError)) throw thrown;
    throw new Failure({
      what: `${thrown.message}, asked for the ${place}`,
      next: nextFor(thrown, environment, again),
    });
  }
}

interface Named {
  readonly name: string;
  readonly updated_at: string;
}

/** All pages of a list. */
async function all<Item>(
  github: Github,
  route: string,
  where: Readonly<Record<string, string>>,
  field: string,
  perPage: number,
): Promise<readonly Item[]> {
  const found: Item[] = [];
  for (let page = 1; ; page += 1) {
    const answer = (await github(route, { ...where, per_page: perPage, page })) as Record<string, unknown>;
    const items = answer[field];
    if (!Array.isArray(items)) throw new GithubError(200, `GitHub answered without ${field}`);
    found.push(...(items as Item[]));
    if (items.length < perPage) return found;
  }
}

function nextFor({ status }: GithubError, environment: string, again: string): string {
  switch (status) {
    case 401:
      return 'set GITHUB_TOKEN to a token that is valid: a fine-grained one of this repository';
    case 403:
      return 'give the token the permissions "Secrets", "Variables" and "Environments" (read and write) of this repository';
    case 404:
      return `make the environment ${environment} in the settings of the repository; where it is there, see that the token may see the repository`;
    default:
      return `later, once more: ${again}`;
  }
}
