import { load } from 'js-yaml';
import { Failure } from '../../../../foundation/failure';
import type { SourcecredInstance } from '../../../../services/sourcecred/instance';
import { renderSourcecred, sourcecred } from '../../../../services/sourcecred/sourcecred';
import { digest } from '../example';

const instance: SourcecredInstance = {
  repositories: ['cogni-dao/cogni-template'],
  currency: { name: 'CogniTemplate', suffix: 'COGTMP' },
};
const image = `ghcr.test/cogni/runner@${digest('e')}` as const;
const rendered = (more: Partial<SourcecredInstance> = {}) =>
  renderSourcecred({ image, instance: { ...instance, ...more } });
const fileOf = (path: string, files = rendered()): unknown =>
  JSON.parse(files.find((file) => file.path.endsWith(`/${path}`))?.content ?? 'null');

interface ServiceEntry {
  readonly [key: string]: unknown;
  readonly volumes: readonly { readonly [key: string]: unknown }[];
  readonly environment: Readonly<Record<string, string>>;
}
const compose = load(rendered()[0]?.content ?? '') as {
  readonly name: string;
  readonly services: Readonly<Record<string, ServiceEntry>>;
  readonly networks: unknown;
  readonly volumes: unknown;
};
const service = compose.services[sourcecred.service] as ServiceEntry;

describe('SourceCred as a project', () => {
  it('is a project of its own on the network that it shares with the edge', () => {
    expect(compose.name).toBe('cogni-sourcecred');
    expect(compose.networks).toEqual({ edge: { name: 'cogni-edge', external: true } });
    expect(Object.keys(compose.services)).toEqual(['sourcecred']);
  });

  it('publishes no port: the route of the edge is the only way in', () => {
    expect(service).not.toHaveProperty('ports');
    expect(service['networks']).toEqual({ edge: { aliases: ['sourcecred'] } });
  });

  it('keeps its data in a named volume, and mounts nothing else that can be written to', () => {
    expect(compose.volumes).toEqual({ data: { name: 'cogni-sourcecred_data' } });
    const [configuration, data, memory, ...more] = service.volumes;
    expect(configuration).toMatchObject({ type: 'bind', target: '/etc/sourcecred', read_only: true });
    expect(data).toMatchObject({ type: 'volume', source: 'data', target: '/instance' });
    expect(memory).toMatchObject({ type: 'tmpfs', target: '/tmp' });
    expect(more).toEqual([]);
  });

  it('runs without rights, on a root that cannot be written to, within limits', () => {
    expect(service).toMatchObject({
      user: '1001:1001',
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      mem_limit: '1g',
      cpus: '0.5',
      pids_limit: 128,
      restart: 'unless-stopped',
    });
    expect(service['cap_add']).toBeUndefined();
  });

  it('keeps the heap below its memory limit', () => {
    expect(service.environment['NODE_OPTIONS']).toBe('--max-old-space-size=768');
  });

  it('gives the first computation more than the five minutes that it is known to take', () => {
    expect(service['healthcheck']).toMatchObject({ start_period: '12m', timeout: '5s' });
  });

  it('reads its token from the environment of the host, which must have it', () => {
    expect(service.environment['SOURCECRED_GITHUB_TOKEN']).toMatch(/^\$\{SOURCECRED_GITHUB_TOKEN:\?/);
  });

  it('is made anew when its configuration changes, and at no other time', () => {
    const mounted = (files: ReturnType<typeof rendered>): unknown =>
      (load(files[0]?.content ?? '') as typeof compose).services['sourcecred']?.volumes[0];
    expect(mounted(rendered())).toEqual(mounted(rendered()));
    expect(mounted(rendered({ repositories: ['cogni-dao/other'] }))).not.toEqual(mounted(rendered()));
  });
});

describe("SourceCred's configuration", () => {
  it('has no ledger: that is data, and a deploy has none', () => {
    expect(rendered().filter(({ path }) => /ledger|data\//.test(path))).toEqual([]);
  });

  it('names the repositories and the plugin that reads them', () => {
    expect(fileOf('sourcecred.json')).toEqual({ bundledPlugins: ['sourcecred/github'] });
    expect(fileOf('config/plugins/sourcecred/github/config.json')).toEqual({
      repositories: ['cogni-dao/cogni-template'],
    });
  });

  it('weighs what the specification’s system weighs, and reactions not at all', () => {
    expect(fileOf('config/weights.json')).toEqual([
      { type: 'sourcecred/weights', version: '0.2.0' },
      {
        nodeWeights: {
          'N\0sourcecred\0github\0COMMENT\0': 0.5,
          'N\0sourcecred\0github\0COMMIT\0': 1,
          'N\0sourcecred\0github\0ISSUE\0': 1,
          'N\0sourcecred\0github\0PULL\0': 8,
          'N\0sourcecred\0github\0REPO\0': 0,
          'N\0sourcecred\0github\0REVIEW\0': 2,
        },
        edgeWeights: { 'E\0sourcecred\0github\0REACTS\0': { forwards: 0, backwards: 0 } },
      },
    ]);
  });

  it('proposes grain by two policies, one distribution at a time', () => {
    expect(fileOf('config/grain.json')).toEqual({
      allocationPolicies: [
        { policyType: 'RECENT', budget: 600, discount: 0.6 },
        { policyType: 'BALANCED', budget: 400 },
      ],
      maxSimultaneousDistributions: 1,
    });
  });

  it('is refused with every fault of it', () => {
    const render = (): unknown =>
      renderSourcecred({
        image,
        instance: {
          repositories: ['cogni', 'a/b c'],
          currency: { name: '', suffix: ' C' },
          weights: { comment: -1, commit: 1, issue: NaN, pull: 8, repo: 0, review: 2 },
          grain: [
            { policy: 'RECENT', budget: 0, discount: 2 },
            { policy: 'BALANCED', budget: -1 },
          ],
        },
      });
    expect(render).toThrow(Failure);
    for (const fault of [
      'the repository "cogni" is not owner/name',
      'the repository "a/b c" is not owner/name',
      'the currency name "" is not 1 to 50 characters',
      'the currency suffix " C" is not 1 to 10 characters without spaces around',
      'the weight of comment, -1, is not a number from 0',
      'the weight of issue, NaN, is not a number from 0',
      'the budget of grain policy 1, 0, is not more than 0',
      'the discount of grain policy 1, 2, is not from 0 to 1',
      'the budget of grain policy 2, -1, is not more than 0',
    ]) {
      expect(render).toThrow(`  - ${fault}`);
    }
  });
});
