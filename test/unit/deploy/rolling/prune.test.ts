import { planRolling } from '../../../../deploy/rolling/plan';
import { keptReleases, prunable, prunableBefore } from '../../../../deploy/rolling/prune';
import type { ReleaseRecord } from '../../../../deploy/rolling/record';
import { request, imagesOf, propsFor, servingHost } from './sample';

const reference = (digit: string): string => `${request.repository}@sha256:${digit.repeat(64)}`;
const serving = servingHost();
const record = (day: number, digit: string): ReleaseRecord => ({
  ...serving.release!,
  id: `202610${String(day).padStart(2, '0')}T000000Z-preview-${digit.repeat(7)}`,
  images: { ...serving.release!.images, app: reference(digit), migrator: reference(digit) },
});

describe('the images that a deploy removes', () => {
  const recorded = ['1', '2', '3', '4', '5', '6'].map((digit, index) => record(index + 1, digit)).reverse();
  const there = ['1', '2', '3', '4', '5', '6', '7'].map(reference);
  const props = propsFor(
    { ...serving, recorded: [serving.release!, ...recorded], images: there },
    { request: { tag: 'preview-4567def' }, images: imagesOf('preview-4567def', 'd', 'e') },
  );
  const plan = planRolling(props);
  const pruneOf = ({ steps }: typeof plan) => steps.find(({ id }) => id === 'prune');

  test('are of releases beyond those that can be gone back to, and of deploys that did not succeed', () => {
    // The new one, the one that served, and the three before it.
    expect(keptReleases).toBe(5);
    expect(pruneOf(plan)?.actions).toEqual([
      {
        do: 'run',
        command: {
          argv: ['docker', 'image', 'rm', ...['1', '2', '3', '7'].map(reference)],
          deadline: 120_000,
        },
      },
    ]);
    expect(plan.steps.at(-1)?.id).toBe('prune');
    const settles = plan.steps.findIndex((step) => step.settles);
    expect(plan.steps.findIndex(({ id }) => id === 'prune')).toBeGreaterThan(settles);
  });

  test('are never those of the release that serves, however old it is, nor of what it goes back to', () => {
    const oldest = record(1, '1');
    const facts = { ...serving, release: oldest, recorded, images: there };
    expect(prunable({ request, release: record(9, '2'), facts })).not.toEqual(
      expect.arrayContaining([reference('1')]),
    );
    expect(prunable({ request, release: record(9, '2'), facts })).not.toEqual(
      expect.arrayContaining([reference('2')]),
    );
  });

  test('are those of as many builds, however often the newest was deployed anew', () => {
    const anew = [5, 6, 7, 8].map((day) => ({ ...recorded[0]!, id: `2026110${day}T120000Z-preview-again` }));
    const once = { ...serving, recorded, images: there };
    const often = { ...once, recorded: [...recorded, ...anew] };
    const release = record(9, '2');
    expect(prunable({ request, release, facts: often })).toEqual(prunable({ request, release, facts: once }));
    expect(prunable({ request, release, facts: often })).not.toEqual([]);
  });

  test('are none of other repositories', () => {
    const others = [
      `hub.cogni.test/library/postgres@sha256:${'9'.repeat(64)}`,
      `${request.repository}-more@sha256:${'9'.repeat(64)}`,
    ];
    expect(prunable({ request, release: serving.release!, facts: { ...serving, images: others } })).toEqual(
      [],
    );
    expect(pruneOf(planRolling(propsFor(serving)))).toBeUndefined();
  });

  describe('of others', () => {
    const postgres = (digit: string): string => `hub.cogni.test/library/postgres@sha256:${digit.repeat(64)}`;
    const brought = recorded.map((each, index) => ({
      ...each,
      images: { ...each.images, litellm: postgres(String(index + 1)) },
    }));
    const host = {
      ...serving,
      recorded: [serving.release!, ...brought],
      images: ['1', '5', '6'].map(postgres),
    };

    test('are those that a release has brought and none of the kept ones needs', () => {
      // Of the newest five the last is the fourth that is recorded before what serves.
      expect(prunable({ request, release: serving.release!, facts: host })).toEqual(['5', '6'].map(postgres));
    });

    test('are none that a container was made from', () => {
      const container = { ...serving.containers[0]!, service: 'litellm', image: postgres('5') };
      const facts = { ...host, containers: [...serving.containers, container] };
      expect(prunable({ request, release: serving.release!, facts })).toEqual([postgres('6')]);
    });
  });

  test('before a release are none that can be gone back to now, nor those that it needs', () => {
    const facts = { ...serving, recorded: [serving.release!, ...recorded], images: there };
    // Of the release that serves and the four before it: the new one does not count until it is recorded.
    expect(prunableBefore({ request, facts }, [reference('7')])).toEqual(['1', '2'].map(reference));
  });

  test('are removed under the lock where the release serves already', () => {
    const again = planRolling(propsFor({ ...serving, images: there, recorded: [serving.release!] }));
    expect(again.unchanged).toBe(true);
    expect(again.steps.map(({ id }) => id)).toEqual(['lock', 'gate', 'mark', 'tidy', 'prune']);
  });
});
