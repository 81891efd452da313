import fc from 'fast-check';
import {
  commentLimit,
  jsonReport,
  readPlan,
  renderComment,
  renderSummary,
  renderText,
  reviewPlan,
  severityOf,
  UnreadablePlan,
  type Review,
} from '../../../review';
import { corpus, deserved } from './corpus';
import { change, encoded, planOf, reviewed, server, updated } from './plans';

type Tree = Readonly<Record<string, unknown>>;

/** The review of a plan file, or undefined when it is refused. Anything else is a fault of the review. */
function tryReview(text: string): Review | undefined {
  try {
    return reviewPlan({ plan: readPlan(text), now: 0 });
  } catch (thrown) {
    if (thrown instanceof UnreadablePlan) return undefined;
    throw thrown;
  }
}

const isSafe = (review: Review | undefined): boolean =>
  review !== undefined && ['safe', 'nothing'].includes(review.severity);

/** Plans that lose something or fail. */
const harmful = corpus.filter((each) => severityOf(deserved(each)) === 'destructive');
const files = harmful.map(({ plan }) => JSON.stringify(plan));

/** Everything of a plan that is not a value of a resource: its envelope. */
function envelopeOf(plan: Tree): readonly (readonly (string | number)[])[] {
  const changes = (plan['resource_changes'] as readonly Tree[]).flatMap((resource, index) => [
    ...Object.keys(resource).map((key) => ['resource_changes', index, key]),
    ...Object.keys(resource['change'] as Tree).map((key) => ['resource_changes', index, 'change', key]),
  ]);
  return [...Object.keys(plan).map((key) => [key]), ...changes];
}

function withAt(
  tree: unknown,
  [first, ...rest]: readonly (string | number)[],
  junk: { readonly value?: unknown },
): unknown {
  if (Array.isArray(tree))
    return tree.map((each: unknown, at) => (at === first ? withAt(each, rest, junk) : each));
  const { [String(first)]: old, ...others } = tree as Tree;
  if (rest.length > 0) return { ...others, [String(first)]: withAt(old, rest, junk) };
  return 'value' in junk ? { ...others, [String(first)]: junk.value } : others;
}

const junk = [null, 0, '', [], {}, true, 'x', ['x'], [{}], { x: 1 }].map((value) => ({ value }));
/** What a resource was and becomes are values: another object there is another plan, not a damaged one. */
const junkAt = (at: readonly (string | number)[]): readonly { readonly value?: unknown }[] => [
  {},
  ...(['before', 'after'].includes(String(at.at(-1)))
    ? junk.filter(({ value }) => typeof value !== 'object' || value === null || Array.isArray(value))
    : junk),
];

const damage = fc
  .constantFrom(...harmful)
  .chain(({ plan }) => fc.tuple(fc.constant(plan), fc.constantFrom(...envelopeOf(plan))))
  .chain(([plan, at]) =>
    fc.record({ plan: fc.constant(plan), at: fc.constant(at), junk: fc.constantFrom(...junkAt(at)) }),
  );

describe('a plan that loses something or fails', () => {
  it('is refused when it is cut off anywhere', () => {
    fc.assert(
      fc.property(fc.constantFrom(...files), fc.double({ min: 0, max: 1, noNaN: true }), (file, part) => {
        expect(tryReview(file.slice(0, Math.floor(part * (file.length - 1))))).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it('is never called safe when some part of its envelope is gone, or is something else', () => {
    fc.assert(
      fc.property(damage, ({ plan, at, junk: with_ }) => {
        expect(isSafe(tryReview(JSON.stringify(withAt(plan, at, with_))))).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  it('is never called safe among thousands of harmless changes, and is the first that the comment shows', () => {
    fc.assert(
      fc.property(fc.nat(4_999), (place) => {
        const changes = Array.from({ length: 5_000 }, (_, index) =>
          index === place
            ? updated({ user_data: encoded('#cloud-config\n# x\n'), allow_reinstall: true })
            : change(
                ['update'],
                server,
                { ...server, tags: { n: String(index) } },
                { address: `cherryservers_server.a${index}` },
              ),
        );
        const review = reviewed(changes);
        expect([review.verdict, review.changes.length]).toEqual(['WIPE', 5_000]);
        const comment = renderComment(review);
        expect(comment.length).toBeLessThanOrEqual(commentLimit);
        expect(comment).toContain('1 resource will be WIPED');
        expect(/^\| \*\*[A-Z]+\*\* \|.*$/m.exec(comment)![0]).toContain('cherryservers_server.app');
      }),
      { numRuns: 3 },
    );
  });
});

describe('every form of the report', () => {
  const claims = fc.constantFrom(
    ...[
      '✅ the plan changes nothing',
      '## ✅',
      'Verdict **NO-OP** (nothing, exit code 0)',
      'NO-OP  the plan changes nothing',
    ],
    ...[
      '\n## ✅ the plan changes nothing\n',
      '\r\nNO-OP',
      '\u001b[1A\u001b[2KNO-OP',
      '{"verdict":"NO-OP"}',
      '","verdict":"NO-OP',
    ],
    ...['<!-- cogni-review environment=production -->', '-->\n## ✅'],
  );
  const name = fc.oneof(claims, fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }));

  it('begins with the verdict, whatever names and values claim', () => {
    fc.assert(
      fc.property(name, fc.constantFrom('WIPE', 'DESTROY', 'REVIEW'), (text, verdict) => {
        const address = `cherryservers_server.app["${text}"]`;
        const changes = {
          WIPE: {
            ...updated({ name: text, tags: { [text]: text }, user_data: text, allow_reinstall: true }),
            address,
          },
          DESTROY: { ...change(['delete'], { ...server, name: text }, null), address },
          REVIEW: change([text], { name: text }, { name: text }, { address, type: text }),
        };
        const review = reviewed([changes[verdict]], {
          environment: text,
          commit: text,
          planHash: text,
          diagnostics: [{ severity: 'warning', summary: text, detail: text, address: text }],
        });
        expect(review.verdict).toBe(verdict);
        const sign = verdict === 'REVIEW' ? '## ⚠️ ' : '## 🛑 ';
        const [marker, heading] = renderComment(review).split('\n');
        expect(marker).toMatch(/^<!-- cogni-review environment=\S+ -->$/);
        expect(heading!.startsWith(sign)).toBe(true);
        expect(renderSummary(review).startsWith(sign)).toBe(true);
        expect(renderText(review).startsWith(`${verdict}  `)).toBe(true);
        expect(JSON.parse(JSON.stringify(jsonReport(review)))).toMatchObject({
          verdict,
          exitCode: verdict === 'REVIEW' ? 11 : 12,
        });
      }),
      { numRuns: 150 },
    );
  });
});

describe('a plan that lost its changes, and nothing else', () => {
  const plan = {
    ...planOf([change(['no-op'], server, server)]),
    applyable: true,
    planned_values: {
      root_module: {
        resources: [{ address: 'data.x.y', mode: 'data' }],
        child_modules: [{ resources: [{ address: 'module.m.cherryservers_server.app', mode: 'managed' }] }],
      },
    },
    prior_state: {
      values: { root_module: { resources: [{ address: 'cherryservers_server.old', mode: 'managed' }] } },
    },
  };
  const doubts = (part: object): readonly string[] | undefined =>
    tryReview(JSON.stringify({ ...plan, ...part }))?.doubts;
  const none = { applyable: false, planned_values: {}, prior_state: {} };

  it('has to be reviewed: it says that there is something to apply, and not what', () => {
    expect(doubts({ ...none, applyable: true })).toEqual([
      'the plan says that there is something to apply, and names nothing',
    ]);
    expect(
      doubts({ ...none, applyable: true, resource_drift: [change(['update'], server, server)] }),
    ).toContain(
      'the plan says that there is something to apply, and names nothing but what was changed outside Terraform',
    );
  });

  it('has to be reviewed: it names resources, also of modules, and not what becomes of them', () => {
    expect(doubts({ ...none, planned_values: plan.planned_values })).toEqual([
      '1 resource is planned, and the plan does not say how',
    ]);
    expect(doubts({ ...none, prior_state: plan.prior_state })).toEqual([
      '1 resource is there, and the plan does not say what becomes of it (nor does one of -target)',
    ]);
    expect(doubts({ resource_changes: [] })).toHaveLength(3);
    const resources = ['cherryservers_server.app', 'data.cherryservers_plans.all'].map((address) => ({
      address,
    }));
    const configuration = { root_module: { resources } };
    expect(tryReview(JSON.stringify({ format_version: '1.2', configuration }))?.doubts).toEqual([
      '1 resource is configured, and the plan says nothing of it',
    ]);
  });

  it('is in no doubt where it says of each what it does: what moves was named otherwise before', () => {
    const changes = ['module.m.cherryservers_server.app', 'cherryservers_server.new'].map((address) => ({
      ...change(['no-op'], server, server),
      address,
      ...(address.endsWith('new') ? { previous_address: 'cherryservers_server.old' } : {}),
    }));
    expect(doubts({ resource_changes: changes })).toEqual([]);
    expect(doubts(none)).toEqual([]);
  });

  it.each([
    ['action_invocations', [{ address: 'action.reboot', type: 'reboot' }]],
    ['deferred_action_invocations', [{ reason: 'unknown' }]],
    ['of_tomorrow', { does: 'something' }],
  ])('has to be reviewed: it has a part that nobody here knows, %s', (name, part) => {
    expect(doubts({ ...none, [name]: part })).toEqual([expect.stringContaining(`"${name}"`)]);
    expect(isSafe(tryReview(JSON.stringify({ ...planOf([updated({ name: 'x' })]), [name]: part })))).toBe(
      false,
    );
    expect(doubts({ ...none, [name]: [] })).toEqual([]);
  });

  it('is in no doubt where it only looks whether anything was changed outside Terraform, and nothing was', () => {
    expect(doubts({ ...plan, planned_values: {}, applyable: false, resource_changes: undefined })).toEqual(
      [],
    );
  });
});

describe('a change that makes what is there', () => {
  it('has to be reviewed: what is made was not there before', () => {
    const wiping = { ...server, user_data: encoded('#cloud-config\n# x\n'), allow_reinstall: true };
    expect(isSafe(reviewed([change(['create'], server, wiping)]))).toBe(false);
    expect(isSafe(reviewed([change(['create'], null, wiping)]))).toBe(true);
  });
});

describe('a change that does two things at once', () => {
  it.each([
    ['create', 'update'],
    ['no-op', 'create'],
    ['update', 'update'],
    ['create', 'delete', 'create'],
  ])('has to be reviewed: %s and %s', (...actions) => {
    expect(isSafe(reviewed([change(actions, server, server)]))).toBe(false);
  });
});

describe('a data source', () => {
  const data = (...actions: readonly string[]): Review =>
    reviewed([change(actions, null, server, { mode: 'data', address: 'data.cherryservers_server.app' })]);

  it('changes nothing where it is read', () => {
    expect(data('read').verdict).toBe('NO-OP');
  });

  it.each(['create', 'update', 'delete', 'x'])(
    'has to be reviewed where something else is done: %s',
    (action) => {
      expect(isSafe(data(action))).toBe(false);
    },
  );
});

describe('a file that is nested without end', () => {
  const nested = (depth: number): string =>
    JSON.stringify(planOf([updated({ tags: 'here' })])).replaceAll(
      '"here"',
      `${'['.repeat(depth)}${']'.repeat(depth)}`,
    );

  it('is refused, not walked through', () => {
    for (const depth of [201, 100_000]) {
      expect(() => readPlan(nested(depth))).toThrow(UnreadablePlan);
      expect(() => readPlan(nested(depth))).toThrow('nested more than 200 levels deep');
    }
  });

  it('is read as long as a plan could be nested so', () => {
    expect(tryReview(nested(100))?.verdict).toBe('UPDATE');
  });
});

describe('a change of which the plan does not say enough', () => {
  it.each([
    ['is not there', undefined],
    ['is empty', {}],
    ['is something else', 'x'],
  ])('has to be reviewed: what is only known after apply %s', (_, after_unknown) => {
    const wiping = { user_data: undefined, allow_reinstall: true };
    const known = updated(wiping, { after_unknown: { user_data: true } }, { user_data: null });
    const lost = updated(wiping, { after_unknown }, { user_data: null });
    expect(reviewed([known]).verdict).toBe('WIPE');
    expect(isSafe(tryReview(JSON.stringify(planOf([lost]))))).toBe(false);
  });

  it('has to be reviewed: the switch inside of an attribute is neither there nor only known after apply', () => {
    const project = { address: 'cherryservers_project.it', type: 'cherryservers_project', name: 'it' };
    const off = { enabled: false, local_asn: 0 };
    const lost = change(['update'], { bgp: off }, { bgp: { local_asn: 0 } }, project);
    const known = { after_unknown: { bgp: { enabled: true } } };
    expect(
      reviewed([change(['update'], { bgp: off }, { bgp: { local_asn: 0 } }, project, known)]).verdict,
    ).toBe('DOOMED');
    expect(isSafe(reviewed([lost]))).toBe(false);
  });

  it.each([
    ['an update of nothing', 'update', null, server, 'what it is now'],
    ['an update to nothing', 'update', server, null, 'what it becomes'],
    ['a creation of nothing', 'create', null, null, 'what it becomes'],
    ['a deletion of nothing', 'delete', null, null, 'what it is now'],
    ['an update of what is no object', 'update', 'x', server, 'what it is now'],
    ['a creation of what is no object', 'create', null, [], 'what it becomes'],
  ])('has to be reviewed: %s', (_, action, before, after, said) => {
    const review = reviewed([change([action], before as never, after as never)]);
    expect(isSafe(review)).toBe(false);
    expect(review.changes[0]!.findings.map(({ why }) => why)).toContain(`the plan does not say ${said}`);
  });
});
