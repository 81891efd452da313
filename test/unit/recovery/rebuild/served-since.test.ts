import type { ReleaseRecord } from '../../../../deploy';
import type { RebuildEvent, RebuildStory } from '../../../../recovery/rebuild/journal';
import { isBroughtSince, servedSince } from '../../../../recovery/rebuild/served-since';
import { begun } from './sample';

const record = (id: string, images = begun.release.images): ReleaseRecord =>
  ({
    id,
    images,
    by: { who: 'grace', from: 'ci' },
    at: '2026-11-23T09:00:00.000Z',
  }) as unknown as ReleaseRecord;
const ours = record('20261121T081500Z-preview-0123abc');
const newer = record('20261123T090000Z-preview-9999999', {
  app: `ghcr.io/cogni/app@sha256:${'e'.repeat(64)}`,
  migrator: `ghcr.io/cogni/app@sha256:${'f'.repeat(64)}`,
});
const storyOf = (...events: readonly RebuildEvent[]): RebuildStory => ({
  begun,
  lines: events.map((event) => ({ v: 1, at: '2026-11-21T12:30:00Z', ...event })),
  ended: false,
});
const deployed = storyOf({ kind: 'stage-done', stage: 'deploy', outcome: 'done' });

describe('what serves when a rebuild is gone on with', () => {
  it('is left as it is where the rebuild had deployed its own release, and another one came since', () => {
    const releases = [
      { record: newer, serving: true },
      { record: ours, serving: false },
    ];
    expect(servedSince(deployed, releases)).toEqual({
      is: 'later',
      says: '20261123T090000Z-preview-9999999 serves since',
    });
  });

  it('is left as it is also where it is an older one: somebody has gone back', () => {
    const older = record('20261101T080000Z-preview-0000000', newer.images);
    expect(servedSince(deployed, [{ record: older, serving: true }]).is).toBe('later');
  });

  it('is a stranger where the rebuild has deployed nothing yet, also where it has tried', () => {
    const tried = storyOf(
      { kind: 'stage-begun', stage: 'deploy' },
      { kind: 'stage-failed', stage: 'deploy', why: 'the gate was not passed' },
    );
    expect(servedSince(tried, [{ record: newer, serving: true }])).toEqual({
      is: 'stranger',
      fault: expect.stringMatching(/9999999 serves, deployed by grace on ci .* go back to preview-0123abc$/),
    });
  });

  it('is deployed, or passes its gate again, where nothing serves or the very build does', () => {
    const nothing = { is: 'nothing else' };
    expect(servedSince(storyOf(), [])).toEqual(nothing);
    // The records that came with the copy: none of them serves on the new host.
    expect(servedSince(storyOf(), [{ record: newer, serving: false }])).toEqual(nothing);
    expect(servedSince(deployed, [{ record: ours, serving: true }])).toEqual(nothing);
    expect(servedSince(storyOf(), [{ record: ours, serving: true }])).toEqual(nothing);
  });
});

describe('data on the new host of a rebuild', () => {
  const brought = (id: string): { readonly id: string } => ({ id });

  it('are those of a restore since it was begun', () => {
    const restored = brought('20261121T123500Z');
    expect(isBroughtSince(storyOf({ kind: 'stage-begun', stage: 'restore' }), restored)).toBe(true);
    // It had gone on with the copy that one before it had made.
    const before = brought('20261121T110000Z');
    expect(isBroughtSince(storyOf({ kind: 'stage-done', stage: 'restore', outcome: 'done' }), before)).toBe(
      true,
    );
  });

  it('are nobody’s where no restore has put them there, or one of before it, whatever the journal says of its own', () => {
    const restored = storyOf({ kind: 'stage-done', stage: 'restore', outcome: 'done' });
    expect(isBroughtSince(restored, undefined)).toBe(false);
    expect(isBroughtSince(storyOf(), brought('20261121T110000Z'))).toBe(false);
  });
});
