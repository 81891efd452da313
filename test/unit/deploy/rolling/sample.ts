import { createHash } from 'node:crypto';
import { releaseFiles, type ReleaseFile } from '../../../../deploy/rolling/files';
import type { PlanProps } from '../../../../deploy/rolling/plan';
import { planRolling } from '../../../../deploy/rolling/plan';
import type { DeployRequest } from '../../../../deploy/rolling/request';
import type { HostFacts } from '../../../../deploy/rolling/survey';
import type { ReleaseImages, ResolvedImage } from '../../../../deploy/registry';
import type { Output } from '../../../../foundation/process';
import { reveal } from '../../../../foundation/secret';
import { readSettings } from '../../../../services';

/** A deploy of `preview-0123abc` as the tests know it. */

const digest = (character: string): `sha256:${string}` => `sha256:${character.repeat(64)}`;

export const settingsSource: Readonly<Record<string, string>> = {
  GHCR_USERNAME: 'cogni-bot',
  GHCR_DEPLOY_TOKEN: 'p1anted-registry-token',
  POSTGRES_ROOT_USER: 'cogni_root',
  POSTGRES_ROOT_PASSWORD: 'p1anted-root-password',
  OWNER_DB_USER: 'cogni_owner',
  OWNER_DB_PASSWORD: 'p1anted-owner-password',
  APP_DB_USER: 'cogni_app',
  APP_DB_PASSWORD: 'p1anted-app-password',
  APP_DB_NAME: 'cogni',
  LITELLM_DB_USER: 'cogni_litellm',
  LITELLM_DB_PASSWORD: 'p1anted-litellm-password',
  LITELLM_DB_NAME: 'litellm',
  READONLY_DB_USER: 'cogni_readonly',
  READONLY_DB_PASSWORD: 'p1anted-readonly-password',
  AUTH_SECRET: 'p1anted-auth-secret-of-32-characters',
};

export const request: DeployRequest = {
  environment: 'preview',
  domain: 'preview.cogni.test',
  tagPrefix: 'preview',
  host: {
    environment: 'preview',
    address: '203.0.113.7',
    user: 'deploy',
    knownHosts: '/state/preview/known_hosts',
    hostKeyAlias: 'cogni-preview',
  },
  repository: 'ghcr.cogni.test/cogni/app',
  tag: 'preview-0123abc',
  runtime: { images: { postgres: `hub.cogni.test/library/postgres@${digest('c')}` } },
  settings: settingsSource,
  by: { who: 'ada', from: 'laptop' },
};

const image = (tag: string, character: string): ResolvedImage => ({
  tag,
  digest: digest(character),
  reference: `ghcr.cogni.test/cogni/app@${digest(character)}`,
  layers: [{ compressedBytes: 50 * 1024 ** 2, diffId: undefined }],
  platforms: ['linux/amd64'],
});

export const imagesOf = (tag: string, app: string, migrator: string): ReleaseImages => ({
  app: image(tag, app),
  migrator: image(`${tag}-migrate`, migrator),
});

export const images = imagesOf('preview-0123abc', 'a', 'b');

/** A host that was bootstrapped and never deployed to. */
export const emptyHost: HostFacts = {
  bootstrapped: true,
  edge: 'healthy',
  platform: 'linux/amd64',
  freeBytes: 20 * 1024 ** 3,
  upstream: 'none',
  release: undefined,
  files: {},
  leftovers: false,
  images: [],
  layers: [],
  containers: [],
  clockAhead: 0,
  freeInodes: 1_000_000,
  unwritable: [],
  imagesReadOnly: false,
  strangers: [],
  settingsEdited: false,
  recorded: [],
  unreadable: [],
};

/** What a sound host answers to the questions that are not about what runs there, by part of the command line. */
export const soundHost: readonly (readonly [string, Partial<Output>])[] = [
  ['date +%s', { stdout: `${Date.parse('2026-11-21T08:15:00.000Z') / 1000}.000000000\n` }],
  ['df --output=itotal', { stdout: ' Inodes  IFree\n5242880 5000000\n' }],
  [
    '-writable',
    {
      stdout: ['/var/lib/cogni/deploy', '/opt/cogni/runtime', '/opt/cogni/edge/caddy/upstream'].join('\n'),
    },
  ],
  ['-newer', {}],
  ['findmnt', { stdout: 'rw,relatime\n' }],
];

const settingsOf = (
  changes: Readonly<Record<string, string | undefined>> = {},
): ReturnType<typeof readSettings> =>
  readSettings({ ...settingsSource, DOMAIN: request.domain, ...changes }, 'deploy');

export const propsFor = (
  facts: HostFacts,
  changes: {
    settings?: Readonly<Record<string, string>>;
    request?: Partial<DeployRequest>;
    images?: ReleaseImages;
  } = {},
): PlanProps => {
  const settings = settingsOf(changes.settings);
  const changed = { ...request, ...changes.request };
  const resolved = changes.images ?? images;
  return {
    request: changed,
    settings,
    images: resolved,
    facts,
    at: new Date('2026-11-21T08:15:00Z'),
  };
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The files as a host has them. */
export const filesOnHost = (files: readonly ReleaseFile[]): HostFacts['files'] =>
  Object.fromEntries(files.map(({ path, mode, content }) => [path, { mode, hash: sha256(reveal(content)) }]));

/** The host after {@link propsFor}(emptyHost) was carried out: it serves from slot a. */
export function servingHost(changes: Parameters<typeof propsFor>[1] = {}): HostFacts {
  const props = propsFor(emptyHost, changes);
  const { release } = planRolling(props);
  const { request: asked, settings, images: resolved } = props;
  return {
    ...emptyHost,
    upstream: 'cogni-app-a',
    release,
    recorded: [release],
    files: filesOnHost(releaseFiles(asked.runtime, settings, resolved, 'a')),
    containers: [
      { service: 'app-a', state: 'running', health: 'healthy', image: release.images.app },
      { service: 'postgres', state: 'running', health: 'healthy', image: release.images.postgres },
    ],
  };
}
