import { planRolling, type PlanProps } from '../../../../deploy/rolling/plan';
import { stepNames } from '../../../../deploy/rolling/step-names';
import type { HostFacts, RunningContainer } from '../../../../deploy/rolling/survey';
import { archiveMark } from '../../../../services';
import { cases } from '../../../nightly/deploys/kills/cases';
import { namesOf, notKilled, ofEachDeploy, ofFirstDeploy } from '../../../nightly/deploys/kills/where';
import { archive } from '../../services/archive/archive';
import { other } from './plan-reading';
import { emptyHost, propsFor, request, servingHost } from './sample';

const digest = `sha256:${'f'.repeat(64)}` as const;
const runtime = {
  ...request.runtime,
  litellm: { image: `ghcr.cogni.test/berriai/litellm@${digest}`, database: false },
  alloy: { image: `hub.cogni.test/grafana/alloy@${digest}`, environment: 'preview' },
  archive: { ...archive, copies: { recipients: [`age1${'q'.repeat(58)}`] } },
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
  ARCHIVE_KEY: 'KEY1',
  ARCHIVE_SECRET: 'p1anted-archive-secret',
  ARCHIVE_PASSPHRASE: 'p1anted-archive-passphrase-0123456789',
};
const all = { settings, request: { runtime } };
const gone = `${request.repository}@sha256:${'9'.repeat(64)}`;

const [postgres, litellm, alloy] = [runtime.images.postgres, runtime.litellm.image, runtime.alloy.image];

/** A host that serves with everything that an environment can have. */
function wholeHost(changes: Partial<HostFacts> = {}): HostFacts {
  const host = servingHost(all);
  const mark = archiveMark(runtime, propsFor(emptyHost, all).settings) ?? '';
  const beside = { litellm, alloy, backup: postgres, copies: postgres };
  return {
    ...host,
    containers: [
      ...host.containers.map((one) => (one.service === 'postgres' ? { ...one, archive: mark } : one)),
      ...Object.entries(beside).map(([service, image]): RunningContainer => ({
        service,
        state: 'running',
        health: 'healthy',
        image,
      })),
    ],
    ...changes,
  };
}

const next = (facts: HostFacts, changes: Parameters<typeof propsFor>[1] = all): PlanProps =>
  propsFor(facts, { ...changes, request: { ...changes.request, tag: 'preview-4567def' }, images: other });

/** The files of that host, with those of LiteLLM changed, or taken out. */
const filesWith = (litellmFile: { readonly mode: number; readonly hash: string } | undefined) =>
  Object.fromEntries(
    Object.entries(wholeHost().files).flatMap(([path, file]) => {
      const there = path.startsWith('litellm/') ? litellmFile : file;
      return there === undefined ? [] : [[path, there] as const];
    }),
  );

/** What can bring a step into a plan. */
const situations: Readonly<Record<string, PlanProps>> = {
  'a first deploy': propsFor(emptyHost, all),
  'another release': next(wholeHost()),
  'images in the way': {
    ...next(wholeHost({ images: [gone] })),
    room: { needed: 1, images: [gone] },
  },
  'images that nobody needs': next(wholeHost({ images: [gone] })),
  'no configuration of LiteLLM': next(wholeHost({ files: filesWith(undefined) })),
  'spoilt configuration of LiteLLM': next(
    wholeHost({ files: filesWith({ mode: 0o644, hash: 'edited by hand' }) }),
  ),
  'a restart of the database': next(wholeHost(), { ...all, request: { runtime, restartDatabase: true } }),
  'other settings': next(wholeHost(), {
    ...all,
    settings: { ...settings, APP_DB_PASSWORD: 'another-password-of-the-app' },
  }),
  'a run that was cut off': propsFor(wholeHost({ leftovers: true }), all),
  'nothing that is optional any more': next(wholeHost(), {}),
};

const made = new Set(Object.values(situations).flatMap((props) => namesOf(planRolling(props).steps)));

describe('the steps of deploys and rollbacks', () => {
  it('have the names that are listed: each of them is in some plan', () => {
    expect(stepNames.filter((name) => !made.has(name))).toEqual([]);
    expect([...made].filter((name) => !(stepNames as readonly string[]).includes(name))).toEqual([]);
  });

  it('are killed in the nightly tier, each of them, but where it is said why not', () => {
    const killed = new Set<string>([...ofEachDeploy, ...ofFirstDeploy, ...cases.map(({ step }) => step)]);
    const left = stepNames.filter((name) => !killed.has(name));
    expect(left.sort()).toEqual(Object.keys(notKilled).sort());
  });
});
