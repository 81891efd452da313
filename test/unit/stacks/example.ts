import type { CherryHost, Environment, EnvironmentRecord } from '../../../stacks/environment';
import { loadEnvironment, type Surroundings } from '../../../stacks/load';
import { ed25519 } from '../infra/keys';

const cherry: CherryHost = {
  kind: 'cherry',
  name: 'preview-cogni',
  project: { fromEnvironment: 'CHERRY_PROJECT_ID' },
  plan: 'B1-4-4gb-80s-shared',
  region: 'LT-Siauliai',
  image: 'ubuntu_22_04',
  deployKeyFile: 'keys/preview.pub',
  swapMebibytes: 2048,
  floatingAddress: false,
};

/** A sound record, with some of it replaced. */
export const record = (
  more: Partial<EnvironmentRecord> = {},
  host: Partial<CherryHost> = {},
): EnvironmentRecord => ({
  name: 'preview',
  domain: 'preview.cogni.dev',
  www: false,
  host: { ...cherry, ...host },
  strategy: 'rolling',
  imageRepository: 'ghcr.io/cogni-dao/cogni-template',
  imageTagPrefix: 'preview',
  acme: { directory: 'https://acme-v02.api.letsencrypt.org/directory' },
  state: { kind: 'local', folder: '.cogni/state' },
  runtime: { litellm: 'with-database', alloy: true },
  policies: { manual: false, protected: false, onFailure: 'rollback' },
  ...more,
});

/** A second one that has nothing in common with the first. */
export const otherRecord = (
  more: Partial<EnvironmentRecord> = {},
  host: Partial<CherryHost> = {},
): EnvironmentRecord =>
  record(
    {
      name: 'production',
      domain: 'cogni.dev',
      policies: { manual: false, protected: true, onFailure: 'rollback' },
      ...more,
    },
    { name: 'production-cogni', deployKeyFile: 'keys/production.pub', floatingAddress: true, ...host },
  );

export const files: Readonly<Record<string, string>> = {
  '/checkout/keys/preview.pub': `${ed25519(1, 'preview')}\n`,
  '/checkout/keys/production.pub': `${ed25519(2, 'production')}\n`,
};

/** Surroundings in which {@link record} and {@link otherRecord} are sound. */
export const surroundings = (more: Partial<Surroundings> = {}): Surroundings => ({
  variables: { CHERRY_PROJECT_ID: '4242' },
  checkout: '/checkout',
  readFile: (path) => files[path],
  lockFaults: [],
  source: '',
  ...more,
});

/** A committed record as it is once somebody has put a domain and a deploy key there: loaded with everything that it says. */
export const filledIn = (committed: EnvironmentRecord): Environment =>
  loadEnvironment(
    committed.name,
    [{ ...committed, domain: `${committed.name}.cogni.dev` }],
    surroundings({ readFile: () => `${ed25519(3, committed.name)}\n` }),
  );
