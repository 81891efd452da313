import type { SettingName } from '../catalogue';
import { accountInShell, declared, stateSteps } from './state';
import { push, type SetupEnvironment, type SetupStep } from './steps';

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
    setting: 'ARCHIVE_KEY',
    step: (environments) => ({
      title: 'Object storage for the archive',
      text: [
        `The database is archived in a bucket away from the host (${environments}). Make the bucket with versions and object lock, and the key of a writer that can delete nothing; the image with pgBackRest is named in the record. What each of them must be: [backup.md](backup.md).`,
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

const exportKeyFile = '~/cogni-exports.txt';

/** Once, before any environment. */
export const accountSteps = (environments: readonly SetupEnvironment[]): readonly SetupStep[] => [
  {
    title: 'This machine',
    text: [
      'Needed: Node.js 20.19+ or 22, OpenSSH with a running agent (`eval "$(ssh-agent)"` starts one), age, flock of util-linux, and Terraform 1.10 or newer (or OpenTofu). The first command installs and compiles the rest.',
      'The checkout is a clone of a repository at GitHub that is yours. What this page has you commit is pushed there at once: workflows run what stands there, and a new machine begins with it. Until the last step of an environment, runs of its workflows fail for want of settings, and reach no host.',
    ],
    commands: ['./cogni --help'],
    after: ['To see the whole journey without any account first: `./cogni sandbox demo`.'],
  },
  {
    title: 'Cherry Servers',
    text: [
      'Make an account, put money on it, and make a project. Its number is in the address of its page. Under "API keys", make a token.',
      `${declared(['CHERRY_PROJECT_ID', 'CHERRY_AUTH_TOKEN'])} Each command waits for you to type or paste what it names; the token is not shown.`,
    ],
    commands: accountInShell(),
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
      `Have a domain whose records you can change. The records themselves come later, when the hosts have addresses.`,
    ],
    commands: [],
  },
  {
    title: 'Environments',
    text: [
      `Write the names into \`stacks/environments.ts\`, in place of the placeholders: ${environments.map(({ name, domain }) => `\`${domain}\` (${name})`).join(', ')}. \`imageRepository\` is where your application's images are; what stands there is another project's until you write yours: ${environments.map(({ name, imageRepository }) => `\`${imageRepository}\` (${name})`).join(', ')}. There stands as well where the states of Terraform lie (\`state\`): on this machine's disk, which is for one person alone; before more than one deploys, or a workflow plans, in a bucket, a database or on a server (\`infra/backend.ts\`).`,
      'The first command makes this page again: what it asks for from here on is what the environments of then need. The second one makes the workflows again.',
    ],
    commands: [
      './cogni settings docs',
      'npm run workflows',
      'git add stacks docs .github',
      'git commit -m "Make the environments ours"',
      push,
    ],
  },
  ...stateSteps(environments),
  {
    title: 'A key for exports',
    text: [
      "The settings of an environment are the one thing that stands in no repository and in no backup: they are exported into a file that only the holder of this key can open. The command writes the key's private half into a file, and prints the public half, the recipient of the exports below. Then keep that file where your team keeps its secrets, and apart from the exports.",
    ],
    commands: [`age-keygen -o ${exportKeyFile}`],
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
      push,
    ],
  },
];
