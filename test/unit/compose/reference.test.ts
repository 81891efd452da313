import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as compose from '../../../compose';
import * as reading from '../../../compose/read';
import { composeReference, renderComposeReference } from '../../../scripts/api-reference';

describe('the API reference of compose', () => {
  const root = join(__dirname, '../../..');
  const reference = renderComposeReference(root);

  it('is what the sources say today: npm run compose-reference makes it again', () => {
    expect(readFileSync(join(root, composeReference), 'utf8')).toBe(reference);
  });

  it('has every export, with a signature', () => {
    for (const name of Object.keys({ ...compose, ...reading }))
      expect(reference).toContain(`\n### ${name}\n`);
    const sections = reference.split('\n### ').slice(1);
    for (const section of sections) expect(section).toContain('\n```ts\n');
  });

  it('has every rule with its code, and every key that only raw writes', () => {
    for (const { code, rule } of compose.rules)
      expect(reference).toContain(`| ${code} | ${rule.replaceAll('|', '\\|')} |`);
    for (const { key } of compose.rawOnly) expect(reference).toContain(`| \`${key}\` |`);
  });

  it('has every fault of a file with its code', () => {
    for (const [code, what] of Object.entries(reading.readFaultCodes))
      expect(reference).toContain(`| ${code} | ${what} |`);
  });

  it('shows nothing that is private', () => {
    expect(reference).not.toMatch(/\bprivate \w|\bprotected \w|#\w+\(/);
  });
});
