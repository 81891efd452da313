import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderRunbook, runbooks } from '../../../scripts/runbooks';

describe.each(['deploy', 'rollback'] as const)('the runbook of a %s', (which) => {
  const runbook = renderRunbook(which);

  test('is what the plan says today: npm run runbooks makes it again', () => {
    expect(readFileSync(join(__dirname, '../../..', runbooks[which]), 'utf8')).toBe(runbook);
  });

  test('says of every step why, what is left when it fails, and what to run then', () => {
    const steps = runbook.split('\n## ').slice(1, -1);
    expect(steps.length).toBeGreaterThan(15);
    for (const step of steps) {
      expect(step).toMatch(
        /^\d+\. .+ \(`[a-z-]+`\)\n\n[A-Z].+\.\n\n- \*\*When it fails\*\*: .+\n- \*\*Then\*\*: .+/,
      );
    }
  });

  test('has the steps that only some environments or hosts have', () => {
    for (const id of ['litellm', 'alloy', 'place', 'keep', 'drain']) expect(runbook).toContain(`(\`${id}\`)`);
  });

  test(`has ${which === 'deploy' ? 'the migration' : 'no migration'}`, () => {
    expect(runbook.includes('(`migrate`)')).toBe(which === 'deploy');
  });
});
