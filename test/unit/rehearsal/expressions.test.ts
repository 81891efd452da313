import { evaluate, Open, textOf, type Members, type Value } from '../../rehearsal/expressions/evaluate';
import { ExpressionError, parseExpression } from '../../rehearsal/expressions/syntax';
import { fillIn, holds, type Status } from '../../rehearsal/expressions/template';
import { allWorkflows, renderWorkflow } from '../../../workflows';
import { environments } from '../workflows/example';

const contexts: Members = {
  github: { event_name: 'push', sha: 'abc', event: { before: 'def' } },
  needs: {
    build: { result: 'success', outputs: new Open({ tag: 'v1' }) },
    test: { result: 'skipped', outputs: new Open({}) },
  },
  inputs: { wipe: '', 'plan-run': '7' },
  secrets: new Open({ KEY: 'x' }),
};
const value = (text: string): Value => evaluate(parseExpression(text), { contexts });

describe('an expression', () => {
  it.each<[string, Value]>([
    ["'it''s'", "it's"],
    ['-1.5', -1.5],
    ['true', true],
    ['null', null],
    ['github.event.before', 'def'],
    ['inputs.plan-run', '7'],
    ['needs.build.outputs.tag', 'v1'],
    ["github.event_name == 'PUSH'", true],
    ["github.event_name != 'push'", false],
    ['inputs.plan-run == 7', true],
    ["null == ''", true],
    ['null == 0', true],
    ["'a' == 0", false],
    ["true == 'true'", false],
    ['!inputs.wipe', true],
    ["!'0'", false],
    ['!0', true],
    ["'' || 'b'", 'b'],
    ["'a' && 'b'", 'b'],
    ["'' && 'b'", ''],
    ['false || false == false', true],
    ['true || true && false', true],
    ['(true || true) && false', false],
    ['!true == true', false],
    ['needs.test.outputs.tag || github.sha', 'abc'],
    ["github.event_name != 'pull_request' || github.event.pull_request.head", true],
    ["format('{0}/{1} {{0}}', 'a', 2)", 'a/2 {0}'],
    ['toJSON(needs.*.result)', '[\n  "success",\n  "skipped"\n]'],
    ['toJSON(needs.test)', '{\n  "result": "skipped",\n  "outputs": {}\n}'],
  ])('has its value: %s', (text, expected) => {
    expect(value(text)).toEqual(expected);
  });

  it('gives the first side of && where that is not true, as GitHub does', () => {
    expect(value("'' && github.nothing")).toBe('');
  });

  it.each<[string, RegExp]>([
    ['github.shaa', /"shaa" is no property there; there are: event_name, sha, event/],
    ['githubb.sha', /"githubb" is no context here/],
    ['github.event.pull_request.number', /"pull_request" is no property/],
    ['needs.deploy.result', /"deploy" is no property there; there are: build, test/],
    ['github.sha.length', /has no property "length"/],
    ['github.constructor', /"constructor" is no property/],
    ["contains('ab', 'a')", /the function contains\(\) is not known here; known: format, toJSON/],
    ['success()', /not known here/],
    ["format('{1}', 'a')", /\{1\} stands for no value/],
    ["format('{', 'a')", /stands for no value/],
    ['toJSON()', /takes 1, and was given 0/],
    ["needs == ''", /equals nothing but itself/],
    ['secrets.*', /whose values are known/],
  ])('is refused where its value is not known: %s', (text, says) => {
    expect(() => value(text)).toThrow(says);
    expect(() => value(text)).toThrow(ExpressionError);
  });

  it.each([
    '',
    'a b',
    '1 < 2',
    "github['sha']",
    '"double"',
    "'open",
    'github.',
    '(true',
    'true)',
    '!',
    'a ||',
    'format(',
    "format('a',)",
    '1x',
    'a = b',
  ])('is refused where it is none of these: %j', (text) => {
    expect(() => parseExpression(text)).toThrow(ExpressionError);
  });

  it('has nothing under a secret that is not set, and says no for one that it may not ask for', () => {
    expect(value('secrets.OTHER')).toBeNull();
    const asked = new Open({ KEY: 'x' }, (name) => {
      throw new ExpressionError(`${name} is another's`);
    });
    expect(() => evaluate(parseExpression('secrets.KEY'), { contexts: { secrets: asked } })).toThrow(
      "KEY is another's",
    );
  });
});

describe('a text with expressions', () => {
  it('has each in its place; null is nothing', () => {
    expect(fillIn("deploy-${{ github.sha }}-${{ null }}-${{ '}}' }}", { contexts })).toBe('deploy-abc--}}');
    expect(fillIn('none', { contexts })).toBe('none');
  });

  it('takes no object for a text, and no expression without an end', () => {
    expect(() => fillIn('${{ github }}', { contexts })).toThrow(/toJSON is meant/);
    expect(() => textOf(['a'])).toThrow(/has no text/);
    expect(() => fillIn("${{ 'a }}", { contexts })).toThrow(/has no end|is not read/);
    expect(() => fillIn('${{ github.sha }', { contexts })).toThrow(/has no end/);
  });
});

describe('a condition', () => {
  const status = (how: 'success' | 'failure' | 'cancelled'): Status => ({
    always: () => true,
    cancelled: () => how === 'cancelled',
    failure: () => how === 'failure',
    success: () => how === 'success',
  });

  it.each<[string | undefined, boolean, boolean, boolean]>([
    [undefined, true, false, false],
    ['${{ true }}', true, false, false],
    ['${{ always() }}', true, true, true],
    ['${{ !cancelled() }}', true, true, false],
    ['${{ failure() }}', false, true, false],
    ["${{ github.event_name == 'pull_request' }}", false, false, false],
    ["${{ always() && github.event_name == 'push' }}", true, true, true],
  ])('%s holds after success: %s, failure: %s, cancellation: %s', (condition, ...expected) => {
    const found = (['success', 'failure', 'cancelled'] as const).map((how) =>
      holds(condition, contexts, status(how)),
    );
    expect(found).toEqual(expected);
  });

  it('is one expression and nothing else', () => {
    expect(() => holds('true', contexts, status('success'))).toThrow(/not one expression/);
    expect(() => holds('a ${{ true }}', contexts, status('success'))).toThrow(/not one expression/);
  });
});

describe('the expressions of the workflows', () => {
  const texts = allWorkflows(environments).map((each) => [each.file, renderWorkflow(each)] as const);

  it.each(texts)('can all be read: %s', (_file, text) => {
    const found = [...text.matchAll(/\$\{\{(.*?)\}\}/g)].map(([, inner]) => inner?.trim() ?? '');
    expect(found.length).toBeGreaterThan(3);
    for (const each of found) expect(() => parseExpression(each)).not.toThrow();
  });
});
