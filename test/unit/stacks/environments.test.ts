import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkout } from '../../../infra/checkout';
import { environments } from '../../../stacks/environments';
import { lineOf } from '../../../stacks/fault';
import { loadEnvironments } from '../../../stacks/load';
import { ed25519 } from '../infra/keys';
import { surroundings } from './example';

const source = readFileSync(join(checkout, 'stacks', 'environments.ts'), 'utf8');
const lineText = (environment: string, field: string): string =>
  source.split('\n')[lineOf(source, { environment, field })! - 1]!.trim();

describe('the committed environments', () => {
  it('are preview and production, on the hosts and with the keys that the specification names', () => {
    expect(environments.map(({ name, host }) => [name, host])).toMatchObject([
      [
        'preview',
        { name: 'preview-cogni', deployKeyFile: 'keys/cogni_preview_deploy.pub', floatingAddress: false },
      ],
      [
        'production',
        { name: 'production-cogni', deployKeyFile: 'keys/cogni_prod_deploy.pub', floatingAddress: true },
      ],
    ]);
    expect(environments.map(({ imageTagPrefix }) => imageTagPrefix)).toEqual(['preview', 'prod']);
  });

  it('protect production, and production alone', () => {
    expect(environments.map(({ policies }) => policies.protected)).toEqual([false, true]);
  });

  it('are sound but for what only their owner can know', () => {
    const filledIn = environments.map((record) => ({ ...record, domain: `${record.name}.cogni.dev` }));
    const readFile = (path: string): string => ed25519(path.length);
    expect(loadEnvironments(filledIn, surroundings({ readFile }))).toHaveLength(2);
  });
});

describe('the line of a fault', () => {
  it.each([
    ['preview', 'name', "name: 'preview',"],
    ['preview', 'domain', "domain: 'preview.example.org',"],
    ['production', 'domain', "domain: 'example.org',"],
    ['production', 'host.name', "name: 'production-cogni',"],
    ['production', 'host.plan', "plan: 'B1-4-4gb-80s-shared',"],
    [
      'production',
      'policies.onFailure',
      "policies: { manual: false, protected: true, onFailure: 'rollback' },",
    ],
    ['preview', 'acme.email', "acme: { directory: 'https://acme-v02.api.letsencrypt.org/directory' },"],
  ])('is found for the %s of %s', (environment, field, text) => {
    expect(lineText(environment, field)).toBe(text);
  });

  it('is unknown for an environment that is not in the file', () => {
    expect(lineOf(source, { environment: 'staging', field: 'domain' })).toBeUndefined();
  });
});
