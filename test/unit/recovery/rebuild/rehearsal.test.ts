import { planRebuild, stageIds } from '../../../../recovery/rebuild/plan';
import { proofOf } from '../../../../recovery/rebuild/prove';
import {
  certificateFaults,
  planRehearsal,
  rehearsalStageIds,
  remaining,
  type RehearsalShape,
} from '../../../../recovery/rebuild/rehearsal';
import { removalFaults } from '../../../../recovery/rebuild/removal';
import { readStory, type RebuildEvent, type RebuildStory } from '../../../../recovery/rebuild/journal';
import { rebuildMarkdown, rebuildReport, rebuildTimeline } from '../../../../recovery/rebuild/report';
import { begun, shape as rebuildShape } from './sample';

const shape: RehearsalShape = {
  environment: 'preview',
  name: 'preview-rehearsal',
  domain: 'preview.example.org',
  archive: rebuildShape.archive,
  begun,
  keep: false,
};
const ids = (changed: Partial<RehearsalShape> = {}): readonly string[] =>
  planRehearsal({ ...shape, ...changed }).groups.map((group) => group.map(({ id }) => id).join(' + '));

const rehearsed = { ...begun, rehearsal: true, replaces: false, givenUp: {} } as const;
function storyOf(...events: readonly RebuildEvent[]): RebuildStory {
  const lines = [rehearsed, ...events].map((event, second) =>
    JSON.stringify({
      v: 1,
      at: new Date(Date.parse('2026-11-21T12:30:00Z') + second * 1000).toISOString(),
      ...event,
    }),
  );
  const story = readStory(lines.join('\n'));
  if (story === undefined) throw new Error('no story');
  return story;
}
const began = (stage: string): RebuildEvent => ({ kind: 'stage-begun', stage });
const done = (stage: string): RebuildEvent => ({ kind: 'stage-done', stage, outcome: 'done', says: '' });

describe('the stages of a rehearsal', () => {
  it('make a machine out of what is off the host, prove it, and remove it', () => {
    expect(ids()).toEqual([
      'plan',
      'provision',
      'bootstrap',
      'files + restore + pull',
      'deploy',
      'prove',
      'remove',
    ]);
    expect(new Set(ids().flatMap((group) => group.split(' + ')))).toEqual(new Set(rehearsalStageIds));
  });

  it('have none of those of a rebuild that touch the living host, its names, its archive or its workflows', () => {
    const touching = stageIds.filter((id) => !(rehearsalStageIds as readonly string[]).includes(id));
    expect(touching).toEqual([
      ...['revoke', 'fence', 'forget', 'aside', 'dns', 'backup', 'secrets', 'drill'],
    ]);
    // All else is what a rebuild does, in its order.
    const rebuild = planRebuild(rebuildShape)
      .groups.flat()
      .map(({ id }): string => id);
    const shared = ids().flatMap((group) => group.split(' + '));
    expect(rebuild.filter((id) => shared.includes(id))).toEqual(shared.filter((id) => rebuild.includes(id)));
  });

  it('leave the machine standing where it is to be looked at', () => {
    expect(ids({ keep: true }).at(-1)).toBe('prove');
  });

  it('say of each that is stopped that the machine is paid for, and what removes it', () => {
    const [plan, ...others] = planRehearsal(shape).groups.flat();
    expect(plan?.leaves).toBe('nothing was ordered');
    for (const { leaves, name, why, doneWhen } of others) {
      expect(leaves).toContain('./cogni rebuild preview --rehearse --remove');
      for (const text of [name, why, doneWhen]) expect(text).not.toBe('');
    }
  });

  it('make nothing any more once the removal was begun', () => {
    const plan = planRehearsal(shape);
    expect(remaining(plan, storyOf(began('plan'), began('provision')))).toEqual(plan);
    const cut = remaining(plan, storyOf(began('prove'), done('prove'), began('remove')));
    expect(cut.groups.flat().map(({ id }) => id)).toEqual(['remove']);
  });
});

describe('a rehearsal beside a certificate', () => {
  const day = 24 * 60 * 60_000;
  const until = new Date('2026-12-20T00:00:00Z');
  const certificate = { from: new Date(until.getTime() - 90 * day), until };
  const faults = (left: number) =>
    certificateFaults('preview.example.org', certificate, new Date(until.getTime() - left * day));

  it('waits where that is due for renewal: two machines would try it, and one in vain', () => {
    expect(faults(31)).toEqual([]);
    expect(faults(30)).toEqual([
      expect.stringContaining(
        'the certificate of preview.example.org is due for renewal (it ends at 2026-12-20',
      ),
    ]);
  });

  it('does not wait for a site that shows none', () => {
    expect(certificateFaults('preview.example.org', undefined, until)).toEqual([]);
  });
});

describe('the report of a rehearsal', () => {
  const page = (...events: readonly RebuildEvent[]): string =>
    rebuildMarkdown(rebuildReport(storyOf(...events)));

  it('says that it was one, and that nothing of it is left', () => {
    const report = rebuildReport(
      storyOf(began('deploy'), done('deploy'), began('remove'), done('remove'), {
        kind: 'ended',
        address: '192.0.2.9',
      }),
    );
    expect(report).toMatchObject({ rehearsal: true, finished: true, untilServing: 2_000 });
    expect(rebuildMarkdown(report)).toContain('# Rehearsal of a rebuild of preview, 20261121T123000Z: done');
    expect(rebuildMarkdown(report)).toContain('- nothing of it is left but this report');
    expect(rebuildMarkdown(report)).not.toContain('switched off');
    expect(rebuildTimeline(report).title).toContain('rehearse a rebuild of preview');
  });

  it('says what is still paid for while its machine may stand', () => {
    const costs = './cogni rebuild preview --rehearse --remove';
    expect(page(began('plan'))).not.toContain(costs);
    expect(page(began('provision'))).toContain(costs);
    expect(page(began('provision'), done('provision'), { kind: 'ended', address: '192.0.2.9' })).toContain(
      costs,
    );
    expect(page(began('provision'), began('remove'))).toContain(costs);
  });

  it('is that of one that was given up where a person has removed it: nothing goes on with it', () => {
    const story = storyOf(began('provision'), { kind: 'given-up' });
    expect(story.ended).toBe(true);
    expect(rebuildReport(story).finished).toBe(false);
  });
});

describe('the database of a rehearsal', () => {
  const hash = 'a'.repeat(64);
  const newest = (archiving: string): string =>
    JSON.stringify({
      ...{ kind: 'newest', lastCommit: null, bytes: '8000000', postgres: '15.1', databases: 3 },
      archiving,
    });
  const migrations = (...hashes: string[]): string =>
    JSON.stringify({ kind: 'migrations', table: 'schema_migrations', hashes });
  const wanted = { release: 'preview-0123abc', files: { '0001.sql': hash } };

  it('is proven when it has the migrations of the release, and archives nothing', () => {
    expect(proofOf(`${newest('off')}\n${migrations(hash)}\n`, wanted)).toEqual({
      says: '3 databases of 8000000 bytes; migrations: all 1 of preview-0123abc, and no other',
      faults: [],
    });
  });

  it.each([
    ['lacks a migration', `${newest('off')}\n${migrations()}`, wanted, '0001.sql missing'],
    [
      'has one that no release knows',
      `${newest('off')}\n${migrations(hash, 'b'.repeat(64))}`,
      wanted,
      '1 that no release here knows',
    ],
    [
      'would write among the log of the living one',
      `${newest('on')}\n${migrations(hash)}`,
      wanted,
      'archive_mode is on',
    ],
    ['says nothing', '', wanted, 'it does not say what it holds'],
    [
      'cannot be held against a release',
      `${newest('off')}\n${migrations(hash)}`,
      { unknown: 'no release serves' },
      'no release serves',
    ],
  ])('is not when it %s', (_, printed, expected, fault) => {
    expect(proofOf(printed, expected).faults.join('\n')).toContain(fault);
  });
});

describe('the plan that removes a rehearsal', () => {
  const server = (hostname: string, ...actions: string[]): object => ({
    address: 'cherryservers_server.host',
    mode: 'managed',
    type: 'cherryservers_server',
    name: 'host',
    provider_name: 'cherryservers',
    change: { actions, before: { hostname }, after: null },
  });
  const plan = (...changes: readonly object[]): string =>
    JSON.stringify({ format_version: '1.2', terraform_version: '1.11.4', resource_changes: changes });

  it('may remove the server of that name', () => {
    expect(removalFaults(plan(server('a-rehearsal', 'delete')), 'a-rehearsal')).toEqual([]);
    expect(removalFaults(plan(), 'a-rehearsal')).toEqual([]);
    expect(removalFaults(plan(server('other', 'no-op')), 'a-rehearsal')).toEqual([]);
  });

  it('may remove no other, and make nothing in its place', () => {
    expect(removalFaults(plan(server('production-cogni', 'delete')), 'a-rehearsal')).toEqual([
      'cherryservers_server.host is the server "production-cogni", not "a-rehearsal"',
    ]);
    expect(removalFaults(plan(server('a-rehearsal', 'delete', 'create')), 'a-rehearsal')).toEqual([
      'cherryservers_server.host would not only be removed (delete, create)',
    ]);
  });
});
