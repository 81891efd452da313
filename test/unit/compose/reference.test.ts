import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as compose from '../../../compose';
import { composeReference, renderComposeReference } from '../../../scripts/api-reference';

describe('the API reference of compose', () => {
  const root = join(__dirname, '../../..');
  const reference = renderComposeReference(root);

  it('is what the sources say today: npm run compose-reference makes it again', () => {
    expect(readFileSync(join(root, composeReference), 'utf8')).toBe(reference);
  });

  it('has every export, with a signature', () => {
    for (const name of Object.keys(compose)) expect(reference).toContain(`\n### ${name}\n`);
    const sections = reference.split('\n### ').slice(1);
    for (const section of sections) expect(section).toContain('\n```ts\n');
  });

  it('has every rule with its code, and every key that only raw writes', () => {
    for (const { code, rule } of compose.rules)
      expect(reference).toContain(`| ${code} | ${rule.replaceAll('|', '\\|')} |`);
    for (const { key } of compose.rawOnly) expect(reference).toContain(`| \`${key}\` |`);
  });

  it('shows nothing that is private', () => {
    expect(reference).not.toMatch(/\bprivate \w|\bprotected \w|#\w+\(/);
  });
});
