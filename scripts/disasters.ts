import { leaves } from '../recovery/rebuild/gate';
import { verdicts } from '../recovery/identity/verdicts';
import { declarationOf, isSettingName, type SettingName } from '../services';
import { accountInShell } from '../services/settings/setup/state';
import { identity, replace, type Disaster, type Errand } from './disaster';
import { lostKeys } from './lost-keys';
import { disasterPlans, rebuildPlans } from './runbook-plans';

/** Verdicts at which a rebuild may begin. */
const lostVerdicts = verdicts
  .map(({ id }) => id)
  .filter((id) => leaves[id] === 'lost' || leaves[id] === 'unsure');

/** What lay on the machine of before alone, for all that comes after it. Where that machine is there still, none of it changes anything. */
const settingsAgain: readonly Errand[] = [
  {
    says: 'on a new machine: clone the repository, and bring there the last export of the settings (`<env>.age`) and the identity of age that opens it (`key.txt`)',
  },
  {
    command: './cogni settings import <env> <env>.age --identity key.txt',
    says: 'brings the settings, the pinned host key, the keys for plans, the deploy key, and a state that lay on the disk of before; `--dry-run` says by name what it would bring, and what is here already stays',
  },
];
const keyAgain: readonly Errand[] = [
  {
    command: 'ssh-add .cogni/<env>/deploy_key',
    says: 'the deploy key as it was exported, with its passphrase: nothing logs in to a host without it',
  },
];
const accountAgain: readonly Errand[] = [
  ...accountInShell().map((command) => ({
    command,
    says: `only where the settings that were imported have it not; waits for what it names: ${declarationOf(nameIn(command)).description}`,
  })),
  {
    says: 'where the state is in a bucket, a database or on a server, and the imported settings have no credentials of it, those are exported in this shell in the same way ([setup.md](../setup.md), "Recovery"): without account and state, the next line says too little to decide by',
  },
];

function nameIn(command: string): SettingName {
  const name = /export ([A-Z_]+)$/.exec(command)?.[1] ?? '';
  if (isSettingName(name)) return name;
  throw new Error(`${command} exports no setting`);
}

const lookFirst: readonly Errand[] = [
  ...settingsAgain,
  ...accountAgain,
  ...keyAgain,
  {
    command: './cogni host check <env>',
    says: 'says what is there: state, inventory and host against each other. A host that lives is never given up',
  },
];
const rebuildErrands: readonly Errand[] = [
  {
    command: `./cogni rebuild <env> ${identity} --dry-run`,
    says: 'everything that a rebuild begins from, its stages, and every reason against it; nothing is changed',
  },
  {
    command: `./cogni rebuild <env> ${identity} ${replace}`,
    says: 'does it; the word is in the output of the line before. Stopped at any point, the same line goes on',
  },
  {
    command: `./cogni rebuild <env> ${identity} ${replace} --anew <id>`,
    says: 'only where the one that was begun cannot come to its end any more, as when its new host was lost as well: another one in its place',
  },
  {
    command: './cogni rebuild <env> --abandon <id>',
    says: 'only where the host has come back since the rebuild was begun: ends it, so that no line out of a history gives the living host up. Nothing is taken back',
  },
];
/** What the key on the host could do to the archive at most. */
const hidden: Errand = {
  says: 'where a backup is listed and parts of it are not there, somebody may have hidden them with the key that was on the host: end that key, and show them again before anything is brought back ([backup.md](../backup.md#when-somebody-has-had-the-hosts-key)); they are there for as long as their lock lasts',
};
/** Where the provider switched it off, and nobody ended what it knows. */
const neverOn: Errand = {
  says: 'never switch the old server on again, but in the rescue mode of the provider, before the key to the archive that is on its disk is ended ([another key](runbook-key-lost.md#archive_secret)): it would send its own log beside that of the new one, and whoever restores takes what came last. Where somebody else may switch it on, end the key first, and give the rebuild `--revoked <old-key>`: it holds until the storage has that key no more',
};
const afterwards: readonly Errand[] = [
  {
    command: './cogni settings export <env> --to age1… --deploy-key .cogni/<env>/deploy_key --out <env>.age',
    says: 'the state and the pinned key are others now',
  },
  {
    command: './cogni receiver up <env>',
    says: "where its log is received: the receiver knows the old address and host key, and fetches nothing until it is told. With `synchronous: 'always'` the deploy waits for that: run it on another terminal as soon as the rebuild deploys",
  },
  {
    command: './cogni receiver key <other-env>',
    says: 'for each environment whose log the lost host received (`on: <env>`): that receiver and its key are gone. It says what comes next, up to `./cogni receiver up <other-env>`; with `always` nothing can be written there until then',
  },
  { command: './cogni watch <env>', says: 'is started again, since it reads the address when it begins' },
];

export const disasters: Readonly<Record<string, Disaster>> = {
  'host lost': {
    title: 'the host is lost',
    file: 'docs/reference/runbook-host-lost.md',
    about:
      'The server is gone, another machine stands in its place, or its disk was emptied: the provider may do that in silence, and every plan then says "No changes". What is off the host brings it back: the archive of the database, the portable copies, the registry, and the settings.',
    verdicts: lostVerdicts,
    errands: [...lookFirst, hidden, ...rebuildErrands, neverOn, ...afterwards],
    goesThrough: {
      command: './cogni rebuild',
      runbook: 'runbook-rebuild.md',
      plan: rebuildPlans.rebuild,
    },
  },
  'broken migration': {
    title: 'a migration has corrupted the data',
    file: 'docs/reference/runbook-broken-migration.md',
    about:
      'The host is well, and what a release did to the data is wrong. Right before the migrations of each release a moment of the log was marked, and its record names it (`restorePoint`). The database is brought back to it; what was written since is lost, and kept on the disk beside it.',
    errands: [
      {
        command: './cogni maintenance on <env> --reason "data are wrong"',
        says: 'visitors write nothing more that would be lost; they get a plain page',
      },
      {
        command: './cogni releases <env> --json',
        says: 'the release that did it, its `restorePoint`, and the release before',
      },
      {
        command: './cogni drill <env> --to <restore-point> --ask "SELECT …"',
        says: 'shows a copy of that moment, made off the host: whether it is the one that is wanted',
      },
      {
        command: './cogni restore <env> --to <restore-point> --dry-run',
        says: 'the steps, and every reason against them; the next line in full is in its output',
      },
      {
        command: './cogni restore <env> --to <restore-point> --replace <host>@<restore-point>',
        says: 'does it; exit code 5 where the release that serves cannot work with the older data: then the next line',
      },
      {
        command: './cogni rollback <env> --to <release-before>',
        says: 'the release that fits those data; no migration is run. With `--allow-breaking-migration` where it asks for that word: the data are those of before it',
      },
      { command: './cogni maintenance off <env>', says: 'visitors are served again' },
      {
        command: './cogni restore <env> --undo <id> --replace <host>@<id>',
        says: 'only where it was the wrong moment: the data of before serve again',
      },
    ],
    goesThrough: {
      command: './cogni restore',
      runbook: 'runbook-restore.md',
      plan: disasterPlans['broken migration'],
    },
  },
  'account locked': {
    title: 'the account at the provider is locked',
    file: 'docs/reference/runbook-account-locked.md',
    about:
      'Its API refuses the token, and servers may be switched off. Nothing can be ordered there, so the environment goes to a machine that you make anywhere else. Archive, registry and DNS have to be with somebody else for this to work: see that they are, while there is time.',
    verdicts: ['other-key', 'not-pinned', 'silent'],
    errands: [
      ...settingsAgain,
      ...keyAgain,
      {
        command: './cogni render <env> --enroll',
        says: 'while the record still names the provider: `.cogni/<env>/user-data.yaml` is the user-data of one new machine, with the token that proves its key; the token stays on this machine, so the rebuild is run here. What is in `rendered/<env>` has none',
      },
      {
        says: "boot a machine with that user-data, with the system of the record's image and nothing of yours on its disk: it bootstraps itself",
      },
      {
        says: "write the machine's address into the record of the environment, with the name that the host had: `host: { kind: 'existing', name: …, address: … }`; nothing is ordered then",
      },
      {
        command: './cogni host check <env>',
        says: 'what answers at that address: another machine than the pinned one, which is right',
      },
      {
        command: `./cogni rebuild <env> ${identity} --dry-run`,
        says: 'everything that a rebuild begins from, its stages, and every reason against it; nothing is changed',
      },
      {
        says: 'at the storage, make another key for the account that writes, end the one that the old server has, and put the other one into the settings (`ARCHIVE_KEY`, `ARCHIVE_SECRET`): that server may go on, and nobody can switch it off. The rebuild holds at its first stage until that is so',
      },
      {
        command: `./cogni rebuild <env> ${identity} --replace <host>@<address> --lost <host>@other-key --revoked <old-key>`,
        says: 'does it; the words are in the output of the line before the last, and the last one names the `ARCHIVE_KEY` that was ended. Stopped at any point, the same line goes on',
      },
      {
        says: 'when the account is open again: the old server is still there, and must not serve beside the new one. Look at its disk, then remove it in the portal',
      },
      ...afterwards,
    ],
    goesThrough: {
      command: './cogni rebuild',
      runbook: 'runbook-rebuild-elsewhere.md',
      plan: rebuildPlans['rebuild elsewhere'],
    },
  },
  'region lost': {
    title: 'the region is lost',
    file: 'docs/reference/runbook-region-lost.md',
    about:
      'The provider is there, and nothing in the region of the host is. Another region takes it over. The archive has to be in another one than the host; a floating address belongs to its region and is lost with it.',
    verdicts: ['lost', 'lost-as-listed', 'hung', 'silent', 'stopped'],
    errands: [
      ...lookFirst,
      {
        says: "write another region into the record (`host.region`; the plan has to be offered there: the rebuild's look says so), and commit it where the environment is protected",
      },
      {
        says: 'where the record has a floating address: `floatingAddress: false`, since the old one cannot be attached in another region',
      },
      ...rebuildErrands,
      {
        command: `./cogni rebuild <env> ${identity} ${replace} --without-receiver <host>`,
        says: 'where the receiver of the log was in that region as well: what the archive has is enough then',
      },
      {
        says: 'the old server is switched off as soon as the provider can be asked about it; where the stage `fence` cannot do that now, it is done in the portal, or waited for. Where neither can be, the key that it has to the archive is ended at the storage, and `--revoked <old-key>` says so',
      },
      neverOn,
      ...afterwards,
    ],
    goesThrough: {
      command: './cogni rebuild',
      runbook: 'runbook-rebuild.md',
      plan: rebuildPlans.rebuild,
    },
  },
  'key lost': {
    title: 'a key is lost',
    file: 'docs/reference/runbook-key-lost.md',
    about:
      'Nobody has it any more, or somebody has it who should not. The export of the settings (`./cogni settings export`) holds all of them but the one that opens it, which two people should have: look there first.',
    errands: [
      {
        command: './cogni settings import <env> <env>.age --identity key.txt --dry-run',
        says: 'which of them the export would bring back; without `--dry-run` it does',
      },
      { command: './cogni settings check <env>', says: 'which are still missing' },
    ],
    keys: lostKeys,
  },
};
