import fc from 'fast-check';
import { readDiagnostics, readPlan, UnreadablePlan } from '../../../review';
import { planOf, updated } from './plans';

const text = JSON.stringify(planOf([updated({ name: 'renamed' })]));

function faultOf(work: () => unknown): string {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof UnreadablePlan) return thrown.message;
    throw thrown;
  }
  return 'none';
}

describe('reading a plan', () => {
  it('takes what Terraform prints', () => {
    expect(readPlan(text).resource_changes).toHaveLength(1);
  });

  it('takes it with a byte order mark, as some shells write it', () => {
    expect(readPlan(`\uFEFF${text}`).resource_changes).toHaveLength(1);
  });

  it.each([
    ['an empty file', '', 'the plan file is empty'],
    ['the plan file itself', 'PK\u0003\u0004', "Terraform's own plan file, not its JSON"],
    ['messages', '{"@level":"info","type":"version"}\n{"@level":"info"}', 'the messages of plan -json'],
    ['a list', '[]', 'holds no JSON object'],
    ['another document', '{"hello":1}', 'no format_version'],
    ['a state', '{"format_version":"1.0","values":{}}', 'a state'],
    ['the schema of a provider', '{"format_version":"1.0","provider_schemas":{}}', 'schema'],
    ['a plan without its parts', '{"format_version":"1.2"}', 'it is no plan'],
    ['a newer minor format', '{"format_version":"1.3","resource_changes":[]}', 'known are 1.0 to 1.2'],
    ['a newer major format', '{"format_version":"2.0","resource_changes":[]}', 'known are 1.0 to 1.2'],
    ['a format that is no version', '{"format_version":"1.2.3","resource_changes":[]}', 'known are'],
    [
      'a change without actions',
      JSON.stringify(planOf([{ ...updated({}), change: { actions: [] } }])),
      'actions',
    ],
    ['changes that are no list', '{"format_version":"1.2","resource_changes":{}}', 'resource_changes'],
  ])('refuses %s, and says how to make a plan', (_, given, said) => {
    const fault = faultOf(() => readPlan(given));
    expect(fault).toContain(said);
    expect(fault).toMatch(/next: .*(terraform show -json|Terraform)/);
  });

  it('refuses it cut off at any place', () => {
    fc.assert(
      fc.property(fc.nat(text.length - 1), (length) => {
        expect(faultOf(() => readPlan(text.slice(0, length)))).not.toBe('none');
      }),
    );
  });

  it('lists at most ten faults of a large file', () => {
    const broken = JSON.stringify(planOf(Array.from({ length: 30 }, () => ({ mode: 'managed' }))));
    const fault = faultOf(() => readPlan(broken));
    expect(fault.split('\n').filter((line) => line.startsWith('  - '))).toHaveLength(11);
    expect(fault).toMatch(/and \d+ more/);
  });
});

describe('reading diagnostics', () => {
  const line = (diagnostic: object): string => JSON.stringify({ type: 'diagnostic', diagnostic });

  it('takes the diagnostics out of the messages, with their text as it is', () => {
    const messages = [
      '{"type":"version","terraform":"1.11.4"}',
      line({ severity: 'warning', summary: 'It wipes', detail: 'a\nb', address: 'a.b' }),
      line({ severity: 'error', summary: 'No', detail: '' }),
      '',
    ].join('\n');
    expect(readDiagnostics(messages)).toEqual([
      { severity: 'warning', summary: 'It wipes', detail: 'a\nb', address: 'a.b' },
      { severity: 'error', summary: 'No', detail: '' },
    ]);
  });

  it('finds none where Terraform gave none', () => {
    expect(readDiagnostics('{"type":"version"}\n')).toEqual([]);
  });

  it.each([
    ['nothing at all', '', 'no message at all'],
    ['a line that was cut off', '{"type":"version"}\n{"type":"diag', 'line 2 is no message'],
    ['a diagnostic without a summary', line({ severity: 'warning' }), 'line 1 is a diagnostic without'],
  ])('refuses %s: a warning could be in what is missing', (_, given, said) => {
    expect(faultOf(() => readDiagnostics(given))).toContain(said);
  });
});
