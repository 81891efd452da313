import type { Archive } from '../../services';
import type { RebuildBegun } from './journal';
import { whileDeployed } from './receivers';

/** The parts of a rebuild, in order. */
export const stageIds = [
  'revoke',
  'fence',
  'forget',
  'aside',
  'plan',
  'provision',
  'bootstrap',
  'files',
  'restore',
  'pull',
  'dns',
  'deploy',
  'backup',
  'secrets',
  'drill',
] as const;
export type StageId = (typeof stageIds)[number];

/** A part of a rebuild as data: what it does is known elsewhere by its id, whether it is done is looked up when its turn comes. */
export interface Stage<Id extends string = StageId> {
  readonly id: Id;
  /** Imperative. */
  readonly name: string;
  readonly why: string;
  /** By what it is known to be done, whatever the journal says. */
  readonly doneWhen: string;
  /** What only a person can do, and when. @default - nothing */
  readonly person?: string;
  /** What is left when it fails. */
  readonly leaves: string;
  /** Id of a stage of its group that has to be done before it. @default - it begins with its group */
  readonly after?: string;
}

export interface RebuildPlan<Id extends string = StageId> {
  readonly title: string;
  /** Stages of a group are done at the same time, as far as none has to wait for another of them. */
  readonly groups: readonly (readonly Stage<Id>[])[];
}

/** What a plan is made from. */
export interface RebuildShape {
  readonly environment: string;
  readonly domain: string;
  /** `cherry`: Terraform orders the host. `existing`: it is at the record's address, made by somebody else. */
  readonly host: 'cherry' | 'existing';
  readonly begun: Pick<
    RebuildBegun,
    'replaces' | 'givenUp' | 'oldKey' | 'backup' | 'copy' | 'release' | 'receivers'
  >;
  readonly archive: Pick<Archive, 'endpoint' | 'bucket'>;
}

/** Nothing that a plan could lose is left on the new host before this stage. */
const nothingServes = 'nothing serves yet; what was backed up is as it was';

/**
 * A rebuild as data: what is given up is taken out of the way first, then another host is made by a plan like any other, filled from off
 * the host, and proven. Pure: the same shape gives the same stages.
 */
export function planRebuild(shape: RebuildShape): RebuildPlan {
  const { environment, begun, host } = shape;
  const ordered = host === 'cherry' && begun.replaces;
  return {
    title: `rebuild ${environment}`,
    groups: [
      ...(begun.oldKey === undefined ? [] : [[revoke(shape, begun.oldKey)]]),
      ...(ordered && begun.givenUp.server !== undefined ? [[fence(shape)]] : []),
      ...(ordered ? [[forget(shape)]] : []),
      ...(begun.replaces ? [[aside(shape)]] : []),
      ...(ordered ? [[plan(shape)], [provision(shape)]] : []),
      [bootstrap(shape)],
      [...(begun.copy === null ? [] : [files(begun.copy)]), restore(shape), pull(shape)],
      [dns(shape)],
      [deploy(shape)],
      [backup(shape)],
      [secrets(shape)],
      [drill(shape)],
    ],
  };
}

const lost = ({ begun: { givenUp } }: RebuildShape): string =>
  givenUp.server === undefined
    ? `the machine at ${givenUp.address ?? 'its address'}`
    : `server ${givenUp.server}`;

const revoke = ({ archive, environment }: RebuildShape, key: string): Stage => ({
  id: 'revoke',
  name: `see that the key ${key} opens the archive no more`,
  why: 'the given-up machine has it, and nobody can switch that machine off from here: were it to go on, it would write its own history beside that of the new one, and whoever restores takes what came last',
  doneWhen: `${archive.endpoint} says that it has no such key, and the settings name another`,
  person: `at the storage, a new key for the account that writes into ${archive.bucket}, and ${key} ended; the new one becomes ARCHIVE_KEY and ARCHIVE_SECRET of ${environment}. A machine that can be reached is switched off as well, wherever it stands; visitors leave it by the stage dns`,
  leaves: 'nothing was changed here',
});

const fence = (shape: RebuildShape): Stage => ({
  id: 'fence',
  name: `take ${lost(shape)} out of the way`,
  why: 'what half lives could still answer visitors, take data, hold the floating address, or be taken for the host; its disk stays, for whoever wants to look at it',
  doneWhen:
    'the provider does not list it any more, or lists it switched off, without a floating address and under another name',
  person:
    'a machine that is not the provider’s to switch off (another one behind the same record) is ended in the provider’s console, or loses its key to the archive: --revoked <its ARCHIVE_KEY>',
  leaves: 'nothing was ordered, and the state is as it was',
});

const forget = (shape: RebuildShape): Stage => ({
  id: 'forget',
  name: `take ${lost(shape)} out of the state`,
  why: 'so that the plan makes another one: nothing that guards a living server (prevent_destroy, ignored user-data, no reinstall) is switched off for it',
  doneWhen: 'the state has no server, or another one',
  leaves: 'nothing was ordered; the state of before is kept, encrypted, beside the journal',
});

const aside = ({ environment }: RebuildShape): Stage => ({
  id: 'aside',
  name: 'put the pinned host key aside',
  why: 'nothing of ours logs in to that machine any more; the new one has to prove a key of its own',
  doneWhen: 'no key is pinned, or one that was pinned since',
  leaves: `nothing was ordered; the pin is beside .cogni/${environment}/known_hosts`,
});

export const plan = ({ environment }: Pick<RebuildShape, 'environment'>): Stage<'plan'> => ({
  id: 'plan',
  name: 'plan the new host',
  why: 'reviewed, sealed and kept as every plan; one that needs a word is not applied here',
  doneWhen: 'the plan changes nothing',
  person: `a plan that does more than make the host is looked at, and applied with its words: ./cogni apply ${environment} <plan> …`,
  leaves: 'nothing was ordered',
});

export const provision = ({ environment }: Pick<RebuildShape, 'environment'>): Stage<'provision'> => ({
  id: 'provision',
  name: 'apply that plan',
  why: 'those very bytes; it ends when the host has proven its key and its bootstrap is done',
  doneWhen: 'the plan changes nothing',
  leaves: `a server may have been ordered: ./cogni plan ${environment} says what is there`,
});

export const bootstrap = ({
  environment,
  host,
}: Pick<RebuildShape, 'environment' | 'host'>): Stage<'bootstrap'> => ({
  id: 'bootstrap',
  name: 'wait for the bootstrap, and pin the new host key',
  why: 'proven with the enrollment token that only this machine was given',
  doneWhen: 'the host says so, over a connection to the pinned key',
  ...(host === 'existing'
    ? {
        person: `the machine is made by you, with the user-data of this environment (docs/bootstrap.md), and its address is in the record of ${environment}`,
      }
    : {}),
  leaves: nothingServes,
});

export const files = (copy: NonNullable<RebuildBegun['copy']>): Stage<'files'> => ({
  id: 'files',
  name: `bring back certificates, ledger and records from the copy ${copy.name}`,
  why: 'before the edge would ask for new certificates, which authorities count, and while the database is restored; the edge, which answers 503 to everybody until the first release, is stopped for the moment in which its files change places, so that it reads them and writes over none',
  doneWhen: 'the host has the record of the release that is deployed',
  leaves: nothingServes,
});

export const restore = ({
  begun: { backup: chosen },
  archive,
}: Pick<RebuildShape, 'archive'> & {
  readonly begun: Pick<RebuildBegun, 'backup'>;
}): Stage<'restore'> => ({
  id: 'restore',
  name: `restore the database from ${chosen.label}`,
  why: `out of ${archive.endpoint}/${archive.bucket}: compared with what was recorded beside the backup, then put in its place`,
  doneWhen: 'the volume of the database holds data, and this rebuild has put them there',
  leaves: nothingServes,
});

export const pull = ({
  begun: { release },
}: {
  readonly begun: Pick<RebuildBegun, 'release'>;
}): Stage<'pull'> => ({
  id: 'pull',
  name: `pull the images of ${release.tag}`,
  why: 'by digest, while the database is restored',
  doneWhen: 'the host has them',
  leaves: nothingServes,
  // Its record is among them.
  ...(release.from === 'record' ? { after: 'files' } : {}),
});

const dns = ({ domain }: RebuildShape): Stage => ({
  id: 'dns',
  name: `see that ${domain} leads to the new host`,
  why: 'the release counts only when the site itself answers with it',
  doneWhen: 'the name has the address of the new host, and no other',
  person: `the A record of ${domain} is changed where the domain is looked after; which address it gets is said as soon as the host has one`,
  leaves: 'data and images are on the new host; nothing serves yet',
});

const deploy = ({ begun: { release, receivers }, environment }: RebuildShape): Stage => ({
  id: 'deploy',
  name: `deploy ${release.tag}`,
  why:
    release.from === 'record'
      ? 'the last good release by the digests of its record, with the settings of today; no migration is run, since the data come with theirs'
      : 'the build that was named, with its migrations',
  doneWhen:
    'the host serves exactly that: only the gate is passed again; or this rebuild had deployed it, and another release serves since, which stays',
  ...personOf(whileDeployed(environment, receivers)),
  leaves: `the data are on the new host; ./cogni status ${environment} says what runs`,
});

const personOf = (person: string | undefined): Pick<Stage, 'person'> =>
  person === undefined ? {} : { person };

const backup = ({ environment }: RebuildShape): Stage => ({
  id: 'backup',
  name: 'back the new host up in full',
  why: 'the restored database goes on along a timeline of its own',
  doneWhen: 'the archive has a good full backup that was made after the rebuild was begun',
  leaves: `the site serves; ./cogni backup ${environment} --type full makes it later`,
});

const secrets = ({ environment }: RebuildShape): Stage => ({
  id: 'secrets',
  name: 'tell the workflows address and host key',
  why: 'they would reach the old one, or refuse the new one',
  doneWhen: 'GitHub has both',
  person: `where GITHUB_TOKEN and GITHUB_REPOSITORY are not set here: ./cogni settings sync ${environment}`,
  leaves: `the site serves; ./cogni settings sync ${environment} does it later`,
});

const drill = ({ environment }: RebuildShape): Stage => ({
  id: 'drill',
  name: 'drill the backups of the new host',
  why: 'a rebuild is done when the next one would be possible: a copy out of the archive, compared, and its migrations held against the release',
  doneWhen: 'this rebuild has drilled them',
  leaves: `the site serves; ./cogni drill ${environment} says what is wrong`,
});
