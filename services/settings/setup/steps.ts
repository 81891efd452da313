import { declarationOf, settingNames, settingsFor, type SettingName } from '../catalogue';
import { accountInShell, type SetupState } from './state';

/** As much of an environment's record as the way to it needs. */
export interface SetupEnvironment {
  readonly name: string;
  readonly domain: string;
  readonly www: boolean;
  /** Path of the public key in the checkout: `keys/cogni_preview_deploy.pub`. */
  readonly deployKeyFile: string;
  /** Where the images of the application are: `ghcr.io/owner/name`. */
  readonly imageRepository: string;
  readonly imageTagPrefix: string;
  /** The branch whose commits may be deployed there. */
  readonly branch: string;
  /** Whether what changes it is looked at by a person first. */
  readonly reviewed: boolean;
  /** Id of the stack of its floating address, which `cdktf` wants named beside the host's. @default - it has none */
  readonly addressStack?: string;
  /** Whether its database is archived off the host. */
  readonly archived: boolean;
  /** Where the states of its stacks lie. */
  readonly state: SetupState;
  /** What the services that run there need, whatever the catalogue says of it by itself. */
  readonly needed: readonly SettingName[];
}

export interface SetupStep {
  readonly title: string;
  /** Paragraphs before the commands. */
  readonly text: readonly string[];
  /** Each is tried by a test, which reads it off the page (`test/setup-page.ts`). */
  readonly commands: readonly string[];
  /** Paragraphs after them. */
  readonly after?: readonly string[];
}

/** Workflows, and whoever recovers on another machine, have what was pushed and nothing else. */
export const push = 'git push';

/** From nothing to an environment that serves. */
export function environmentSteps(environment: SetupEnvironment): readonly SetupStep[] {
  const { name, deployKeyFile } = environment;
  const key = keyName(environment);
  return [
    {
      title: 'Deploy key',
      text: [
        'The private half stays with you, in the SSH agent while you work; the public half is committed and pushed. A passphrase is asked for: give it one.',
      ],
      commands: [
        `ssh-keygen -t ed25519 -C ${key} -f ~/.ssh/${key}`,
        `cp ~/.ssh/${key}.pub ${deployKeyFile}`,
        `ssh-add ~/.ssh/${key}`,
        `git add ${deployKeyFile}`,
        `git commit -m "Add the deploy key of ${name}" -- ${deployKeyFile}`,
        push,
      ],
    },
    settingsStep(environment),
    ...hostSteps(environment),
    workflowsStep(environment),
  ];
}

/** From a lost host to an environment that serves again. */
export const recoverySteps = (environment: SetupEnvironment): readonly SetupStep[] => [
  {
    title: 'Have key, token and settings again',
    text: [
      `On a new machine: clone the repository, and import the last export. It brings settings, host key and plan keys, the deploy key, and a state that lay on the lost machine's disk, as old as the export is: keep that elsewhere (\`state\` in \`stacks/environments.ts\`). \`--dry-run\` says by name what would change. On the machine of before it changes nothing that is there. The deploy key of the export still has its passphrase.`,
      'Passwords need not be the old ones: each deploy brings the roles of the database to what the settings say.',
    ],
    commands: [
      `./cogni settings import ${environment.name} <file> --identity <key>`,
      ...accountInShell(environment.state),
      `ssh-add .cogni/${environment.name}/deploy_key`,
      `./cogni settings check ${environment.name}`,
    ],
  },
  {
    title: 'See what is lost',
    text: [
      'Says what became of the machine, and changes nothing. Where the verdict is that all is well, nothing else was lost: stop here. Where it is that the server is gone, or that there is none, go on. Anything else stands with what to do first under `next`: a plan would find nothing to change, or too much.',
    ],
    commands: [`./cogni host check ${environment.name}`],
  },
  ...hostSteps(environment).map((step) =>
    step.title === dnsTitle
      ? { ...step, text: ['Only if the address is another one than before.', ...step.text] }
      : step,
  ),
  {
    title: workflowsTitle,
    text: [
      'Its workflows still have the address and the key of the old host. This gives them those of the new one, and leaves their deploy key as it is. The token is the one of the set-up, or another one with the same rights.',
    ],
    commands: [readToken, `./cogni settings sync ${environment.name} --repository <owner/name>`],
  },
];

const workflowsTitle = 'GitHub Actions';
const readToken = 'read -rs GITHUB_TOKEN && export GITHUB_TOKEN';

/** What workflows need to deploy there: after the first release, when the host has an address and a key. */
function workflowsStep(environment: SetupEnvironment): SetupStep {
  const { name, branch, reviewed } = environment;
  const key = keyName(environment);
  const copy = `~/.ssh/${key.replace(/_deploy$/, '')}_actions`;
  const sync = `./cogni settings sync ${name}`;
  const repository = '--repository <owner/name>';
  return {
    title: workflowsTitle,
    text: [
      `Workflows deploy with settings and a key of their own ([workflows.md](workflows.md)). At GitHub, under "Environments" in the settings of the repository, make one named \`${name}\`, let nothing but the branch \`${branch}\` deploy to it${reviewed ? ', and name reviewers' : ''}. Make a fine-grained token of the repository with read and write for secrets, variables and environments.`,
      'The first command reads that token without showing it. The next two make a copy of the deploy key without a passphrase, which nobody could type there. Then it is shown by name what would be written, and written: the settings, the address of the host and its key to that environment, what all environments have in common to the repository. The last command removes the copy, which GitHub has now.',
      'Where a push to that branch builds images, it builds the `Dockerfile` at the root of the checkout, with the targets `runner` and `migrator` ([workflows.md](workflows.md), "Images"). That is your application\'s, and this repository has none: bring it there first, or every such run fails at the build.',
      `A run works with what its branch has: bring there what this page had you commit (\`git push origin HEAD:${branch}\`, or a pull request where nobody may push to it).`,
    ],
    commands: [
      readToken,
      `cp ~/.ssh/${key} ${copy}`,
      `ssh-keygen -p -N '' -f ${copy}`,
      `${sync} --deploy-key ${copy} ${repository} --dry-run`,
      `${sync} --deploy-key ${copy} ${repository}`,
      `${sync} --no-host --shared ${repository}`,
      `rm ${copy}`,
    ],
    after: [
      'Where no workflow is to reach it, leave this out: every command works from here. What workflows do with plans and states, and how they look at the host every night, wants more ([workflows.md](workflows.md), "Setting up").',
    ],
  };
}

/** Settings that only people know: nobody makes them, and they stand in no record. */
function settingsByHand(needed: readonly SettingName[]): readonly SettingName[] {
  const always = settingsFor('deploy').filter((each) => declarationOf(each).required === true);
  return settingNames.filter((each) => {
    const { generate, scope } = declarationOf(each);
    const isWanted = always.includes(each) || needed.includes(each);
    return isWanted && generate === undefined && scope !== 'environment-record';
  });
}

function settingsStep(environment: SetupEnvironment): SetupStep {
  const { name, needed } = environment;
  const byHand = settingsByHand(needed);
  return {
    title: 'Settings',
    text: [
      `The first command makes passwords and keys in \`.cogni/${name}/settings.env\`, readable by you alone. It never replaces a value. Then write what only you know into the same file, one \`NAME='value'\` a line:`,
      byHand.map((each) => `- \`${each}\`: ${declarationOf(each).description}`).join('\n'),
      'The second command says what is still missing or malformed, in that file and of what this shell has exported, all of it at once, and shows no value.',
      'That file is the only copy. The third command writes everything that a rebuild needs besides the checkout and the backups into one file, which only the holder of the key for exports can open. Keep the file elsewhere, and export again when the host stands (its pinned key, and a state on this disk, belong to it) and whenever a setting has changed.',
    ],
    commands: [
      `./cogni settings generate ${name}`,
      `./cogni settings check ${name}`,
      `./cogni settings export ${name} --to <recipient> --deploy-key ~/.ssh/${keyName(environment)}`,
    ],
    after: ['All settings: [infra/.env.schema.md](../infra/.env.schema.md).'],
  };
}

const dnsTitle = 'DNS records';

function hostSteps({
  name,
  domain,
  www,
  imageTagPrefix,
  addressStack,
}: SetupEnvironment): readonly SetupStep[] {
  const names = [domain, ...(www ? [`www.${domain}`] : [])];
  const stacks = addressStack === undefined ? name : `${addressStack} ${name}`;
  return [
    ...(addressStack === undefined ? [] : [addressStep(addressStack)]),
    {
      title: 'Host',
      text: [
        'Read the plan, then apply it. It ends when the machine has bootstrapped itself, its host key is pinned and its edge answers.',
      ],
      commands: [`npx cdktf diff ${name}`, `npx cdktf deploy ${stacks}`, `./cogni host check ${name}`],
      after: [
        `Later changes of it: \`./cogni plan ${name}\` says what they will really do and keeps the plan, \`./cogni apply ${name} <plan>\` applies exactly that ([plan.md](plan.md)).`,
      ],
    },
    {
      title: dnsTitle,
      text: [
        `The deploy printed the host's address, as \`address\`${addressStack === undefined ? '' : ' (not `floating_address`: nothing answers there yet, [architecture.md](architecture.md), "Limits")'}. Give ${names.map((each) => `\`${each}\``).join(' and ')} an A record with it. The edge asks for its certificate as soon as the name leads to it. Until then it answers over plain HTTP, and before the first release with a plain page and status 503.`,
      ],
      commands: [`getent ahostsv4 ${domain}`],
    },
    {
      title: 'Release',
      text: [
        'By the tag of a build that is in the registry, the application and its migrator, which holds an advisory lock of PostgreSQL while it works ([deploy.md](deploy.md#migrations)). The first command prints every step and changes nothing.',
      ],
      commands: [
        `./cogni deploy ${name} --image-tag ${imageTagPrefix}-<sha> --dry-run`,
        `./cogni deploy ${name} --image-tag ${imageTagPrefix}-<sha>`,
        `curl --fail https://${domain}/version`,
      ],
    },
  ];
}

/** Before the host, whose plan cannot be made while the address is not there. */
const addressStep = (stack: string): SetupStep => ({
  title: 'Floating address',
  text: [
    'It has a stack and a state of its own, so that it outlives the host. Once it is there, this changes nothing.',
  ],
  commands: [`npx cdktf diff ${stack}`, `npx cdktf deploy ${stack}`],
});

const keyName = ({ deployKeyFile }: SetupEnvironment): string =>
  deployKeyFile.slice(deployKeyFile.lastIndexOf('/') + 1).replace(/\.pub$/, '');
