import { readDiagnostics, readPlan, reviewPlan, worstOf, type Review } from '../../../review';
import { corpus, deserved } from './corpus';

const reviewOf = ({ plan, diagnostics }: (typeof corpus)[number]): Review =>
  reviewPlan({
    plan: readPlan(JSON.stringify(plan)),
    ...(diagnostics.length === 0
      ? {}
      : { diagnostics: readDiagnostics(diagnostics.map((line) => JSON.stringify(line)).join('\n')) }),
    now: 0,
  });

describe('a review of a plan that Terraform made', () => {
  it.each(corpus.map((each) => [each.scenario, each] as const))(
    'says of "%s" what applying it then did',
    (_, each) => {
      const { changes, outputs } = reviewOf(each);
      const verdicts = [
        ...changes.map(({ verdict }) => verdict),
        ...(outputs.length > 0 ? ['UPDATE' as const] : []),
      ];
      expect(worstOf(verdicts)).toBe(deserved(each));
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
