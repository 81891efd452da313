import { createHash } from 'node:crypto';
import { renderLine } from '../../../../deploy/journal/event';
import { layout } from '../../../../deploy/rolling/layout';
import { planRelease, type DeployAdapters } from '../../../../deploy/rolling/deploy';
import { renderRecord, type ReleaseRecord } from '../../../../deploy/rolling/record';
import type { DeployRequest } from '../../../../deploy/rolling/request';
import { progressTo } from '../../../../foundation/progress';
import { failureOf } from '../../../failure-of';
import { fakeClock } from '../fake-clock';
import { fakeTransport, type Answer, type FakeTransport } from '../fake-transport';
import { request, servingHost, soundHost } from './sample';

const manifest = JSON.stringify({ layers: [{ size: 1000 }] });
/** What the registry has under every tag. */
const asked = `ghcr.cogni.test/cogni/app@sha256:${createHash('sha256').update(manifest).digest('hex')}`;
const another = `ghcr.cogni.test/cogni/app@sha256:${'9'.repeat(64)}`;
const sample = servingHost().release!;
const release = (time: string, tag: string, image: string, more: Partial<ReleaseRecord> = {}) => ({
  ...sample,
  id: `${time}-${tag}`,
  tag,
  at: `${time.slice(0, 4)}-${time.slice(4, 6)}-${time.slice(6, 8)}T00:00:00.000Z`,
  images: { ...sample.images, app: image, migrator: image },
  ...more,
});
const old = release('20261101T000000Z', 'preview-1111111', asked);
const broke = release('20261102T000000Z', 'preview-2222222', another, { breakingMigration: true });
const after = release('20261103T000000Z', 'preview-3333333', another);

/** @param records the newest first, which serves */
const host = (
  records: readonly ReleaseRecord[],
  more: [string, Answer][] = [],
): { adapters: DeployAdapters; transport: FakeTransport; notes: string[] } => {
  const notes: string[] = [];
  const transport = fakeTransport([
    ...more,
    ...soundHost.map(([part, answer]): [string, Answer] => [part, answer]),
    ['-name *.json', { stdout: records.map(renderRecord).join('') }],
    ['cat -- /var/lib/cogni/deploy/current', { stdout: renderRecord(records[0]!) }],
    ['cat -- /opt/cogni/edge/caddy/upstream/active', { stdout: 'cogni-app-a\n' }],
    ['project=cogni-edge --filter', { stdout: 'caddy\trunning\tUp (healthy)\tx\n' }],
    ['docker version', { stdout: 'linux/amd64' }],
    ['df ', { stdout: 'Avail\n21474836480\n' }],
  ]);
  const adapters: DeployAdapters = {
    clock: fakeClock('2026-11-21T08:15:00.000Z'),
    progress: progressTo((event) => event.kind === 'note' && notes.push(event.text)),
    connect: () => Promise.resolve(transport),
    https: () => Promise.resolve({ status: 200, headers: {}, body: Buffer.from(manifest) }),
  };
  return { adapters, transport, notes };
};
const deployOf = (tag: string, accept?: DeployRequest['accept']): DeployRequest => ({
  ...request,
  tag,
  ...(accept ? { accept } : {}),
});

describe('a deploy of a build that was recorded before a breaking migration', () => {
  test('is refused like a rollback to it, before anything is touched', async () => {
    const { adapters, transport } = host([after, broke, old]);
    expect(await failureOf(planRelease(deployOf(old.tag), adapters))).toMatchObject({
      what: expect.stringContaining(
        `preview-1111111 may not be able to work with the database of preview: since ${old.id} was recorded`,
      ),
      exitCode: 3,
      faults: [`${broke.id} was deployed with --allow-breaking-migration by ada on laptop`],
      next: expect.stringContaining(
        './cogni deploy preview --image-tag preview-1111111 --allow-breaking-migration',
      ),
    });
    expect(transport.log.join('\n')).not.toContain(layout.deploy.lock);
  });

  test('is known by its digest under another tag as well', async () => {
    const { adapters } = host([after, broke, old]);
    await expect(planRelease(deployOf('preview-9999999'), adapters)).rejects.toMatchObject({ exitCode: 3 });
  });

  test('is known by its tag where that was moved', async () => {
    const moved = { ...old, images: { ...old.images, app: another.replaceAll('9', '8') } };
    const { adapters } = host([after, broke, moved]);
    const accept = { movedTags: [asked] };
    await expect(planRelease(deployOf(old.tag, accept), adapters)).rejects.toThrow(
      'may not be able to work with the database',
    );
  });

  test('is let pass by the word, which is not kept as one for a migration: it brings none', async () => {
    const { adapters } = host([after, broke, old]);
    const plan = await planRelease(deployOf(old.tag, { breakingMigration: true }), adapters);
    expect(plan.release.tag).toBe(old.tag);
    expect(plan.release.breakingMigration).toBeUndefined();
  });

  test('is let pass once it was recorded again since, which took that word', async () => {
    const again = { ...old, id: `20261104T000000Z-${old.tag}` };
    const newest = { ...after, id: `20261105T000000Z-${after.tag}` };
    const { adapters } = host([newest, again, broke, old]);
    await expect(planRelease(deployOf(old.tag), adapters)).resolves.toBeDefined();
  });

  test('is refused too where the deploy that migrated failed behind it, and nothing of that was recorded', async () => {
    const journal = [
      {
        kind: 'run-begun',
        command: 'deploy',
        environment: 'preview',
        title: 'deploy preview-4444444 to preview',
        release: '20261110T080000Z-preview-4444444',
        by: { who: 'bob', from: 'ci' },
        accepted: { breakingMigration: true },
      } as const,
      { kind: 'step-begun', step: 'migrate' } as const,
    ]
      .map((event) => renderLine({ run: '20261110T080000000Z-1f2e', at: '2026-11-10T08:00:00.000Z', event }))
      .join('');
    const { adapters } = host([after, old], [['grep', { stdout: journal }]]);
    expect((await failureOf(planRelease(deployOf(old.tag), adapters))).faults).toEqual([
      '20261110T080000Z-preview-4444444 was begun, and failed behind its migration, with --allow-breaking-migration by bob on ci',
    ]);
  });
});

describe('a deploy is not asked about it', () => {
  test('where its build serves, whatever has become of the database', async () => {
    const { adapters, transport } = host([{ ...old, id: `20261104T000000Z-${old.tag}` }, broke]);
    await expect(planRelease(deployOf(old.tag), adapters)).resolves.toBeDefined();
    expect(transport.log.join('\n')).not.toContain('grep');
  });

  test('where its build is new to the host, of which no journal is read', async () => {
    const { adapters, transport } = host([after, broke]);
    await expect(planRelease(deployOf('preview-7777777'), adapters)).resolves.toBeDefined();
    expect(transport.log.join('\n')).not.toContain('grep');
  });

  test('where the journal cannot be read: that is said', async () => {
    const { adapters, notes } = host([after, old], [['grep', { code: 2, stderr: 'Permission denied' }]]);
    await expect(planRelease(deployOf(old.tag), adapters)).resolves.toBeDefined();
    expect(notes.join('\n')).toContain('whether a deploy failed behind a breaking migration is not known');
  });
});
