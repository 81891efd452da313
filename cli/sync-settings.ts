import { Failure } from '../foundation/failure';
import { tryReadFile } from '../foundation/files';
import { Secret } from '../foundation/secret';
import { declarationOf, faultText, settingNames, valueFaults, type SettingName } from '../services';
import { findRecord } from '../stacks/here';
import { lookSettings, type SyncEntry, type SyncRow } from '../workflows';
import { tryHostOutputs } from './host-access';
import { settingsSource } from './settings-source';

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

/**
 * What workflows of an environment are to have: the settings that are known here, address and host key out of the state,
 * the deploy key out of a file.
 *
 * @throws Failure that names everything that is malformed, without its value; nothing is sent then
 */
export async function syncEntries(name: string, asked: SyncAsked): Promise<readonly SyncEntry[]> {
  const record = findRecord(name);
  const given = settingsSource(name, asked.settings);
  const outputs = asked.host ? await tryHostOutputs(record) : undefined;
  const address = record.host.kind === 'existing' ? record.host.address : outputs?.address;
  const values: Readonly<Record<string, string | undefined>> = {
    ...given,
    VM_HOST: asked.host ? address : undefined,
    VM_HOST_KEY: asked.host ? outputs?.hostKey : undefined,
    SSH_DEPLOY_KEY: asked.deployKey === undefined ? undefined : readKey(asked.deployKey),
  };
  return entriesOf(values, { shared: asked.shared ?? false, look: asked.look ?? false });
}

/** @throws Failure that names everything that is malformed */
export function entriesOf(
  values: Readonly<Record<string, string | undefined>>,
  { shared, look = false }: { readonly shared: boolean; readonly look?: boolean },
): readonly SyncEntry[] {
  const faults: string[] = [];
  const entries = (look ? lookSettings : settingNames).flatMap((name): SyncEntry[] => {
    const value = values[name];
    const target = targetOf(name);
    if (!value || target === undefined || (target.place === 'repository' && !shared)) return [];
    faults.push(...valueFaults(name, value).map(faultText));
    return [{ name, ...target, value: target.kind === 'secret' ? Secret.of(name, value) : value }];
  });
  if (faults.length === 0) return entries;
  throw new Failure({
    what: 'these settings are not sound, so none is sent to GitHub',
    faults,
    next: 'mend them where they are kept, then run this again',
  });
}

/** Where GitHub keeps a setting; undefined for those that it is not given. */
function targetOf(name: SettingName): Pick<SyncEntry, 'place' | 'kind'> | undefined {
  const [place, kind] = declarationOf(name).scope.split('-');
  if ((place === 'repository' || place === 'environment') && (kind === 'secret' || kind === 'variable')) {
    return { place, kind };
  }
  return undefined;
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
    const entries = await syncEntries(name, { host: true });
    return (await planSync(await githubHere(undefined), name, entries, ourNames())).rows;
  };
}
