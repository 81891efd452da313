import { rmSync } from 'node:fs';
import { readSettings, renderDotEnv, renderRuntime, runtimeVariables, settingsFor } from '../../../services';
import { committedRunnerLock } from '../../../services/sourcecred/runner-lock';
import { renderSourcecred } from '../../../services/sourcecred/sourcecred';
import { environments } from '../../../stacks/environments';
import type { EnvironmentRecord } from '../../../stacks/environment';
import { runtimePropsOf } from '../../../stacks/runtime';
import { requireSourcecred } from '../../../stacks/sourcecred';
import { deploySettings, digest, release, resolvedLock } from '../../unit/services/example';
import { runtimeProps, sourcecredProps } from '../../unit/services/everything';
import { filledIn, record } from '../../unit/stacks/example';
import { compose, resolved, writeFiles, type Resolved } from './compose-program';

const token = 'x0123456789'.repeat(4);

/** A sound value for everything that the services of a whole host read. */
const settings: Readonly<Record<string, string>> = {
  ...deploySettings,
  LITELLM_MASTER_KEY: `sk-${token}`,
  OPENROUTER_API_KEY: token,
  GRAFANA_CLOUD_LOKI_URL: 'https://logs.test/loki/api/v1/push',
  GRAFANA_CLOUD_LOKI_USER: '1',
  GRAFANA_CLOUD_LOKI_API_KEY: token,
  PROMETHEUS_REMOTE_WRITE_URL: 'https://prometheus.test/api/prom/push',
  PROMETHEUS_USERNAME: '2',
  PROMETHEUS_PASSWORD: token,
  METRICS_TOKEN: token,
  ARCHIVE_KEY: 'uploader',
  ARCHIVE_SECRET: token,
  ARCHIVE_PASSPHRASE: token,
};

/** A record that asks for everything, on a host that is large enough for it. */
const wholeRecord = record(
  {
    name: 'everything',
    ...(runtimeProps.archive && { archive: runtimeProps.archive }),
    sourcecred: sourcecredProps.instance,
  },
  { plan: 'B1-8-16gb-80s-shared' },
);

/** As after a release of the runner that nobody takes for a real one. */
const released = {
  ...committedRunnerLock(),
  release: {
    tag: 'sc0.11.2-node18-2026-11-21',
    digest: digest('9'),
    releasedAt: '2026-11-21T12:00:00.000Z',
    base: '',
    buildBase: '',
  },
};

/** Those of stacks/environments.ts, and that one. */
const records = [...environments, wholeRecord].map((each) => [each.name, each] as const);

/** Services that a record has besides those that every one has. */
const moreOf = ({ runtime, archive }: EnvironmentRecord): readonly string[] => [
  ...(runtime.litellm === 'off' ? [] : ['litellm']),
  ...(runtime.alloy ? ['alloy'] : []),
  ...(archive ? ['backup'] : []),
  ...(archive?.copies ? ['copies'] : []),
];

describe('what Docker Compose makes of whole hosts', () => {
  const folders: string[] = [];
  const written = (...files: Parameters<typeof writeFiles>[0]): string => {
    const folder = writeFiles(files);
    folders.push(folder);
    return folder;
  };
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

  it.each(records)('takes the runtime of the record %s, with nothing to warn of', async (_name, each) => {
    // With images that nobody takes for real ones.
    const props = runtimePropsOf(filledIn(each), resolvedLock());
    const values = runtimeVariables(readSettings(settings, 'deploy'), release, props);
    const folder = written(...renderRuntime(props), {
      path: '.env',
      content: renderDotEnv(values).reveal(),
    });
    expect(await compose(folder, '--profile', 'bootstrap', 'config', '--quiet')).toMatchObject({
      code: 0,
      stderr: '',
    });
    const { services } = await resolved(folder, '--profile', 'bootstrap');
    expect(Object.keys(services).sort()).toEqual(
      ['app-a', 'db-migrate', 'db-provision', 'postgres', ...moreOf(each)].sort(),
    );
    if (each.runtime.litellm === 'with-database') {
      expect(services['litellm']?.environment?.['LITELLM_DATABASE_URL']).toMatch(
        /^postgresql:\/\/cogni_litellm:/,
      );
    }
    expectLimits(services);
  });

  it('takes the SourceCred of a record, with nothing to warn of', async () => {
    const props = requireSourcecred(filledIn(wholeRecord), released);
    if (props === undefined) throw new Error('the record has no SourceCred');
    expect(settingsFor('sourcecred')).toContain('SOURCECRED_GITHUB_TOKEN');
    const folder = written(...renderSourcecred(props), {
      path: '.env',
      content: renderDotEnv([['SOURCECRED_GITHUB_TOKEN', token]]).reveal(),
    });
    expect(await compose(folder, 'config', '--quiet')).toMatchObject({ code: 0, stderr: '' });
    const { name, services, networks, volumes } = await resolved(folder);
    expect(name).toBe('cogni-sourcecred');
    expect(services['sourcecred']?.environment).toMatchObject({ SOURCECRED_GITHUB_TOKEN: token });
    expect(networks).toMatchObject({ edge: { name: 'cogni-edge', external: true } });
    expect(volumes).toMatchObject({ data: { name: 'cogni-sourcecred_data' } });
    expectLimits(services);
  });
});

/** Compose has read each limit as one. */
function expectLimits(services: Resolved['services']): void {
  for (const [name, { mem_limit }] of Object.entries(services)) {
    expect([name, Number(mem_limit) > 0]).toEqual([name, true]);
  }
}
