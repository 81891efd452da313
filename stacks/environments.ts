import type { EnvironmentRecord } from './environment';

/**
 * The environments there are. Adding one is adding a record here, and its public key to keys/; nothing else names
 * environments.
 *
 * What only you can know is marked: a domain under example.org is a placeholder that refuses every command for its
 * environment until it is replaced.
 */
export const environments: readonly EnvironmentRecord[] = [
  {
    name: 'preview',
    // Yours: a name whose A record you can point at the host.
    domain: 'preview.example.org',
    www: false,
    host: {
      kind: 'cherry',
      name: 'preview-cogni',
      project: { fromEnvironment: 'CHERRY_PROJECT_ID' },
      plan: 'B1-4-4gb-80s-shared',
      region: 'LT-Siauliai',
      image: 'ubuntu_22_04',
      deployKeyFile: 'keys/cogni_preview_deploy.pub',
      swapMebibytes: 2048,
      floatingAddress: false,
    },
    strategy: 'rolling',
    imageRepository: 'ghcr.io/cogni-dao/cogni-template',
    imageTagPrefix: 'preview',
    acme: { directory: 'https://acme-v02.api.letsencrypt.org/directory' },
    state: { kind: 'local', folder: '.cogni/state' },
    runtime: { litellm: 'with-database', alloy: true },
    delivery: { branch: 'staging', kind: 'test' },
    policies: { manual: false, protected: false, onFailure: 'rollback' },
  },
  {
    name: 'production',
    // Yours: a name whose A record you can point at the host (not at the floating address yet: docs/architecture.md, Limits).
    domain: 'example.org',
    www: true,
    host: {
      kind: 'cherry',
      name: 'production-cogni',
      project: { fromEnvironment: 'CHERRY_PROJECT_ID' },
      plan: 'B1-4-4gb-80s-shared',
      region: 'LT-Siauliai',
      image: 'ubuntu_22_04',
      deployKeyFile: 'keys/cogni_prod_deploy.pub',
      swapMebibytes: 2048,
      floatingAddress: true,
    },
    strategy: 'rolling',
    imageRepository: 'ghcr.io/cogni-dao/cogni-template',
    imageTagPrefix: 'prod',
    acme: { directory: 'https://acme-v02.api.letsencrypt.org/directory' },
    // Before more than one person or machine deploys: { kind: 's3', … } or { kind: 'pg' } (infra/backend.ts).
    state: { kind: 'local', folder: '.cogni/state' },
    runtime: { litellm: 'with-database', alloy: true },
    delivery: { branch: 'main', kind: 'serve' },
    policies: { manual: false, protected: true, onFailure: 'rollback' },
  },
];
