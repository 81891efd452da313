import { workflowFaults, workflowFaultText, workflowRules } from '../../../workflows';
import { environments, job, workflow } from './example';
import { examples } from './rule-examples';

const context = { environments };

describe('the rules of workflows', () => {
  it.each(examples)('%s finds %s, and nothing else does', (code, _what, bad, says) => {
    const faults = workflowFaults([bad], context);
    expect([...new Set(faults.map((fault) => fault.code))]).toEqual([code]);
    expect(faults[0]?.problem).toMatch(says);
  });

  it('have an example of a fault each', () => {
    expect([...new Set(examples.map(([code]) => code))]).toEqual(workflowRules.map(({ code }) => code));
  });

  it('have codes of their own, and say why they are there', () => {
    const codes = workflowRules.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const { code, title, why } of workflowRules) {
      expect(code).toMatch(/^W\d\d$/);
      expect(Math.min(title.length, why.length)).toBeGreaterThan(15);
    }
  });

  it('find nothing in a workflow that keeps them', () => {
    expect(workflowFaults([workflow()], context)).toEqual([]);
  });

  it('find everything at once, with the place', () => {
    const bad = workflow(
      job({ timeout: 0, permissions: { packages: 'write' }, steps: [{ name: 'x', uses: 'a/b@v1' }] }),
    );
    expect(workflowFaults([bad], context).map(workflowFaultText)).toEqual([
      'W01 example.yml, job work, step "x": a/b@v1 is not an action of workflows/actions.lock.json by its full commit',
      'W02 example.yml, job work: packages: write is more than a job for "check" may have (nothing of it)',
      'W08 example.yml, job work: its time limit is 0, not 1 to 120 minutes',
    ]);
  });
});
