import type { Plan } from '../deploy/step';
import { leaves } from '../recovery/rebuild/gate';
import type { RebuildPlan } from '../recovery/rebuild/plan';
import { verdicts } from '../recovery/identity/verdicts';
import { declarationOf, type SettingName } from '../services';
import { disasterPlans, rebuildPlans } from './runbook-plans';

/** A line of what to do: a command of ours, or something that only a person can do. */
interface Errand {
  /** `./cogni …` as it is typed (a test holds it against the command line), or undefined for what a person does. */
  readonly command?: string;
  /** What comes of it, or what to do; a sentence without its stop. */
  readonly says: string;
}

/** Something that happens to all of it, and the way back. */
export interface Disaster {
  readonly title: string;
  /** Relative to the checkout. */
  readonly file: string;
  /** What has happened, and what is left; sentences. */
  readonly about: string;
  /** By which verdicts of `./cogni host check` it is seen. @default - not by them */
  readonly verdicts?: readonly string[];
  readonly errands: readonly Errand[];
  /** What the command in the middle goes through, and the runbook that tells all of it. */
  readonly goesThrough?: {
    readonly command: string;
    readonly runbook: string;
    readonly plan: Plan | RebuildPlan<string>;
  };
  /** Secrets that it is about: what each is for, and what to do when it is lost. */
  readonly keys?: readonly LostKey[];
}

interface LostKey {
  /** One of the catalogue, whose words are taken from there; or a name of its own with what it opens. */
  readonly key: SettingName | { readonly name: string; readonly opens: string };
  /** What goes on without it, and what does not. */
  readonly without: string;
  readonly errands: readonly Errand[];
}

/** Verdicts at which a rebuild may begin. */
const lostVerdicts = verdicts
  .map(({ id }) => id)
  .filter((id) => leaves[id] === 'lost' || leaves[id] === 'unsure');

const identity = '--identity key.txt';
const replace = '--replace <host>@<server>';

const lookFirst: readonly Errand[] = [
  {
    command: './cogni host check <env>',
    says: 'says what is there: state, inventory and host against each other. A host that lives is never given up',
  },
  {
    command: './cogni settings import <env> <env>.age --identity key.txt --dry-run',
    says: 'on a machine that has nothing yet: what the export of the settings would bring; without `--dry-run` it brings it',
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
];
const afterwards: readonly Errand[] = [
  {
    command: './cogni settings export <env> --to age1… --out <env>.age',
    says: 'the state and the pinned key are others now',
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
    errands: [...lookFirst, ...rebuildErrands, ...afterwards],
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
      {
        command: './cogni render <env> --out rendered',
        says: "while the record still names the provider: `rendered/user-data.yaml` is the user-data of the host. A machine with the system of the record's image that is booted with it bootstraps itself",
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
        command: `./cogni rebuild <env> ${identity} --replace <host>@<address> --lost <host>@other-key`,
        says: 'does it; the words are in the output of the line before. Stopped at any point, the same line goes on',
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
        says: 'the old server is switched off as soon as the provider can be asked about it; where the stage `fence` cannot do that now, it is done in the portal, or waited for',
      },
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
    keys: [
      {
        key: {
          name: 'private half of the deploy key',
          opens: 'the host, for everybody who deploys',
        },
        without:
          'the site serves and is backed up; nobody can deploy, and `./cogni host check <env>` says `closed`',
        errands: [
          {
            says: 'it is also the secret SSH_DEPLOY_KEY of the GitHub environment: whoever deploys from there still can, and a workflow can let a new one in',
          },
          {
            command: './cogni host converge <env>',
            says: 'lets a new one in (`keys/`), while the old one still opens the host; it is the way for one that somebody else has as well',
          },
          {
            command: `./cogni rebuild <env> ${identity} ${replace} --lost <host>@closed`,
            says: 'where nothing opens the host any more: another one, with the new key, out of what is off the host',
          },
        ],
      },
      {
        key: {
          name: 'identity of age (`key.txt`)',
          opens: 'the export of the settings, and the portable copies',
        },
        without:
          'everything goes on; the other recipient opens both. With none left, a rebuild has no certificates and no records',
        errands: [
          {
            says: 'make another one (`age-keygen -o key.txt`), and put its public half into `archive.copies.recipients` of the record',
          },
          {
            command: './cogni deploy <env> --image-tag <tag>',
            says: 'copies are for it from then on; those before stay for whom they were made',
          },
          { command: './cogni backup copy <env>', says: 'one at once' },
          { command: './cogni settings export <env> --to age1… --out <env>.age', says: 'a new export' },
          {
            command: `./cogni rebuild <env> --without-files --image-tag <tag> ${replace}`,
            says: 'where the host was lost with the last of them',
          },
        ],
      },
      {
        key: 'ARCHIVE_PASSPHRASE',
        without:
          'the host goes on making backups, since it has it; without the host nothing of the archive can be read, ever. Portable copies do not need it',
        errands: [
          {
            says: 'while the host lives, it is in `/opt/cogni/runtime/.env` there: bring it into the settings of whoever deploys, and into a safe',
          },
          {
            says: 'where the host is lost too: the newest portable copy, by hand ([backup.md](../backup.md), "From a portable copy"); what was written since is lost',
          },
        ],
      },
      {
        key: 'ARCHIVE_SECRET',
        without:
          'log waits on the disk of the database, and no backup can be made: `./cogni backup list <env>` says so',
        errands: [
          { says: 'make another key at the storage, with the same rights, and revoke the old one' },
          { command: './cogni settings sync <env>', says: 'where workflows deploy' },
          {
            command: './cogni deploy <env> --image-tag <tag>',
            says: 'the database is restarted once; the backlog is sent',
          },
          {
            command: './cogni backup list <env>',
            says: 'whether the archive takes log again, without a gap',
          },
        ],
      },
      {
        key: {
          name: 'keys for plans (`.cogni/<env>/`)',
          opens: 'kept plans; the state that a rebuild put aside',
        },
        without: 'everything goes on; a plan that was kept can be neither opened nor applied',
        errands: [
          {
            says: 'a checkout makes its own anew; where the record has `plans`, its signers and recipients are changed first',
          },
          { command: './cogni plan <env>', says: 'and plan again' },
        ],
      },
      {
        key: {
          name: 'passphrase of an encrypted state',
          opens: 'the Terraform state',
        },
        without:
          'the host serves, and deploys by its address (`VM_HOST`, `VM_HOST_KEY`); nothing can be planned',
        errands: [
          { says: 'put the state aside, which nobody can read, and begin an empty one' },
          {
            command:
              './cogni plan <env> --import cherryservers_server.host=<id> --import cherryservers_ssh_key.deploy_key=<id>',
            says: 'takes what is there into it; the plan must not want to replace anything',
          },
        ],
      },
      {
        key: 'CHERRY_AUTH_TOKEN',
        without:
          'everything that runs goes on; nothing can be planned, and the inventory cannot be looked at',
        errands: [
          { says: 'make another one in the portal, and revoke the old one' },
          { command: './cogni settings sync <env>', says: 'where workflows plan' },
        ],
      },
      {
        key: 'GHCR_DEPLOY_TOKEN',
        without: 'what runs goes on; nothing can be deployed, and a rebuild cannot pull',
        errands: [
          { says: 'make another one that may read packages, and revoke the old one' },
          { command: './cogni settings sync <env>', says: 'where workflows deploy' },
        ],
      },
    ],
  },
};

/**
 * The runbook of a disaster: how it shows, what to do, and what the command in the middle goes through, from the same data as that.
 *
 * @returns Markdown
 */
export function renderDisaster({
  title,
  about,
  verdicts: ids,
  errands,
  goesThrough,
  keys,
}: Disaster): string {
  return (
    [
      '<!-- Generated from the verdicts, stages and steps that the commands work with; do not edit. Make it again: npm run runbooks -->',
      `# Runbook: ${title}`,
      about,
      ...(ids === undefined ? [] : [shows(ids)]),
      `## What to do\n\n${errandList(errands)}`,
      ...(keys ?? []).map(keyText),
      ...(goesThrough === undefined ? [] : [partsText(goesThrough)]),
    ].join('\n\n') + '\n'
  );
}

function shows(ids: readonly string[]): string {
  const rows = ids.map((id) => {
    const verdict = verdicts.find((each) => each.id === id);
    if (verdict === undefined) throw new Error(`there is no verdict ${id}`);
    const leave = leaves[id];
    const word =
      leave === 'lost'
        ? '`--replace`'
        : leave === 'unsure'
          ? '`--replace` and `--lost <host>@' + id + '`'
          : 'is refused';
    return `| \`${id}\` | ${cell(verdict.means)} | ${word} |`;
  });
  return [
    '## How it shows',
    'What `./cogni host check <env>` says, and the words that a rebuild asks for then:',
    ['| verdict | what it is | a rebuild |', '| --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n');
}

const errandList = (errands: readonly Errand[]): string =>
  errands
    .map(({ command, says }, index) => {
      const text =
        command === undefined ? `${says.charAt(0).toUpperCase()}${says.slice(1)}` : `\`${command}\`: ${says}`;
      return `${index + 1}. ${text}.`;
    })
    .join('\n');

function keyText({ key, without, errands }: LostKey): string {
  const [name, opens] =
    typeof key === 'string' ? [`\`${key}\``, declarationOf(key).description] : [key.name, key.opens];
  return [
    `## ${name}`,
    [`- **What it is for**: ${opens}`, `- **Without it**: ${without}`].join('\n'),
    errandList(errands),
  ].join('\n\n');
}

function partsText({ command, runbook, plan }: NonNullable<Disaster['goesThrough']>): string {
  const parts = 'groups' in plan ? plan.groups.flat() : plan.steps;
  return [
    `## What \`${command}\` goes through`,
    `In short; all of it is in [its runbook](${runbook}). Names, numbers and moments are examples.`,
    [
      '| part | | what is left when it fails |',
      '| --- | --- | --- |',
      ...parts.map(({ id, name, leaves: left }) => `| \`${id}\` | ${cell(name)} | ${cell(left)} |`),
    ].join('\n'),
  ].join('\n\n');
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s+/g, ' ');
