import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AwayProps } from '../deploy/backup/away';
import { pgbackrestAway } from '../deploy/backup/away';
import { parseTarget } from '../deploy/backup/choose';
import { requireArchive } from '../deploy/backup/report';
import { resolveRelease } from '../deploy/registry';
import { Registry } from '../deploy/registry-client';
import { systemClock } from '../foundation/clock';
import { messageOf } from '../foundation/failure';
import { httpsVia } from '../foundation/https';
import { run } from '../foundation/process';
import type { Progress } from '../foundation/progress';
import { lookupFrom } from '../foundation/resolve';
import { Secret } from '../foundation/secret';
import { trustedAuthorities } from '../foundation/trust';
import { accountFacts } from '../infra/cherry/account-facts';
import { judgePreflight } from '../infra/cherry/preflight';
import { requireTrustedSigner } from '../infra/plan/plan-keys';
import { initAt, stateAt } from '../infra/plan/terraform-run';
import type { IdentityReport } from '../recovery/identity/look';
import { checkCopiedParts, readCopiedRecords } from '../recovery/rebuild/bring-files';
import { backupFaults } from '../recovery/rebuild/backup-word';
import { gateFaults, givenUpIn, leaves, type GivenUp } from '../recovery/rebuild/gate';
import type { RebuildBegun } from '../recovery/rebuild/journal';
import { imageFaults } from '../recovery/rebuild/images';
import { receiverFaults } from '../recovery/rebuild/receiver-word';
import { faultOf, lookOffHost, type OffHostFacts } from '../recovery/rebuild/off-host';
import type { Archive, SettingsSource } from '../services';
import type { Environment } from '../stacks/environment';
import { findEnvironment } from '../stacks/here';
import { dataArchiveOf } from '../stacks/rehearsal';
import { checkoutState } from './checkout-state';
import { cherryApiHere, wantedOf } from './cherry-account';
import { checkout } from './context';
import { existingMachineFaults } from './enrollment';
import { missingSettings } from './export-settings';
import { identityHere } from './host-identity';
import { identitiesOf } from './identity-file';
import { alone, planKeysOf, planTarget, synthesizeHere } from './plan-target';
import type { RebuildOptions } from './rebuild-options';
import { lookAtReceiverOf } from './rebuild-receiver';
import { settingsSource } from './settings-source';
import { signingKeysOf } from './signing-keys';
import { withArchiveAway } from './archive-away';

/** What a rebuild would begin with, and everything that speaks against it. */
export interface RebuildFacts {
  readonly identity: IdentityReport;
  readonly givenUp: GivenUp;
  readonly offHost: OffHostFacts;
  readonly release: RebuildBegun['release'] | undefined;
  readonly faults: readonly string[];
  readonly notes: readonly string[];
}

/** The archive of an environment, from this machine; `image` as Docker here knows it. */
export function archiveKnownHere(
  environment: Environment,
  source: SettingsSource,
  image: string | undefined,
): Pick<AwayProps, 'archive' | 'key' | 'secret' | 'passphrase'> {
  const archive: Archive = requireArchive(environment.name, dataArchiveOf(environment));
  return {
    archive: image === undefined ? archive : { ...archive, image },
    key: source['ARCHIVE_KEY'] ?? '',
    secret: Secret.of('ARCHIVE_SECRET', source['ARCHIVE_SECRET'] ?? ''),
    passphrase: Secret.of('ARCHIVE_PASSPHRASE', source['ARCHIVE_PASSPHRASE'] ?? ''),
  };
}

/**
 * Looks at everything that a rebuild begins from: the verdict, the archive, the copies, the registry, the account, and what this machine
 * has. Changes nothing; every fault is told at once.
 */
export async function rebuildFacts(
  name: string,
  given: RebuildOptions,
  again: string,
  progress: Progress,
): Promise<RebuildFacts> {
  const environment = findEnvironment(name);
  const { host } = environment;
  const source = settingsSource(name, given.settings);
  const settings = missingSettings(environment, source);
  if (host.kind !== 'existing') await alone(`cogni rebuild ${name}`, synthesizeHere);
  const identity = await progress.step('look at state, inventory and host', () => identityHere(name), {
    why: 'whether the host is lost decides whether it may be given up',
    describe: ({ verdict }) => verdict.id,
  });
  const givenUp = givenUpIn(identity);
  const offHost = await progress.step(
    'look at the archive and the copies off the host',
    () => offHostHere(environment, source, given, again),
    { why: 'what is not there must be known before anything is touched' },
  );
  const release = await releaseOf(environment, source, given, offHost, again);
  const faults = [
    ...settings,
    ...gateFaults(host.name, identity, givenUp, given),
    ...('trouble' in identity.state ? [`the state has to be read: ${identity.state.trouble}`] : []),
    ...offHost.faults,
    ...backupFaults(
      host.name,
      leaves[identity.verdict.id] === 'unsure',
      offHost,
      systemClock.now(),
      given.withoutBackup,
    ),
    ...release.faults,
    ...receiverFaults(
      host.name,
      await lookAtReceiverOf(environment, given.to, offHost),
      given.withoutReceiver,
    ),
    ...(await machineFaults(environment, given)),
    ...(await existingMachineFaults(environment, identity.verdict.id !== 'fresh')),
    ...(await accountFaults(name, environment, givenUp)),
  ];
  return {
    identity,
    givenUp,
    offHost,
    release: release.value,
    faults: [...new Set(faults)],
    notes: offHost.notes,
  };
}

/** What is off the host, as it can be seen from here. */
export const offHostHere = (
  environment: Environment,
  source: SettingsSource,
  given: Pick<RebuildOptions, 'to' | 'identity' | 'image' | 'withoutFiles'>,
  again: string,
): Promise<OffHostFacts> => {
  const known = archiveKnownHere(environment, source, given.image);
  const now = systemClock.now();
  return withArchiveAway(known, (away) =>
    lookOffHost({
      environment: environment.name,
      archive: known.archive,
      target: parseTarget(given.to ?? 'newest', now),
      pgbackrest: pgbackrestAway(away),
      records:
        given.identity === undefined
          ? undefined
          : async (copy) =>
              readCopiedRecords({ away, copy, identities: identitiesOf(given.identity ?? '', again) }),
      check: (copy, parts) => checkCopiedParts(away, copy, parts),
      withoutFiles: given.withoutFiles ?? false,
      now,
      again,
    }),
  );
};

interface Found {
  readonly value: RebuildBegun['release'] | undefined;
  readonly faults: readonly string[];
}

/** The build that a person names, or the last one that served; by digest either way, and still to be had. */
export async function releaseOf(
  { name, imageRepository: repository, sandbox, signing }: Environment,
  source: SettingsSource,
  { imageTag }: Pick<RebuildOptions, 'imageTag'>,
  { records }: OffHostFacts,
  again: string,
): Promise<Found> {
  const https = httpsVia({
    authorities: trustedAuthorities({ extra: process.env['COGNI_CA'] }),
    lookup: lookupFrom(process.env['COGNI_DNS']),
  });
  const login = {
    username: source['GHCR_USERNAME'] ?? '',
    password: Secret.of('GHCR_DEPLOY_TOKEN', source['GHCR_DEPLOY_TOKEN'] ?? ''),
  };
  if (imageTag !== undefined) {
    try {
      const { app, migrator } = await resolveRelease({ repository, login, tag: imageTag, again }, { https });
      const images = { app: app.reference, migrator: migrator.reference };
      return { value: { from: 'tag', name: imageTag, tag: imageTag, images }, faults: [] };
    } catch (thrown) {
      return { value: undefined, faults: [faultOf(thrown)] };
    }
  }
  if (records === undefined) return { value: undefined, faults: [] };
  const { serving, releases } = records;
  if (serving === undefined) {
    const there = releases.map(({ tag }) => tag).join(', ');
    return {
      value: undefined,
      faults: [
        `the records of the host do not say which release served (there are: ${there || 'none'}): name a build by --image-tag`,
      ],
    };
  }
  const { id, tag, images } = serving;
  const keys = sandbox ? [] : signingKeysOf(name, signing?.keyFiles ?? []);
  const registry = new Registry({ repository, login }, { https });
  return {
    value: { from: 'record', name: id, tag, images: { app: images.app, migrator: images.migrator } },
    faults: await imageFaults(serving, { repository, registry, keys }),
  };
}

/** What this machine lacks to make a host: the deploy key in the agent, keys for plans, a commit. */
export async function machineFaults(
  environment: Environment,
  { dryRun, settings }: Pick<RebuildOptions, 'dryRun' | 'settings'>,
): Promise<readonly string[]> {
  const { name, host, policies, sandbox } = environment;
  if (host.kind === 'existing') return [];
  const faults: string[] = [];
  const [type = '', key = ''] = host.deployKey.line.split(/\s+/);
  const agent = await run({ argv: ['ssh-add', '-L'], deadline: 10_000 }).catch(() => undefined);
  if (agent?.stdout.includes(`${type} ${key}`) !== true)
    faults.push(`the SSH agent does not have the deploy key of ${name}: ssh-add <its private half>`);
  if (policies.protected && sandbox === undefined && (await checkoutState(checkout))?.dirty !== false)
    faults.push(
      'this checkout has files that are in no commit: a protected environment is made from commits',
    );
  // Making keys for plans where there are none is a change.
  if (dryRun) return faults;
  try {
    requireTrustedSigner(name, await planKeysOf(environment, settings));
  } catch (thrown) {
    faults.push(faultOf(thrown));
  }
  return faults;
}

/** What the account could not give: asked as for a plan, as if what is given up were gone already. */
async function accountFaults(
  name: string,
  { host }: Environment,
  { server }: GivenUp,
): Promise<readonly string[]> {
  if (host.kind === 'existing') return [];
  const target = planTarget(name);
  try {
    if (!existsSync(join(target.at.folder, '.terraform'))) await initAt(target.at);
    const state = await stateAt(target.at);
    const ids = Object.fromEntries(Object.entries(state.ids).filter(([, id]) => id !== String(server)));
    const wanted = { ...wantedOf(target), state: { ...state, ids }, imports: [] };
    const facts = await accountFacts(cherryApiHere(target.at.signal), wanted);
    const servers =
      facts.servers !== undefined && 'value' in facts.servers
        ? { servers: { value: facts.servers.value.filter(({ id }) => id !== server) } }
        : {};
    return judgePreflight(wanted, { ...facts, ...servers }).faults;
  } catch (thrown) {
    return [`the account cannot be asked: ${messageOf(thrown).split('\n', 1)[0] ?? ''}`];
  }
}
