import type { ConfigFile } from '../../compose';

/** What an instance of SourceCred looks at and how it weighs it. Formats: sourcecred 0.11.2, `src/api` and `src/core`. */
export interface SourcecredInstance {
  /** GitHub repositories, `owner/name`. */
  readonly repositories: readonly [string, ...string[]];
  /** What people see instead of "Grain". */
  readonly currency: { readonly name: string; readonly suffix: string };
  /** How much one of each counts. A changed weight changes every score, the old ones too. @default {@link defaultWeights} */
  readonly weights?: Readonly<Record<Contribution, number>>;
  /** @default {@link defaultGrain}: proposed to a person, never paid out by itself */
  readonly grain?: readonly GrainPolicy[];
}

export type Contribution = 'comment' | 'commit' | 'issue' | 'pull' | 'repo' | 'review';

export type GrainPolicy =
  /** Shares a budget by recent scores, each week back counting `1 - discount` of the one after it. */
  | { readonly policy: 'RECENT'; readonly budget: number; readonly discount: number }
  /** Shares a budget among those who have been paid too little so far. */
  | { readonly policy: 'BALANCED'; readonly budget: number };

export const defaultWeights: Readonly<Record<Contribution, number>> = {
  comment: 0.5,
  commit: 1,
  issue: 1,
  pull: 8,
  repo: 0,
  review: 2,
};

export const defaultGrain: readonly GrainPolicy[] = [
  { policy: 'RECENT', budget: 600, discount: 0.6 },
  { policy: 'BALANCED', budget: 400 },
];

/** Share of all scores that goes to SourceCred itself, for being depended upon. */
const dependencyWeight = 0.05;

const repositoryForm = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,37}[A-Za-z0-9])?\/[A-Za-z0-9._-]{1,100}$/;

/** Everything that is wrong with an instance, each as a sentence with the value. */
export function instanceFaults({
  repositories,
  currency,
  weights = {} as Record<Contribution, number>,
  grain = [],
}: SourcecredInstance): readonly string[] {
  const text = (name: string, value: string, most: number): readonly string[] =>
    value.trim() === value && value.length > 0 && value.length <= most
      ? []
      : [`${name} "${value}" is not 1 to ${most} characters without spaces around`];
  return [
    ...(repositories.length === 0 ? ['repositories names none'] : []),
    ...repositories
      .filter((repository) => !repositoryForm.test(repository))
      .map((repository) => `the repository "${repository}" is not owner/name`),
    ...text('the currency name', currency.name, 50),
    ...text('the currency suffix', currency.suffix, 10),
    ...Object.entries(weights)
      .filter(([, weight]) => !(Number.isFinite(weight) && weight >= 0))
      .map(([name, weight]) => `the weight of ${name}, ${weight}, is not a number from 0`),
    ...grain.flatMap((policy, index) => [
      ...(Number.isFinite(policy.budget) && policy.budget > 0
        ? []
        : [`the budget of grain policy ${index + 1}, ${policy.budget}, is not more than 0`]),
      ...(policy.policy === 'BALANCED' || (policy.discount >= 0 && policy.discount <= 1)
        ? []
        : [`the discount of grain policy ${index + 1}, ${policy.discount}, is not from 0 to 1`]),
    ]),
  ];
}

/**
 * The configuration of an instance, as SourceCred finds it in its folder. It has no ledger: that is data, and belongs
 * to the instance's volume.
 */
export function instanceFiles(instance: SourcecredInstance): readonly ConfigFile[] {
  const { repositories, currency, weights = defaultWeights, grain = defaultGrain } = instance;
  return [
    json('sourcecred.json', { bundledPlugins: ['sourcecred/github'] }),
    json('config/plugins/sourcecred/github/config.json', { repositories }),
    json('config/weights.json', [
      { type: 'sourcecred/weights', version: '0.2.0' },
      {
        nodeWeights: Object.fromEntries(
          Object.entries(weights).map(([name, weight]) => [nodeAddress(name), weight]),
        ),
        edgeWeights: { [reactions]: { forwards: 0, backwards: 0 } },
      },
    ]),
    json('config/grain.json', {
      allocationPolicies: grain.map(({ policy, ...more }) => ({ policyType: policy, ...more })),
      maxSimultaneousDistributions: 1,
    }),
    json('config/currencyDetails.json', { currencyName: currency.name, currencySuffix: currency.suffix }),
    json('config/dependencies.json', [
      {
        name: 'sourcecred',
        autoActivateOnIdentityCreation: false,
        autoInjectStartingPeriodWeight: dependencyWeight,
        periods: [],
      },
    ]),
  ];
}

const json = (path: string, value: unknown): ConfigFile => ({
  path,
  content: `${JSON.stringify(value, null, 2)}\n`,
});

/** An address is its parts, each ended by NUL, after a letter for its kind (sourcecred 0.11.2, core/address.js). */
const nodeAddress = (kind: string): string => `N\0sourcecred\0github\0${kind.toUpperCase()}\0`;

/** Edges from a reaction to what it is about; bots and emoji would otherwise mint scores. */
const reactions = 'E\0sourcecred\0github\0REACTS\0';
