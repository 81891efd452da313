import { worstOf } from '../../../review';
import { reviewOf, verdictOnChanges } from '../../../scripts/review-comparison';
import { corpus, deserved } from './corpus';

describe('a review of a plan that Terraform made', () => {
  it.each(corpus.map((each) => [each.scenario, each] as const))(
    'says of "%s" what applying it then did',
    (_, each) => {
      expect(verdictOnChanges(reviewOf(each))).toBe(deserved(each));
    },
  );

  it.each(corpus.map((each) => [each.scenario, each] as const))(
    'is never better than what "%s" deserved, whatever else it finds',
    (_, each) => {
      const { verdict } = reviewOf(each);
      expect(worstOf([verdict, deserved(each)])).toBe(verdict);
    },
  );

  it('was tried on plans of every verdict', () => {
    expect(new Set(corpus.map(deserved))).toEqual(
      new Set([
        ...['WIPE', 'DOOMED', 'REPLACE', 'DESTROY', 'ARMED', 'IMPORT-WIPE'],
        ...['REVIEW', 'UPDATE', 'CREATE', 'NO-OP'],
      ]),
    );
  });
});
