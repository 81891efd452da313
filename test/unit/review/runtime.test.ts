import Ajv from 'ajv';
import {
  jsonReport,
  renderComment,
  renderText,
  reportSchema,
  type Review,
  type RuntimeFacts,
} from '../../../review';
import { everyForm } from './every-form';
import { change, encoded, reviewed, server, updated } from './plans';

const rendered: RuntimeFacts['rendered'] = [
  { of: 'container', name: 'cogni-runtime/litellm' },
  { of: 'image', name: 'ghcr.io/berriai/litellm@sha256:1' },
  { of: 'network', name: 'cogni-runtime_internal' },
  { of: 'file', name: '/opt/cogni/runtime/compose.yaml' },
  { of: 'setting', name: 'AUTH_SECRET' },
];
const changes: readonly { of: 'container' | 'setting'; name: string; what: string }[] = [
  { of: 'setting', name: 'AUTH_SECRET', what: 'is needed, and is not set there' },
  { of: 'container', name: 'cogni-runtime/litellm', what: 'a deploy would make it anew' },
];
const hostOf = (compared: RuntimeFacts['compared'], host = 'prod-app'): Record<string, RuntimeFacts> => ({
  [host]: { rendered, compared },
});
const compared = hostOf({ changes });
const wiped = updated({ user_data: encoded('#cloud-config\nusers: [default]\n'), allow_reinstall: true });
const outcome = (review: Review): unknown => review.runtime?.map((each) => each.outcome);
/** Words that promise that nothing happens. */
const noChange = /\bnothing changes|no change|has and runs what is rendered/;

describe('what runs on the hosts', () => {
  it('is not known, and said to be so, where nobody says anything of it', () => {
    const review = reviewed([]);
    expect(review.runtime).toBeUndefined();
    expect(renderText(review)).toContain('what runs on the hosts: not known: it was not handed in');
    expect(renderComment(review)).toContain('### What runs on the hosts\n\nOf what runs on them: not known');
    expect(renderText(review)).not.toMatch(noChange);
    expect(jsonReport(review)).not.toHaveProperty('runtime');
  });

  it('is not known, with the reason, where the host could not be asked: never no change', () => {
    const review = reviewed([], { runtimes: hostOf({ unknown: 'there is no SSH agent' }) });
    expect(outcome(review)).toEqual(['unknown']);
    for (const text of [renderText(review), renderComment(review)]) {
      expect(text).toContain('not known, so there may be any change: there is no SSH agent');
      expect(text).not.toMatch(noChange);
    }
  });

  it('stays where the host has just that, and only then is said to', () => {
    const review = reviewed([], { runtimes: hostOf({ changes: [] }) });
    expect(outcome(review)).toEqual(['compared']);
    expect(renderText(review)).toContain(
      'what runs on prod-app: it has and runs what is rendered: nothing changes',
    );
  });

  it('changes with the next deploy, by kind, containers first', () => {
    const review = reviewed([updated({ name: 'x' })], { runtimes: compared });
    expect(renderText(review)).toContain(
      [
        'what runs on prod-app: applying the plan leaves it as it is; the next deploy (or ./cogni edge apply) changes:',
        '  containers:',
        '    cogni-runtime/litellm: a deploy would make it anew',
        '  settings, by name:',
        '    AUTH_SECRET: is needed, and is not set there',
      ].join('\n'),
    );
    expect(renderComment(review)).toContain(
      '  - containers: <code>cogni-runtime/litellm</code> a deploy would make it anew\n  - settings, by name: <code>AUTH_SECRET</code> is needed, and is not set there',
    );
  });

  it.each([
    ['emptied', wiped, /its disk is emptied: everything on it is made anew/],
    ['replaced', change(['delete', 'create'], server, server), /destroyed and made anew/],
    ['made', change(['create'], null, server), /it is made: everything on it is new/],
  ])('is all new on a host that is %s, whatever runs there now', (_what, resource, says) => {
    for (const facts of [compared, hostOf({ changes: [] }), hostOf({ unknown: 'no answer' })]) {
      const review = reviewed([resource], { runtimes: facts });
      expect(outcome(review)).toEqual(['all-new']);
      expect(review.runtime?.[0]?.changes.map(({ name }) => name)).toEqual(rendered.map(({ name }) => name));
      expect(renderText(review)).toMatch(says);
      expect(renderText(review)).toContain('  networks: cogni-runtime_internal\n');
    }
  });

  it('is all gone on a host that is destroyed', () => {
    const review = reviewed([change(['delete'], server, null)], { runtimes: compared });
    expect(outcome(review)).toEqual(['all-gone']);
    expect(renderText(review)).toContain('what runs on prod-app: it is destroyed, with everything on it');
  });

  it('is not known where what the plan does to the host is not', () => {
    const review = reviewed([updated({ nobody_knows: 1 })], { runtimes: compared });
    expect([review.verdict, outcome(review)]).toEqual(['REVIEW', ['unknown']]);
  });

  it('is not known where the plan takes a server, and calls none by this name', () => {
    expect(outcome(reviewed([wiped], { runtimes: hostOf({ changes: [] }, 'other') }))).toEqual(['unknown']);
    expect(
      outcome(reviewed([updated({ name: 'x' })], { runtimes: hostOf({ changes: [] }, 'other') })),
    ).toEqual(['compared']);
  });

  it('is decided by the worst that the plan does to the host, also where its name is sensitive', () => {
    const deposed = change(['delete'], server, null, { deposed: 'abcd1234' });
    expect(outcome(reviewed([updated({ name: 'x' }), deposed], { runtimes: compared }))).toEqual([
      'all-gone',
    ]);
    const hidden = updated(
      { user_data: encoded('#cloud-config\nusers: [default]\n'), allow_reinstall: true },
      { before_sensitive: { hostname: true }, after_sensitive: { hostname: true } },
    );
    expect(outcome(reviewed([hidden], { runtimes: compared }))).toEqual(['all-new']);
  });

  it('does not change the verdict, which is about the plan', () => {
    for (const runtimes of [compared, hostOf({ unknown: 'x' }), {}])
      expect(reviewed([], { runtimes }).exitCode).toBe(0);
  });

  it('is in the JSON report, by its schema', () => {
    const valid = new Ajv().compile(reportSchema() as object);
    for (const runtimes of [undefined, compared, hostOf({ unknown: 'x' })]) {
      const report = jsonReport(reviewed([wiped], runtimes === undefined ? {} : { runtimes }));
      expect([valid(report), valid.errors]).toEqual([true, null]);
    }
  });

  it('shows no secret, in whatever name or reason it stands, and nothing that Markdown takes for its own', () => {
    const secret = 'planted-Secret-0815';
    const facts: RuntimeFacts = {
      rendered: [{ of: 'image', name: secret }],
      compared: { changes: [{ of: 'file', name: `/a|b/${secret}`, what: `@all <b> ${secret}\u001b[2J\nx` }] },
    };
    const masking = { redact: (text: string): string => text.replaceAll(secret, '(secret)') };
    const reviews = [
      reviewed([], { runtimes: { h: facts }, masking }),
      reviewed([wiped], { runtimes: { 'prod-app': facts }, masking }),
      reviewed([], { runtimes: { [secret]: { rendered: [], compared: { unknown: secret } } }, masking }),
    ];
    for (const text of reviews.flatMap(everyForm)) expect(text).not.toContain(secret);
    const comment = renderComment(reviews[0] as Review);
    for (const sign of ['@all', '<b>', '\u001b']) expect(comment).not.toContain(sign);
    expect(renderText(reviews[0] as Review)).not.toContain('\u001b');
  });

  it('is cut by whole lines before verdicts are', () => {
    const many = Array.from({ length: 3_000 }, (_, index) => ({
      of: 'file' as const,
      name: `/opt/cogni/runtime/files/number-${index}`,
      what: 'differs',
    }));
    const comment = renderComment(
      reviewed([wiped], {
        runtimes: {
          other: { rendered, compared: { unknown: 'x' } },
          h: { rendered, compared: { changes: many } },
        },
      }),
    );
    expect(comment.length).toBeLessThanOrEqual(65_536);
    expect(comment).toContain('| **WIPE** |');
  });
});
