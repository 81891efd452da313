import { resolve } from 'node:path';
import { Failure } from '../foundation/failure';
import { tryReadFile } from '../foundation/files';
import { Secret } from '../foundation/secret';
import {
  declarationOf,
  faultText,
  jointFaults,
  settingNames,
  tryReadPrivateKey,
  valueFaults,
  type SettingName,
  type SettingsSource,
} from '../services';
import type { EnvironmentRecord } from '../stacks/environment';
import { checkout } from '../infra/checkout';
import { findRecord } from '../stacks/here';
import { allWorkflows, lookSettings, settingsReadBy, type SyncEntry, type SyncRow } from '../workflows';
import { cherryToken } from './cherry-token';
import { tryHostOutputs, tryPinnedKey } from './host-access';
import { readableSource } from './settings-source';
import { workflowTargets } from './workflow-targets';

export interface SyncAsked {
  readonly settings?: string;
  /** File with the private half of the deploy key. */
  readonly deployKey?: string;
  /** `owner/name` */
  readonly repository?: string;
  /** False leaves address and host key out. */
  readonly host: boolean;
  /** Whether what belongs to the whole repository is written too. */
  readonly shared?: boolean;
  /** For the GitHub environment of the nightly look at the host: the way there, and nothing else. */
  readonly look?: boolean;
  readonly dryRun?: boolean;
}

/** The same command as it was given: what failed in part is done by it again. */
export const syncCommand = (
  name: string,
  { settings, deployKey, repository, host, shared, look, dryRun }: SyncAsked,
): string =>
  [
    `./cogni settings sync ${name}`,
    ...(settings === undefined ? [] : [`--settings ${settings}`]),
    ...(deployKey === undefined ? [] : [`--deploy-key ${deployKey}`]),
    ...(repository === undefined ? [] : [`--repository ${repository}`]),
    ...(host ? [] : ['--no-host']),
    ...(shared ? ['--shared'] : []),
    ...(look ? ['--look'] : []),
    ...(dryRun ? ['--dry-run'] : []),
  ].join(' ');

/** What is sent, and what is not. */
export interface ToSync {
  readonly entries: readonly SyncEntry[];
  /** Settings of the file that would belong there, but that no workflow reads: somebody wrote them down, and is told. */
  readonly unread: readonly SettingName[];
}

/**
 * What workflows of an environment are to have: of the settings that are known here those that they read, address and host key out of
 * the state (of a host that somebody else made out of its record and what is pinned here), the deploy key out of a file. A shell has credentials of other things as well, under the same names: they stay there.
 *
 * @throws Failure that names everything that is malformed, without its value; nothing is sent then
 */
export async function settingsToSync(name: string, asked: SyncAsked): Promise<ToSync> {
  const record = findRecord(name);
  const { settings: given, file } = readableSource(name, asked.settings);
  const outputs = asked.host ? await tryHostOutputs(record) : undefined;
  const { address, hostKey } =
    record.host.kind === 'existing'
      ? { address: record.host.address, hostKey: tryPinnedKey(name) }
      : { address: outputs?.address, hostKey: outputs?.hostKey };
  const key = asked.deployKey === undefined ? undefined : readKey(asked.deployKey);
  const values: Readonly<Record<string, string | undefined>> = {
    ...given,
    // Of its two names, workflows have this one. Where both are known and differ, that is a fault below.
    CHERRY_AUTH_TOKEN: given['CHERRY_AUTH_TOKEN'] || cherryToken(given),
    VM_HOST: asked.host ? address : undefined,
    VM_HOST_KEY: asked.host ? hostKey : undefined,
    SSH_DEPLOY_KEY: key,
  };
  const read = settingsReadBy(allWorkflows(workflowTargets()));
  const asGiven = { shared: asked.shared ?? false, look: asked.look ?? false };
  return {
    entries: entriesOf(values, {
      ...asGiven,
      read,
      faults: [
        ...(asked.host ? halfFaults(name, address, hostKey) : []),
        ...(key === undefined ? [] : strangerFaults(record, key)),
      ],
    }),
    unread: namesSent(asGiven).filter((each) => Boolean(file.values[each]) && !read.has(each)),
  };
}

interface Sent {
  /** Whether what belongs to the whole repository is among it. */
  readonly shared: boolean;
  /** Whether it is the way to the host alone. @default false */
  readonly look?: boolean;
  /** Names that workflows read: no other is sent. @default - all of the catalogue that have a place there */
  readonly read?: ReadonlySet<string>;
  /** What was found to be wrong before. @default - nothing */
  readonly faults?: readonly string[];
}

/** @throws Failure that names everything that is malformed, or that cannot be true of two of them at once */
export function entriesOf(
  values: Readonly<Record<string, string | undefined>>,
  { shared, look = false, read, faults: found = [] }: Sent,
): readonly SyncEntry[] {
  const faults = [...found];
  const entries = namesSent({ shared, look }).flatMap((name): SyncEntry[] => {
    const value = values[name];
    const target = targetOf(name);
    if (!value || target === undefined || read?.has(name) === false) return [];
    faults.push(...valueFaults(name, value).map(faultText));
    return [{ name, ...target, value: target.kind === 'secret' ? Secret.of(name, value) : value }];
  });
  faults.push(...jointFaults(soundOf(values, entries, shared)).map(faultText));
  if (faults.length === 0) return entries;
  throw new Failure({
    what: 'these settings are not sound, so none is sent to GitHub',
    faults,
    next: 'mend them where they are kept, then run this again',
  });
}

/** What has a place at GitHub, as far as it was asked for. */
const namesSent = ({ shared, look = false }: Pick<Sent, 'shared' | 'look'>): readonly SettingName[] =>
  (look ? lookSettings : settingNames).filter((name) => {
    const place = targetOf(name)?.place;
    return place === 'environment' || (place === 'repository' && shared);
  });

/** What is sent and sound by itself; of what both names of the token say, one is sent. */
function soundOf(
  values: Readonly<Record<string, string | undefined>>,
  entries: readonly SyncEntry[],
  shared: boolean,
): SettingsSource {
  const sent = settingNames.filter(
    (name) => entries.some((entry) => entry.name === name) || (shared && name === 'CHERRY_AUTH_KEY'),
  );
  return Object.fromEntries(
    sent
      .map((name) => [name, values[name] ?? ''] as const)
      .filter(([name, value]) => valueFaults(name, value).length === 0),
  );
}

/** Where GitHub keeps a setting; undefined for those that it is not given. */
function targetOf(name: SettingName): Pick<SyncEntry, 'place' | 'kind'> | undefined {
  const [place, kind] = declarationOf(name).scope.split('-');
  if ((place === 'repository' || place === 'environment') && (kind === 'secret' || kind === 'variable')) {
    return { place, kind };
  }
  return undefined;
}

/** That whoever is told where the host is can tell it from another machine: a workflow refuses the one without the other. */
const halfFaults = (
  name: string,
  address: string | undefined,
  hostKey: string | undefined,
): readonly string[] =>
  !address || hostKey !== undefined
    ? []
    : [
        `VM_HOST_KEY is not known: no key of ${address} is pinned here. ./cogni host pin ${name} pins it; --no-host leaves out both`,
      ];

/** That a host which lets in the committed public key lets this one in. Of a host that somebody else set up, only they know. */
function strangerFaults({ name, host }: EnvironmentRecord, key: string): readonly string[] {
  const half = tryReadPrivateKey(key)?.publicHalf;
  if (host.kind !== 'cherry' || half === undefined) return [];
  const committed = tryReadFile(resolve(checkout, host.deployKeyFile));
  if (committed?.trim().split(/\s+/).slice(0, 2).join(' ') === half) return [];
  return [
    committed === undefined
      ? `SSH_DEPLOY_KEY belongs to no public key that is here: ${host.deployKeyFile} does not exist`
      : `SSH_DEPLOY_KEY is not the private half of ${host.deployKeyFile}, the one key that the host of ${name} lets in`,
  ];
}

function readKey(file: string): string {
  const text = tryReadFile(file);
  if (text !== undefined) return text;
  throw new Failure({ what: `there is no file ${file}`, next: 'name the file with the private deploy key' });
}

const words: Readonly<Record<SyncRow['action'], string>> = {
  make: 'would be made',
  write: 'would be written; it cannot be read back',
  change: 'would be changed',
  same: 'is the same',
  left: 'is only at GitHub, and is left alone',
};

/** Names that stand in the file and stay there; nothing where there are none. */
export const unreadText = (unread: readonly SettingName[]): string =>
  unread.length === 0
    ? ''
    : `\n! not sent, though the file of settings has ${unread.length === 1 ? 'it' : 'them'}: ${unread.join(', ')}. No workflow of stacks/environments.ts reads ${unread.length === 1 ? 'it' : 'them'}`;

/** Names, and what would become of them; never a value. */
export function syncText(rows: readonly SyncRow[]): string {
  if (rows.length === 0) return 'there is nothing to send: no setting of it is known here';
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows
    .map(({ name, place, kind, action, updatedAt }) => {
      const since = updatedAt === undefined ? '' : ` (GitHub's is of ${updatedAt})`;
      return `${name.padEnd(width)}  ${kind} of the ${place}  ${words[action]}${since}`;
    })
    .join('\n');
}

/** Names that are ours, whether or not they are known here. */
export const ourNames = (): readonly string[] => settingNames;

/** How GitHub is asked what a sync would do; undefined where no token or no repository is set here. */
export function rowsAtGithub(name: string): (() => Promise<readonly SyncRow[]>) | undefined {
  if (!process.env['GITHUB_TOKEN'] || !process.env['GITHUB_REPOSITORY']) return undefined;
  return async () => {
    const { githubHere } = await import('./github-here.js');
    const { planSync } = await import('../workflows/index.js');
    const { entries } = await settingsToSync(name, { host: true });
    const again = `./cogni settings check ${name} --pointers`;
    return (await planSync(await githubHere(undefined), name, entries, ourNames(), again)).rows;
  };
}
