import { declarationOf, type SettingName } from '../catalogue';
import { stateCredentials } from '../state-credentials';
import type { SetupStep } from './steps';

/** As much of a record's `state` as the way to an environment needs. */
export interface SetupState {
  readonly kind: keyof typeof stateCredentials;
  /** What of it there must be before the first plan: a bucket by its name, a server by its address. @default - nothing that has a name */
  readonly place?: string;
}

/** Of an environment. */
interface Stated {
  readonly name: string;
  readonly state: SetupState;
}

/** Where states lie, what of it has to be made, and what its credentials have to be good for. */
const texts: Readonly<Record<SetupState['kind'], (places: string) => string>> = {
  local: () => '',
  s3: (buckets) =>
    `in S3: ${buckets}. Make that, with versioning: it is the way back from a damaged state. Make one key that may list there, and read, write and delete: the lock of Terraform is a file there.`,
  pg: () =>
    'in a database of PostgreSQL. Make it, and a role that may make schemas in it. The connection is a URL; its `sslmode` says whether the server is asked who it is.',
  http: (servers) =>
    `on a server that speaks the HTTP protocol of Terraform: ${servers}. Have an account there.`,
};

/**
 * One step for each kind of state that asks for credentials, in the order of the environments. The names of credentials are of the
 * repository: all environments whose state is of one kind have the same.
 */
export const stateSteps = (environments: readonly Stated[]): readonly SetupStep[] =>
  [...new Set(environments.map(({ state }) => state.kind))].flatMap((kind): readonly SetupStep[] => {
    const credentials = stateCredentials[kind];
    if (credentials.length === 0) return [];
    const here = environments.filter(({ state }) => state.kind === kind);
    const places = here.map(({ name, state: { place = '' } }) => `\`${place}\` (${name})`).join(', ');
    return [
      {
        title: `State of ${here.map(({ name }) => name).join(' and ')}`,
        text: [
          `Terraform keeps it ${texts[kind](places)} It reads the credentials from the shell, like those of the account. ${declared(credentials)}`,
        ],
        commands: stateInShell(kind),
      },
    ];
  });

/**
 * What Terraform and the commands that ask the provider read, for the rest of the shell's life: the account, and the credentials of a
 * state.
 *
 * @param state whose credentials are wanted as well. @default - none
 */
export const accountInShell = (state?: SetupState): readonly string[] => [
  typedIn('CHERRY_PROJECT_ID'),
  typedIn('CHERRY_AUTH_TOKEN'),
  ...(state === undefined ? [] : stateInShell(state.kind)),
];

const stateInShell = (kind: SetupState['kind']): readonly string[] => stateCredentials[kind].map(typedIn);

/** Neither in the shell's history nor, of a secret, on the screen. A value that stood here would be taken as it is: a stranger's project. */
const typedIn = (name: SettingName): string =>
  `read ${declarationOf(name).kind === 'secret' ? '-rs' : '-r'} ${name} && export ${name}`;

/** What settings mean, as the catalogue says it: `\`A\`: what it is. \`B\`: what that is.` */
export const declared = (names: readonly SettingName[]): string =>
  names.map((name) => `\`${name}\`: ${declarationOf(name).description}.`).join(' ');
