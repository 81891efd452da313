import fc from 'fast-check';
import {
  readPlan,
  reviewPlan,
  ruleTables,
  severityOf,
  verdicts,
  worstOf,
  type Verdict,
} from '../../../review';
import { change, planOf, reviewed, server } from './plans';

const table = ruleTables.find(({ version }) => version === '1.5.3')!;
const rules = table.types['cherryservers_server']!.attributes;

const value = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.string(), { maxLength: 3 }),
);
/** An attribute that differs: by its value, or because it is not known. */
const difference = fc.record({
  name: fc.constantFrom(...Object.keys(rules), 'unheard_of'),
  before: value,
  after: value,
  unknown: fc.boolean(),
});

/** What a change of one attribute is at least, said again in the plainest way: straight from the effect. */
const atLeast: Readonly<Record<string, Verdict>> = {
  wipes: 'DOOMED',
  replaces: 'REVIEW',
  'in-place': 'UPDATE',
  arms: 'UPDATE',
  'read-only': 'NO-OP',
  unknown: 'REVIEW',
};

describe('over generated plans', () => {
  it('a verdict is never better than the worst attribute deserves', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(difference, { minLength: 1, selector: ({ name }) => name }),
        (differences) => {
          const before = { ...server };
          const after: Record<string, unknown> = { ...server };
          const unknown: Record<string, unknown> = {};
          const expected: Verdict[] = [];
          for (const each of differences) {
            Object.assign(before, { [each.name]: each.before });
            after[each.name] = each.unknown ? undefined : each.after;
            if (each.unknown) unknown[each.name] = true;
            const differs = each.unknown || JSON.stringify(each.before) !== JSON.stringify(each.after);
            if (differs) expected.push(atLeast[rules[each.name]?.effect ?? 'unknown']!);
          }
          const wipes = expected.includes('DOOMED');
          const allowed = unknown['allow_reinstall'] === true || after['allow_reinstall'] === true;
          if (wipes && allowed) expected.push('WIPE');
          const { verdict } = reviewed([change(['update'], before, after, {}, { after_unknown: unknown })]);
          expect(worstOf([verdict, ...expected])).toBe(verdict);
        },
      ),
    );
  });

  it('a plan is never better than its worst change, in whatever order they stand', () => {
    const actions = fc.constantFrom(
      ['no-op'],
      ['create'],
      ['update'],
      ['delete'],
      ['delete', 'create'],
      ['forget'],
      ['?'],
    );
    fc.assert(
      fc.property(fc.array(actions, { maxLength: 8 }), fc.boolean(), (all, turned) => {
        const changes = all.map((each, index) =>
          change(
            each,
            server,
            { ...server, name: each[0] === 'update' ? 'x' : server['name'] },
            { address: `cherryservers_server.a${index}` },
          ),
        );
        const alone = changes.map((each) => reviewed([each]).verdict);
        const together = reviewed(turned ? [...changes].reverse() : changes);
        expect(together.verdict).toBe(worstOf(alone));
        expect(Object.values(together.counts).reduce((sum, count) => sum + count, 0)).toBe(changes.length);
      }),
    );
  });

  it('what is deleted, unknown, or of an unknown type or provider is never safe', () => {
    const strange = fc.oneof(
      fc.string({ minLength: 1 }).map((type) => ({ type: `x_${type}` })),
      fc
        .string({ minLength: 1 })
        .map((name) => ({ provider_name: `registry.example/x${name}/y`, type: 'y_z' })),
    );
    fc.assert(
      fc.property(
        strange,
        fc.constantFrom('create', 'update', 'delete', 'read-twice'),
        fc.dictionary(fc.string(), value),
        (rest, action, values) => {
          const { severity } = reviewed([change([action], values, { ...values, other: 1 }, rest)]);
          expect(['needs-review', 'destructive']).toContain(severity);
        },
      ),
    );
  });

  it('any JSON at all is either refused or given a verdict that exists', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (before) => {
        const plan = planOf([change(['update'], before as never, before as never)]);
        const { verdict } = reviewPlan({ plan: readPlan(JSON.stringify(plan)), now: 0 });
        expect(verdicts).toContain(verdict);
        expect(severityOf(verdict)).not.toBe('nothing');
      }),
    );
  });
});
