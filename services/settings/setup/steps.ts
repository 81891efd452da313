import { declarationOf, settingNames, settingsFor, type SettingName } from '../catalogue';

/** As much of an environment's record as the way to it needs. */
export interface SetupEnvironment {
  readonly name: string;
  readonly domain: string;
  readonly www: boolean;
  /** Path of the public key in the checkout: `keys/cogni_preview_deploy.pub`. */
  readonly deployKeyFile: string;
  readonly imageTagPrefix: string;
  /** Id of the stack of its floating address, which `cdktf` wants named beside the host's. @default - it has none */
  readonly addressStack?: string;
  /** Whether its database is archived off the host. */
  readonly archived: boolean;
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

/** Accounts that are needed as soon as one environment needs the setting; `step` is told which ones do. */
const serviceAccounts: readonly {
  readonly setting: SettingName;
  readonly step: (environments: string) => SetupStep;
}[] = [
  {
    setting: 'OPENROUTER_API_KEY',
    step: (environments) => ({
      title: 'OpenRouter',
      text: [
        `LiteLLM asks the language models through it (${environments}). Make an account, put credit on it, and make an API key for each environment. Where there is to be no LiteLLM, write \`litellm: 'off'\` into the environment's record instead.`,
      ],
      commands: [],
    }),
  },
  {
    setting: 'GRAFANA_CLOUD_LOKI_URL',
    step: (environments) => ({
      title: 'Grafana Cloud',
      text: [
        `Alloy sends logs and metrics there (${environments}). Make an account and a stack; its pages of Loki and of Prometheus show the addresses and the users. Under "Access policies" make two tokens for each environment: one that may write logs, one that may write metrics, and nothing else. Where there is to be no Alloy, write \`alloy: false\` into the environment's record instead.`,
      ],
      commands: [],
    }),
  },
  {
    setting: 'SOURCECRED_GITHUB_TOKEN',
    step: (environments) => ({
      title: 'A token for SourceCred',
      text: [
        `SourceCred reads the repositories with a classic GitHub token (${environments}), which needs no scope for public ones.`,
      ],
      commands: [],
    }),
  },
];

/** Once, before any environment. */
export const accountSteps = (environments: readonly SetupEnvironment[]): readonly SetupStep[] => [
  {
    title: 'This machine',
    text: [
      'Needed: Node.js 20.19+ or 22, OpenSSH, and Terraform 1.10 or newer (or OpenTofu). The first command installs and compiles the rest.',
    ],
    commands: ['./cogni --help'],
    after: ['To see the whole journey without any account first: `./cogni sandbox demo`.'],
  },
  {
    title: 'Cherry Servers',
    text: [
      'Make an account, put money on it, and make a project. Its number is in the address of its page. Under "API keys", make a token.',
      `${declaredAs('CHERRY_PROJECT_ID')} ${declaredAs('CHERRY_AUTH_TOKEN')} The second command reads the token without showing it or leaving it in the shell's history.`,
    ],
    commands: ['export CHERRY_PROJECT_ID=123456', 'read -rs CHERRY_AUTH_TOKEN && export CHERRY_AUTH_TOKEN'],
  },
  {
    title: 'GitHub and the registry bot',
    text: [
      "The application's images are in GitHub's registry, under `imageRepository` in `stacks/environments.ts`. Make an account for a bot, let it read those packages, and make it a personal access token (classic) with `read:packages` and nothing else.",
      "The host logs in with that account to pull. Its name and token go into each environment's settings below.",
    ],
    commands: [],
  },
  ...serviceAccounts.flatMap(({ setting, step }) => {
    const wanting = environments.filter(({ needed }) => needed.includes(setting));
    return wanting.length === 0 ? [] : [step(wanting.map(({ name }) => name).join(', '))];
  }),
  {
    title: 'DNS',
    text: [
      `Have a domain whose records you can change, and write the names into \`stacks/environments.ts\`, in place of the placeholders: ${environments.map(({ name, domain }) => `\`${domain}\` (${name})`).join(', ')}. The records themselves come later, when the hosts have addresses.`,
    ],
    commands: [],
  },
  {
    title: 'Images and providers',
    text: [
      'Both locks say by hash what is used. Make them where the registries can be reached, and commit them. While a lock has gaps, commands that need it say so and name these.',
    ],
    commands: [
      './cogni images lock',
      './cogni providers lock',
      'git commit -m "Lock images and providers" -- services/images.lock.json infra/locks/providers.lock.hcl',
    ],
  },
];

/** From nothing to an environment that serves. */
export function environmentSteps(environment: SetupEnvironment): readonly SetupStep[] {
  const { name, deployKeyFile } = environment;
  const key = keyName(environment);
  return [
    {
      title: 'Deploy key',
      text: [
        'The private half stays with you, in the SSH agent while you work; the public half is committed. A passphrase is asked for: give it one.',
      ],
      commands: [
        `ssh-keygen -t ed25519 -C ${key} -f ~/.ssh/${key}`,
        `cp ~/.ssh/${key}.pub ${deployKeyFile}`,
        `ssh-add ~/.ssh/${key}`,
        `git add ${deployKeyFile}`,
        `git commit -m "Add the deploy key of ${name}" -- ${deployKeyFile}`,
      ],
    },
    settingsStep(environment),
    ...hostSteps(environment),
  ];
}

/** From a lost host to an environment that serves again. */
export const recoverySteps = (environment: SetupEnvironment): readonly SetupStep[] => [
  {
    title: 'See what is lost',
    text: [
      'Says whether the machine that answers is the one that was pinned. It reads the state, with `CHERRY_PROJECT_ID` set as above, and changes nothing.',
    ],
    commands: [`./cogni host check ${environment.name}`],
  },
  {
    title: 'Have key, token and settings again',
    text: [
      `On a new machine: clone the repository, and import the last export. It brings settings, host key and plan keys, the deploy key, and a state that lay on the lost machine's disk, as old as the export is: keep that elsewhere (\`state\` in \`stacks/environments.ts\`). \`--dry-run\` says by name what would change; then set \`CHERRY_PROJECT_ID\` and \`CHERRY_AUTH_TOKEN\` as above.`,
      'Passwords need not be the old ones: each deploy brings the roles of the database to what the settings say.',
    ],
    commands: [
      `./cogni settings import ${environment.name} <file> --identity <key>`,
      `ssh-add ~/.ssh/${keyName(environment)}`,
      `./cogni settings check ${environment.name}`,
    ],
  },
  ...hostSteps(environment).map((step) =>
    step.title === dnsTitle
      ? { ...step, text: ['Only if the address is another one than before.', ...step.text] }
      : step,
  ),
];

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
      'The second command says what is still missing or malformed, all of it at once, and shows no value.',
      'That file is the only copy. The third command writes everything that a rebuild needs besides the checkout and the backups into one file, which only the holders of the private keys can open (`age-keygen` makes one; the recipient is its public half). Keep the file where your team keeps its secrets and the key apart from it, and export again whenever a setting has changed.',
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
        `The deploy printed the host's address. Give ${names.map((each) => `\`${each}\``).join(' and ')} an A record with it. The edge asks for its certificate as soon as the name leads to it. Until then it answers over plain HTTP, and before the first release with a plain page and status 503.`,
      ],
      commands: [`getent ahostsv4 ${domain}`],
    },
    {
      title: 'Release',
      text: [
        'By the tag of a build that is in the registry, the application and its migrator. The first command prints every step and changes nothing.',
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

function declaredAs(name: 'CHERRY_PROJECT_ID' | 'CHERRY_AUTH_TOKEN'): string {
  return `\`${name}\`: ${declarationOf(name).description}.`;
}
