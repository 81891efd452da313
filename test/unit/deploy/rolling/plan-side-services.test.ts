import { Bytes } from '../../../../compose';
import { planRolling } from '../../../../deploy/rolling/plan';
import type { RunningContainer } from '../../../../deploy/rolling/survey';
import { alone, other, ids, stepOf, linesOf, compose, next, current } from './plan-reading';
import { emptyHost, propsFor, request, servingHost } from './sample';

describe('a deploy with LiteLLM', () => {
  const litellm = {
    image: `ghcr.cogni.test/berriai/litellm@sha256:${'f'.repeat(64)}`,
    database: false,
  } as const;
  const settings = {
    LITELLM_MASTER_KEY: `sk-${'0'.repeat(32)}`,
    OPENROUTER_API_KEY: 'p1anted-openrouter-key',
  };
  const asked = { runtime: { ...request.runtime, litellm } };
  const well: RunningContainer = {
    service: 'litellm',
    state: 'running',
    health: 'healthy',
    image: litellm.image,
  };
  const plan = planRolling(propsFor(emptyHost, { request: asked, settings }));
  const config = /litellm\/[0-9a-f]{12}/.exec(linesOf(plan, 'place').join('\n'))?.[0] ?? '';
  const up = 'up --detach --no-deps --pull=never --wait --wait-timeout=360 litellm';

  test('pulls its image with the others, without a login', () => {
    expect(linesOf(plan, 'pull-third-party')).toContain(`docker pull --quiet ${litellm.image}`);
    expect(stepOf(plan, 'pull-third-party').doneWhen![0]!.command.argv).toContain(litellm.image);
  });

  test('puts its configuration where nothing is yet, starts it after its role was made, and waits for it beside the first application', () => {
    expect(ids(plan).slice(ids(plan).indexOf('stage'), ids(plan).indexOf('prove'))).toEqual([
      'stage',
      'place',
      'database',
      'provision',
      'litellm',
      'migrate',
      'start',
      'litellm-ready',
    ]);
    expect(linesOf(plan, 'place')).toEqual([
      `mkdir --parents --mode=0755 -- /opt/cogni/runtime/litellm /opt/cogni/runtime/${config} /opt/cogni/runtime/postgres`,
      `cp --archive --target-directory=/opt/cogni/runtime/${config} -- /opt/cogni/runtime/.next/${config}/config.yaml`,
      'cp --archive --target-directory=/opt/cogni/runtime/postgres -- /opt/cogni/runtime/.next/postgres/postgresql.conf /opt/cogni/runtime/.next/postgres/start.sh',
      `sync -- /opt/cogni/runtime/${config}/config.yaml /opt/cogni/runtime/postgres/postgresql.conf /opt/cogni/runtime/postgres/start.sh /opt/cogni/runtime /opt/cogni/runtime/litellm /opt/cogni/runtime/${config} /opt/cogni/runtime/postgres`,
    ]);
    const inNext = `${compose} --project-directory=/opt/cogni/runtime ${next}`;
    expect(linesOf(plan, 'litellm')).toEqual([
      `${alone(60)} ${inNext} up --detach --no-deps --pull=never litellm`,
    ]);
    expect(linesOf(plan, 'litellm-ready')).toEqual([`${alone(390)} ${inNext} ${up}`]);
  });

  test('is up before the application that will ask it, where one serves that its start could disturb', () => {
    const served = servingHost({ request: asked, settings });
    const again = planRolling(
      propsFor(served, { request: { ...asked, tag: 'preview-4567def' }, images: other, settings }),
    );
    expect(ids(again)).not.toContain('litellm-ready');
    expect(ids(again).indexOf('litellm')).toBeLessThan(ids(again).indexOf('start'));
    expect(linesOf(again, 'litellm')).toEqual([
      `${alone(390)} ${compose} --project-directory=/opt/cogni/runtime ${next} ${up}`,
    ]);
  });

  test('takes a first one away again when something fails, its configuration with it, and leaves the database its own', () => {
    const undo = (id: string): string[] => (stepOf(plan, id).undo ?? []).map(({ argv }) => argv.join(' '));
    expect(undo('litellm')).toEqual([
      `${alone(60)} docker compose --project-name=cogni-runtime rm --stop --force litellm`,
    ]);
    expect(undo('place')).toEqual([
      `rm --force -- /opt/cogni/runtime/${config}/config.yaml`,
      'find /opt/cogni/runtime -mindepth 1 -type d -empty -delete',
    ]);
  });

  test('brings the one that served back when something fails', () => {
    const served = servingHost({ request: asked, settings });
    const again = planRolling(
      propsFor(served, { request: { ...asked, tag: 'preview-4567def' }, images: other, settings }),
    );
    expect(ids(again)).not.toContain('place');
    expect(stepOf(again, 'litellm').undo!.map(({ argv }) => argv.join(' '))).toEqual([
      `${alone(390)} ${compose} --project-directory=/opt/cogni/runtime ${current} ${up}`,
    ]);
    expect(again.release.images.litellm).toBe(litellm.image);
  });

  describe('that runs already', () => {
    const stepFor = (
      changes: Partial<RunningContainer>,
      more: { request?: object; settings?: Record<string, string>; files?: string } = {},
    ) => {
      const served = servingHost({ request: asked, settings });
      const files = Object.fromEntries(
        Object.entries(served.files).filter(
          ([path]) => more.files === undefined || !path.startsWith(more.files),
        ),
      );
      const host = { ...served, files, containers: [...served.containers, { ...well, ...changes }] };
      const next = { ...asked, tag: 'preview-4567def', ...more.request };
      const to = { request: next, images: other, settings: { ...settings, ...more.settings } };
      return stepOf(planRolling(propsFor(host, to)), 'litellm');
    };
    const away = 'what asks it fails until it is healthy again';

    test('is left alone where nothing of it changed, and nothing is announced', () => {
      const { name, why } = stepFor({});
      expect(name).toBe('start LiteLLM');
      expect(why).toBe('after its role was provisioned, and before the application that will ask it');
    });

    test.each([
      ['its image', stepFor({ image: 'ghcr.cogni.test/berriai/litellm@sha256:0' })],
      ['its configuration', stepFor({}, { files: 'litellm/' })],
    ])('is announced to be made anew where %s changed', (what, { name, why }) => {
      expect(name).toBe('restart LiteLLM');
      expect(why).toContain(`; ${what} changed: it is made anew, and ${away}`);
    });

    test.each([
      ['settings', stepFor({}, { settings: { AUTH_SECRET: 'another-auth-secret-of-32-characters' } })],
      [
        'how services are run',
        stepFor({}, { request: { runtime: { ...asked.runtime, memory: { app: Bytes.mebibytes(300) } } } }),
      ],
    ])('is announced to be made anew, if it is concerned, where %s changed', (what, { name, why }) => {
      expect(name).toBe('start LiteLLM');
      expect(why).toContain(
        `; ${what} changed: where it is LiteLLM that reads them, it is made anew, and ${away}`,
      );
    });
  });

  test('follows its record again where a deploy was cut off that may have made it from other files', () => {
    const served = servingHost({ request: asked, settings });
    const host = { ...served, containers: [...served.containers, well] };
    const again = planRolling(propsFor({ ...host, leftovers: true }, { request: asked, settings }));
    expect(ids(again)).toEqual(['lock', 'wait', 'gate', 'settle', 'litellm', 'mark', 'tidy']);
    expect(linesOf(again, 'litellm')).toEqual([expect.stringContaining(` ${current} up --detach`)]);
    expect(ids(planRolling(propsFor(host, { request: asked, settings })))).toEqual(['gate']);
  });

  test('ends it, once nobody asks it any more, where the environment has none now', () => {
    const served = servingHost({ request: asked, settings });
    const host = { ...served, containers: [...served.containers, well] };
    const without = planRolling(propsFor(host, { request: { tag: 'preview-4567def' }, images: other }));
    expect(ids(without).slice(-6)).toEqual(['drain', 'retire', 'settle', 'litellm', 'mark', 'tidy']);
    expect(linesOf(without, 'litellm')).toEqual([expect.stringMatching(/ rm --stop --force litellm$/)]);
    // Also where it was left running by an earlier deploy.
    const plain = servingHost();
    const left = planRolling(propsFor({ ...plain, containers: [...plain.containers, well] }));
    expect(left.unchanged).toBe(true);
    expect(ids(left)).toEqual(['lock', 'gate', 'litellm', 'mark', 'tidy']);
  });

  test('is not done already while LiteLLM is not well', () => {
    const served = servingHost({ request: asked, settings });
    const unchanged = (container: typeof well): boolean =>
      planRolling(
        propsFor({ ...served, containers: [...served.containers, container] }, { request: asked, settings }),
      ).unchanged;
    expect(unchanged(well)).toBe(true);
    expect(unchanged({ ...well, health: 'not healthy' })).toBe(false);
  });
});

describe('a deploy with Alloy', () => {
  const alloy = {
    image: `hub.cogni.test/grafana/alloy@sha256:${'1'.repeat(64)}`,
    environment: 'preview',
  } as const;
  const settings = {
    METRICS_TOKEN: 'p1anted-metrics-token-of-32-characters',
    GRAFANA_CLOUD_LOKI_URL: 'https://logs.cogni.test/loki/api/v1/push',
    GRAFANA_CLOUD_LOKI_USER: '1',
    GRAFANA_CLOUD_LOKI_API_KEY: 'p1anted-loki-token',
    PROMETHEUS_REMOTE_WRITE_URL: 'https://metrics.cogni.test/api/prom/push',
    PROMETHEUS_USERNAME: '2',
    PROMETHEUS_PASSWORD: 'p1anted-prometheus-token',
  };
  const asked = { runtime: { ...request.runtime, alloy } };
  const plan = planRolling(propsFor(emptyHost, { request: asked, settings }));

  test('starts it when the release is recorded: what looks on stops no release', () => {
    expect(ids(plan).slice(-4)).toEqual(['record', 'alloy', 'mark', 'tidy']);
    expect(stepOf(plan, 'alloy').undo).toBeUndefined();
    expect(linesOf(plan, 'alloy')).toEqual([
      `${alone(120)} ${compose} --project-directory=/opt/cogni/runtime ${current} up --detach --no-deps --pull=never --wait --wait-timeout=90 alloy`,
    ]);
  });

  test('keeps the release from being taken for done while Alloy does not run', () => {
    const served = servingHost({ request: asked, settings });
    const well: RunningContainer = {
      service: 'alloy',
      state: 'running',
      health: 'healthy',
      image: alloy.image,
    };
    const again = (containers: typeof served.containers): boolean =>
      planRolling(propsFor({ ...served, containers }, { request: asked, settings })).unchanged;
    expect(again(served.containers)).toBe(false);
    expect(again([...served.containers, well])).toBe(true);
  });
});
