import type { DeployAdapters } from '../../../../deploy/rolling/deploy';
import { renderRecord, type ReleaseRecord } from '../../../../deploy/rolling/record';
import type { RecordedRelease } from '../../../../deploy/rolling/releases';
import { progressTo } from '../../../../foundation/progress';
import { fakeClock } from '../fake-clock';
import { fakeTransport, type Answer } from '../fake-transport';
import { servingHost, soundHost } from './sample';

/** A host that has recorded three releases, of which the newest serves, from slot b. */
export const digest = (character: string): string =>
  `ghcr.cogni.test/cogni/app@sha256:${character.repeat(64)}`;
const first: ReleaseRecord = servingHost().release!;
export const release = (
  time: string,
  tag: string,
  app: string,
  more: Partial<ReleaseRecord> = {},
): ReleaseRecord => ({
  ...first,
  id: `${time}-${tag}`,
  tag,
  buildSha: tag.replace('preview-', ''),
  images: { ...first.images, app: digest(app), migrator: digest('f') },
  ...more,
});
export const oldest = release('20261101T000000Z', 'preview-1111111', '1');
export const middle = release('20261102T000000Z', 'preview-2222222', '2');
export const newest = release('20261103T000000Z', 'preview-3333333', '3', { slot: 'b' });
export const recorded = (serving: ReleaseRecord, ...records: ReleaseRecord[]): RecordedRelease[] =>
  records.map((record) => ({ record, serving: record === serving, onHost: true }));

/** Everything that a rollback needs is there: no registry is asked what it weighs. */
export const allThere: [string, Answer] = [
  'docker image ls',
  { stdout: [oldest, middle, newest].flatMap(({ images }) => [images.app, images.postgres]).join('\n') },
];

export const host = (changes: [string, Answer | Answer[]][] = []) => {
  const notes: string[] = [];
  const transport = fakeTransport([
    ...changes,
    ...soundHost.map(([part, answer]): [string, Answer] => [part, answer]),
    ['-name *.json', { stdout: [middle, newest, oldest].map(renderRecord).join('') }],
    ['cat -- /var/lib/cogni/deploy/current', { stdout: renderRecord(newest) }],
    ['docker image ls', { stdout: `${oldest.images.app}\n${newest.images.app}\n<none>@<none>\n` }],
    ['readlink -- /var/lib/cogni/deploy/current', { stdout: `releases/${newest.id}.json` }],
    ['cat -- /opt/cogni/edge/caddy/upstream/active', { stdout: 'cogni-app-b\n' }],
    ['project=cogni-edge --filter', { stdout: 'caddy\trunning\tUp (healthy)\tx\n' }],
    ['project=cogni-runtime --filter', { stdout: `app-b\trunning\tUp (healthy)\t${newest.images.app}\n` }],
    ['docker version', { stdout: 'linux/amd64' }],
    ['df ', { stdout: 'Avail\n21474836480\n' }],
    ['/reverse_proxy/upstreams', { stdout: '[]' }],
    ['http://cogni-app-a:3000/version', { stdout: '{"buildSha":"2222222"}' }],
  ]);
  const adapters: DeployAdapters = {
    clock: fakeClock('2026-11-21T08:15:00.000Z'),
    progress: progressTo((event) => event.kind === 'note' && notes.push(event.text)),
    connect: () => Promise.resolve(transport),
    https: ({ url }) => {
      if (!url.startsWith('https://preview.cogni.test/')) return Promise.reject(new Error(`asked ${url}`));
      return Promise.resolve({ status: 200, headers: {}, body: Buffer.from('{"buildSha":"2222222"}') });
    },
  };
  return { transport, adapters, notes };
};
