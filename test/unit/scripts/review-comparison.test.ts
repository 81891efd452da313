import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  alarmedBy,
  compared,
  comparisonReport,
  missedBy,
  namedByText,
  seenByCounts,
  seenByReview,
  seenByText,
} from '../../../scripts/review-comparison';
import { actionCounts, planText, textVerdict } from '../../../scripts/review-rivals';
import { corpus } from '../review/corpus';
import { change, planOf, server, updated } from '../review/plans';

const all = compared(corpus);
const wipes = all.filter(({ deserved }) => deserved === 'WIPE');

describe('on the corpus of plans', () => {
  test('the review misses nothing, raises no alarm about nothing, and names what each plan deserved', () => {
    expect(missedBy(all, seenByReview)).toEqual([]);
    expect(alarmedBy(all, seenByReview)).toEqual([]);
    expect(all.filter(({ review, deserved }) => review !== deserved)).toEqual([]);
  });

  test('there are disks that are emptied in place, and text matching names the machine of none of them', () => {
    expect(wipes.length).toBeGreaterThanOrEqual(10);
    expect(wipes.filter(namedByText)).toEqual([]);
  });

  test('a disk that is emptied in place is "1 to change" to text matching and action counts', () => {
    const wipe = wipes.find(({ scenario }) => scenario === 'server user_data changed, reinstall allowed')!;
    expect(wipe.text).toMatchObject({
      label: 'add-or-update',
      warnsOfDeletion: false,
      line: 'Plan: 0 to add, 1 to change, 0 to destroy.',
    });
    expect(wipe.counts).toEqual({ add: 0, change: 1, destroy: 0 });
    for (const sees of [seenByText, seenByCounts]) expect(missedBy(all, sees)).toContain(wipe);
  });

  test('the committed page is what the corpus gives (npm run review-figures)', () => {
    const committed = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'reports', 'review.md'), 'utf8');
    // Tables are set in columns by the formatter.
    const plain = (page: string): readonly string[] =>
      page.split('\n').map((line) => line.replaceAll(/-{3,}/g, '---').replaceAll(/ +/g, ' ').trimEnd());
    expect(plain(committed)).toEqual(plain(comparisonReport(all)));
  });
});

describe('a plan as text', () => {
  const at = (address: string): Readonly<Record<string, unknown>> => ({ address });

  test('announces each change as Terraform does', () => {
    const reason = (action_reason: string): Readonly<Record<string, unknown>> => ({ action_reason });
    const plan = planOf([
      change(['create'], null, server, at('a.create')),
      change(['delete'], server, null, at('a.delete')),
      change(['delete', 'create'], server, server, at('a.replace')),
      change(['create', 'delete'], server, server, {
        ...at('a.tainted'),
        ...reason('replace_because_tainted'),
      }),
      change(['delete', 'create'], server, server, { ...at('a.asked'), ...reason('replace_by_request') }),
      change(['no-op'], server, server, { ...at('a.moved'), previous_address: 'a.old' }),
      { ...updated({ name: 'x' }), ...at('a.update') },
      change(['read'], null, {}, { ...at('data.a.b'), mode: 'data' }),
    ]);
    expect(planText(plan).split('\n')).toEqual([
      '  # a.create will be created',
      '  # a.delete will be destroyed',
      '  # a.replace must be replaced',
      '  # a.tainted is tainted, so must be replaced',
      '  # a.asked will be replaced, as requested',
      '  # a.old has moved to a.moved',
      '  # a.update will be updated in-place',
      'Plan: 4 to add, 1 to change, 4 to destroy.',
    ]);
    expect(actionCounts(plan)).toEqual({ add: 4, change: 1, destroy: 4 });
    expect(textVerdict(planText(plan))).toMatchObject({
      label: 'destroy',
      deleted: ['a.delete', 'a.replace', 'a.tainted', 'a.asked'],
    });
  });

  test('that changes nothing, or only outputs, has no counts', () => {
    expect(textVerdict(planText(planOf([change(['no-op'], server, server)])))).toMatchObject({
      label: 'no-changes',
      warnsOfDeletion: false,
    });
    const output = { output_changes: { host: { actions: ['update'], before: 1, after: 2 } } };
    expect(textVerdict(planText(planOf([], output)))).toMatchObject({
      label: 'add-or-update',
      line: 'Changes to Outputs:',
    });
  });
});
