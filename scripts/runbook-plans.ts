import type { ImageDigest } from '../compose';
import { planEdge } from '../deploy/edge/plan';
import type { ReleaseImages, ResolvedImage } from '../deploy/registry';
import { releaseFiles } from '../deploy/rolling/files';
import { planRolling, type PlanProps } from '../deploy/rolling/plan';
import type { DeployRequest } from '../deploy/rolling/request';
import type { HostFacts } from '../deploy/rolling/survey';
import type { Plan } from '../deploy/step';
import { Secret } from '../foundation/secret';
import { planRebuild, type RebuildPlan, type RebuildShape } from '../recovery/rebuild/plan';
import { planRehearsal } from '../recovery/rebuild/rehearsal';
import { planRestore } from '../recovery/restore/plan';
import { whatServes } from '../recovery/restore/survey';
import { declarationOf, Settings, settingNames } from '../services';

const reference = (name: string, character: string): ImageDigest =>
  `registry.example.org/${name}@sha256:${character.repeat(64)}`;

const image = (tag: string, character: string): ResolvedImage => {
  const digest = reference('example/app', character);
  return {
    tag,
    digest: digest.slice(digest.indexOf('@') + 1),
    reference: digest,
    layers: [],
    platforms: [],
  };
};

const imagesOf = (tag: string, app: string, migrator: string): ReleaseImages => ({
  app: image(tag, app),
  migrator: image(`${tag}-migrate`, migrator),
});

const settings = new Settings(
  new Map(
    settingNames.map((name) => [
      name,
      declarationOf(name).kind === 'secret' ? Secret.of(name, 'example') : 'example',
    ]),
  ),
);

const request: DeployRequest = {
  environment: 'preview',
  domain: 'preview.example.org',
  tagPrefix: 'preview',
  host: {
    environment: 'preview',
    address: '203.0.113.7',
    user: 'deploy',
    knownHosts: 'known_hosts',
    hostKeyAlias: 'cogni-preview',
  },
  repository: 'registry.example.org/example/app',
  tag: 'preview-2222222',
  runtime: {
    images: { postgres: reference('postgres', 'c') },
    litellm: { image: reference('litellm', 'd'), database: true },
    alloy: { image: reference('alloy', 'e'), environment: 'preview' },
    archive: {
      image: reference('postgres', 'c'),
      endpoint: 's3.example.org',
      bucket: 'example',
      region: 'example',
      keep: { daily: 7 },
    },
  },
  settings: {},
  by: { who: 'ada', from: 'laptop' },
};

const emptyHost: HostFacts = {
  bootstrapped: true,
  edge: 'healthy',
  platform: 'linux/amd64',
  freeBytes: 0,
  upstream: 'none',
  release: undefined,
  files: {},
  leftovers: false,
  images: [],
  layers: [],
  containers: [],
  clockAhead: 0,
  freeInodes: 0,
  unwritable: [],
  imagesReadOnly: false,
  strangers: [],
  settingsEdited: false,
  recorded: [],
  unreadable: [],
};

const older = { ...request, tag: 'preview-1111111' };
const olderImages = imagesOf(older.tag, 'a', 'b');
const { release: serving } = planRolling({
  request: older,
  settings,
  images: olderImages,
  facts: emptyHost,
  at: new Date('2026-01-01T08:00:00Z'),
});

/** A deploy over a release that serves: the settings differ, and LiteLLM's configuration is another. */
const props: PlanProps = {
  request,
  settings,
  images: imagesOf(request.tag, 'e', 'f'),
  at: new Date('2026-01-02T08:00:00Z'),
  facts: {
    ...emptyHost,
    upstream: 'cogni-app-a',
    release: serving,
    files: Object.fromEntries(
      releaseFiles(request.runtime, settings, olderImages, 'a')
        .filter(({ path }) => !path.startsWith('litellm/'))
        .map(({ path, mode }) => [path, { mode, hash: '' }]),
    ),
    images: [`${request.repository}@sha256:${'0'.repeat(64)}`],
    containers: [
      { service: 'app-a', state: 'running', health: 'healthy', image: serving.images.app },
      { service: 'litellm', state: 'running', health: 'healthy', image: reference('litellm', 'd') },
    ],
  },
};

/** An edge that is not what is rendered in any way: both files, what its container is made from, what it serves. */
const edge: Parameters<typeof planEdge> = [
  {
    environment: request.environment,
    domain: request.domain,
    files: [
      { path: 'compose.yaml', mode: 0o644, content: 'services: {}\n' },
      { path: 'caddy/Caddyfile', mode: 0o644, content: '\n' },
    ],
    by: request.by,
    replaceContainer: true,
    at: new Date('2026-01-02T08:00:00Z'),
  },
  {
    running: true,
    container: '<container>',
    hashes: { compose: '', caddyfile: '' },
    serves: 'something else',
    madeFrom: '',
    rendered: { hash: 'example', image: reference('caddy', '9') },
    upstream: 'cogni-app-a',
    maintenance: false,
  },
];

const { archive } = request.runtime;
if (archive === undefined) throw new Error('the example has no archive');
const target = { kind: 'time', at: new Date('2026-01-02T07:00:00Z') } as const;
const services = ['app-a', 'backup', 'litellm', 'postgres'];
const log = '000000010000000000000003';

/** A restore of a host that serves, from a backup whose rows were recorded. */
const restore: Parameters<typeof planRestore> = [
  {
    environment: request.environment,
    domain: request.domain,
    machine: 'preview-example',
    place: { environment: request.environment, archive, administrator: 'example' },
    by: request.by,
    at: new Date('2026-01-02T08:00:00Z'),
    target,
    keys: {},
    replace: 'preview-example@2026-01-02T07:00:00.000Z',
  },
  {
    answers: whatServes.map(({ command }) => ({ command, code: 0, printed: '<as it was>' })),
    volumes: '/var/lib/docker/volumes',
    volume: {
      printed: 'data full',
      data: 'full',
      order: undefined,
      copy: false,
      ready: false,
      saved: false,
      bare: false,
      brought: undefined,
      kept: [],
    },
    freeBytes: 0,
    services,
    containers: services,
    databaseServes: true,
    maintenance: { state: 'off' },
    written: false,
    standing: 'begin',
    archive: {
      chosen: {
        backup: {
          label: '20260102-030000F',
          type: 'full',
          at: new Date('2026-01-02T03:00:00Z'),
          reference: [],
          size: { database: 0, archive: 0 },
          log: { start: log, stop: log },
          damaged: false,
          readBack: new Date('2026-01-02T03:01:00Z'),
          database: 1,
          good: true,
          why: undefined,
          until: target.at,
          keptBy: [],
        },
        timeline: 1,
        target,
      },
      checkpoint: {
        backup: '20260102-030000F',
        system: '1',
        timeline: 1,
        postgres: '15',
        databases: [
          { name: 'example', point: 'checkpoint-example', at: new Date('2026-01-02T03:01:00Z'), tables: 1 },
        ],
      },
      newestLog: target.at,
      archived: [],
    },
  },
];

/** Example names stand for the environment and its releases. */
export const runbookPlans = {
  deploy: planRolling(props),
  rollback: planRolling({ ...props, backTo: { ...serving, buildSha: '2222222' } }),
  'edge apply': planEdge(...edge),
  restore: planRestore(...restore),
} satisfies Readonly<Record<string, Plan>>;

const [restoring, restored] = restore;
const point = { kind: 'name', name: 'before-20260102T075900Z-2222222' } as const;
const lookedAt = restored.archive;
if (lookedAt === undefined) throw new Error('the example was not looked at');

/** Plans of commands as they are given when something has happened to all of it. */
export const disasterPlans = {
  /** To the moment right before the migrations of a release. */
  'broken migration': planRestore(
    { ...restoring, target: point, replace: `preview-example@${point.name}` },
    { ...restored, archive: { ...lookedAt, chosen: { ...lookedAt.chosen, target: point } } },
  ),
} satisfies Readonly<Record<string, Plan>>;

/** A server of the provider that was replaced in silence, with a copy of its files and a release in its records. */
const lostHost: RebuildShape = {
  environment: '<env>',
  domain: '<domain>',
  host: 'cherry',
  archive,
  begun: {
    replaces: true,
    givenUp: { server: 811287 },
    backup: { label: '20260102-030000F', at: '2026-01-02T03:00:00.000Z' },
    copy: {
      name: '20260102-020000',
      at: '2026-01-02T02:00:00.000Z',
      parts: ['edge.tar.age', 'host.tar.age'],
    },
    release: {
      from: 'record',
      name: serving.id,
      tag: serving.tag,
      images: { app: serving.images.app, migrator: serving.images.migrator },
    },
  },
};

/** The stages of a rebuild: on a server of the provider, on a machine that somebody made elsewhere, and beside a living host. */
export const rebuildPlans = {
  rebuild: planRebuild(lostHost),
  'rebuild elsewhere': planRebuild({
    ...lostHost,
    host: 'existing',
    begun: { ...lostHost.begun, givenUp: { address: '203.0.113.7' }, oldKey: '<old-key>' },
  }),
  'rehearsal of a rebuild': planRehearsal({
    ...lostHost,
    environment: '<env>',
    name: '<env>-rehearsal',
    keep: false,
  }),
} satisfies Readonly<Record<string, RebuildPlan<string>>>;
