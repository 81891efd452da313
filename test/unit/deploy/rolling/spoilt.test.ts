import { planRolling, type DeployPlan } from '../../../../deploy/rolling/plan';
import type { HostFacts } from '../../../../deploy/rolling/survey';
import { alone, compose, current, ids, linesOf, next, other, stepOf } from './plan-reading';
import { emptyHost, propsFor, request, servingHost } from './sample';

const runtime = {
  ...request.runtime,
  litellm: { image: `ghcr.cogni.test/berriai/litellm@sha256:${'f'.repeat(64)}`, database: false },
  alloy: { image: `hub.cogni.test/grafana/alloy@sha256:${'1'.repeat(64)}`, environment: 'preview' },
} as const;
const settings = {
  LITELLM_MASTER_KEY: `sk-${'0'.repeat(32)}`,
  OPENROUTER_API_KEY: 'p1anted-openrouter-key',
  METRICS_TOKEN: 'p1anted-metrics-token-of-32-characters',
  GRAFANA_CLOUD_LOKI_URL: 'https://logs.cogni.test/loki/api/v1/push',
  GRAFANA_CLOUD_LOKI_USER: '1',
  GRAFANA_CLOUD_LOKI_API_KEY: 'p1anted-loki-token',
  PROMETHEUS_REMOTE_WRITE_URL: 'https://metrics.cogni.test/api/prom/push',
  PROMETHEUS_USERNAME: '2',
  PROMETHEUS_PASSWORD: 'p1anted-prometheus-token',
};
const up = 'up --detach --no-deps --pull=never --wait --wait-timeout=';

describe('a file whose name is made from its content, with another content', () => {
  const bare = servingHost({ request: { runtime }, settings });
  const served: HostFacts = {
    ...bare,
    containers: [
      ...bare.containers,
      ...(['litellm', 'alloy'] as const).map((service) => ({
        service,
        state: 'running',
        health: 'healthy' as const,
        image: runtime[service].image,
      })),
    ],
  };
  const pathOf = (service: string): string =>
    Object.keys(served.files).find((path) => path.startsWith(`${service}/`))!;
  const folderOf = (service: string): string => pathOf(service).split('/').slice(0, -1).join('/');
  const spoil = (host: HostFacts, path: string): HostFacts => ({
    ...host,
    files: { ...host.files, [path]: { hash: 'other', mode: 0o644 } },
  });
  const planOver = (host: HostFacts, tag = 'preview-4567def'): DeployPlan =>
    planRolling(
      propsFor(host, {
        request: { runtime, tag },
        settings,
        ...(tag === request.tag ? {} : { images: other }),
      }),
    );
  const undoOf = (plan: DeployPlan, id: string): string[] =>
    (stepOf(plan, id).undo ?? []).map(({ argv }) => argv.join(' '));
  const folder = folderOf('litellm');
  const end = `${alone(60)} docker compose --project-name=cogni-runtime rm --stop --force litellm`;

  describe.each([
    ['that is deployed over', 'preview-4567def'],
    ['that is deployed again', request.tag],
  ])('of LiteLLM, in a release %s,', (_, tag) => {
    const plan = planOver(spoil(served, pathOf('litellm')), tag);

    test('is announced: LiteLLM is made anew', () => {
      expect(stepOf(plan, 'litellm')).toMatchObject({ name: 'restart LiteLLM' });
      expect(stepOf(plan, 'litellm').why).toContain('its configuration changed: it is made anew');
    });

    test('is kept before anything is started, and mended while LiteLLM is ended, which then reads it', () => {
      expect(linesOf(plan, 'place')).toEqual([
        `mkdir --parents --mode=0755 -- /opt/cogni/runtime/.next/.spoilt/litellm /opt/cogni/runtime/.next/.spoilt/${folder}`,
        `cp --archive --target-directory=/opt/cogni/runtime/.next/.spoilt/${folder} -- /opt/cogni/runtime/${folder}/config.yaml`,
      ]);
      expect(stepOf(plan, 'place').name).toBe('keep configuration as it is on the host');
      expect(ids(plan).indexOf('place')).toBeLessThan(ids(plan).indexOf('provision'));
      expect(linesOf(plan, 'litellm')).toEqual([
        end,
        `cp --archive --target-directory=/opt/cogni/runtime/${folder} -- /opt/cogni/runtime/.next/${folder}/config.yaml`,
        `sync -- /opt/cogni/runtime/${folder}/config.yaml /opt/cogni/runtime /opt/cogni/runtime/litellm /opt/cogni/runtime/${folder}`,
        `${alone(390)} ${compose} --project-directory=/opt/cogni/runtime ${next} ${up}360 litellm`,
      ]);
    });

    test('is given back as it was, and read again, when the deploy is taken back: somebody may have meant it so', () => {
      expect(undoOf(plan, 'litellm')).toEqual([
        end,
        `mv --force --target-directory=/opt/cogni/runtime/${folder} -- /opt/cogni/runtime/.next/.spoilt/${folder}/config.yaml`,
        `${alone(390)} ${compose} --project-directory=/opt/cogni/runtime ${current} ${up}360 litellm`,
      ]);
      // It is there for as long as anything may be taken back.
      expect(undoOf(plan, 'place').join('\n')).not.toContain('.next');
    });
  });

  test('of a LiteLLM that a power failure kept from being recorded is mended, and not given back', () => {
    const plan = planRolling(
      propsFor(
        { ...emptyHost, files: { [pathOf('litellm')]: { hash: 'cut short', mode: 0o644 } } },
        {
          request: { runtime },
          settings,
        },
      ),
    );
    expect(linesOf(plan, 'litellm')).toEqual([
      end,
      expect.stringMatching(new RegExp(`^cp --archive --target-directory=/opt/cogni/runtime/${folder} `)),
      expect.stringMatching(/^sync -- /),
      `${alone(60)} ${compose} --project-directory=/opt/cogni/runtime ${next} up --detach --no-deps --pull=never litellm`,
    ]);
    expect(undoOf(plan, 'litellm')).toEqual([end]);
  });

  test('of Alloy has it made anew when the file is in its place, also where that deploy was cut off before', () => {
    const line = (host: HostFacts): string | undefined => linesOf(planOver(host), 'alloy')[0];
    const start = `${alone(120)} ${compose} --project-directory=/opt/cogni/runtime ${current} ${up}90`;
    expect(line(served)).toBe(`${start} alloy`);
    expect(line(spoil(served, pathOf('alloy')))).toBe(`${start} --force-recreate alloy`);
    expect(line({ ...served, leftovers: true })).toBe(`${start} --force-recreate alloy`);
    // What is no matter of LiteLLM leaves it alone.
    expect(stepOf(planOver(spoil(served, pathOf('alloy'))), 'litellm').name).toBe('start LiteLLM');
  });

  test('is none of the database, whose folder keeps its name, and which no deploy restarts by the way', () => {
    const plan = planOver(spoil(served, 'postgres/postgresql.conf'));
    expect(ids(plan)).not.toContain('place');
    expect(linesOf(plan, 'litellm')).toHaveLength(1);
    expect(linesOf(plan, 'promote').join('\n')).toContain('.next/postgres/postgresql.conf');
  });
});
