import { rmSync } from 'node:fs';
import {
  readSettings,
  renderDotEnv,
  renderRuntime,
  runtimeVariables,
  settingsFor,
  type RuntimeProps,
} from '../../../services';
import { renderSourcecred } from '../../../services/sourcecred/sourcecred';
import { environments } from '../../../stacks/environments';
import { loadEnvironment } from '../../../stacks/load';
import { runtimePropsOf } from '../../../stacks/runtime';
import { deploySettings, release, resolvedLock } from '../../unit/services/example';
import { runtimeProps, sourcecredProps } from '../../unit/services/everything';
import { record, surroundings } from '../../unit/stacks/example';
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

/** What each record of stacks/environments.ts runs, with images that nobody takes for real ones. */
const ofRecords = environments.map(
  ({ name, runtime }) =>
    [
      `the record of ${name}`,
      runtimePropsOf(
        { ...loadEnvironment('preview', [record()], surroundings()), name, runtime },
        resolvedLock(),
      ),
    ] as const,
);

describe('what Docker Compose makes of whole hosts', () => {
  const folders: string[] = [];
  const written = (...files: Parameters<typeof writeFiles>[0]): string => {
    const folder = writeFiles(files);
    folders.push(folder);
    return folder;
  };
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

  it.each<readonly [string, RuntimeProps, readonly string[]]>([
    ...ofRecords.map(([what, props]) => [what, props, []] as const),
    ['an archive with portable copies', runtimeProps, ['backup', 'copies']],
  ])('takes the runtime of %s, with nothing to warn of', async (_what, props, more) => {
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
      ['alloy', 'app-a', 'db-migrate', 'db-provision', 'litellm', 'postgres', ...more].sort(),
    );
    expect(services['litellm']?.environment?.['LITELLM_DATABASE_URL']).toMatch(
      /^postgresql:\/\/cogni_litellm:/,
    );
    expectLimits(services);
  });

  it('takes SourceCred, with nothing to warn of', async () => {
    expect(settingsFor('sourcecred')).toContain('SOURCECRED_GITHUB_TOKEN');
    const folder = written(...renderSourcecred(sourcecredProps), {
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
