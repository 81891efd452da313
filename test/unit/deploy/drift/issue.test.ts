import fc from 'fast-check';
import type { DriftFinding, DriftReport } from '../../../../deploy/drift/finding';
import { parseDriftReport } from '../../../../deploy/drift/finding';
import { driftIssue, driftMarker, parseResults } from '../../../../deploy/drift/issue';

const finding: DriftFinding = {
  of: 'container',
  name: 'miner',
  what: 'is there, and nothing that is rendered made it (running, evil@sha256:0)',
  next: 'find out who needs it',
};
const report = (more: Partial<DriftReport> = {}): DriftReport => ({
  ...{ version: 1, environment: 'preview', state: 'same', about: 'preview-1', drift: [], waiting: [] },
  ...more,
});
const differs = report({ state: 'differs', drift: [finding] });
const good = { 'host-preview': 'success', 'site-preview': 'success' };
const bodyOf = (...given: Parameters<typeof driftIssue>): string => {
  const wanted = driftIssue(...given);
  return wanted.state === 'open' ? wanted.body : `it is ${wanted.state}`;
};

describe('what becomes of the issue about drift', () => {
  it('is that it is open while a host differs, with each finding and what to do', () => {
    const body = bodyOf({ ...good, 'host-preview': 'failure' }, [differs]);
    expect(body.split('\n')[0]).toBe(driftMarker);
    expect(body).toContain('- the job `host-preview` ended with `failure`');
    expect(body).toContain(`- container \`miner\`: \`${finding.what}\`\n  next: \`find out who needs it\``);
  });

  it('is that it is open while a job could not look, a skipped one among them', () => {
    for (const result of ['failure', 'skipped', 'cancelled'])
      expect(driftIssue({ ...good, 'site-preview': result }, [report()]).state).toBe('open');
  });

  it('is that it is closed once every job has looked and found nothing; what waits for a deploy is nothing', () => {
    const waiting = report({ waiting: [finding] });
    expect(driftIssue(good, [waiting])).toMatchObject({ state: 'closed' });
  });

  it('is nothing where a deploy was under way, or nobody has looked: neither opens nor closes it', () => {
    expect(driftIssue(good, [report({ state: 'busy' })])).toMatchObject({ state: 'as it is' });
    expect(driftIssue({}, [])).toMatchObject({ state: 'as it is' });
  });

  it('says the same of the same findings, so that a look that finds nothing new writes nothing', () => {
    const results = { ...good, 'host-preview': 'failure' };
    expect(bodyOf(results, [differs])).toBe(bodyOf(results, [differs]));
  });

  it('calls nobody, links nothing and keeps to its line, whatever a host says', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('`', '\n', '@', '<', 'a', ' ', '\u2028') }), (text) => {
        const body = bodyOf(good, [
          report({ state: 'differs', drift: [{ ...finding, what: `@team ${text}` }] }),
        ]);
        const line = body.split('\n').find((one) => one.startsWith('- container')) ?? '';
        expect(line).toMatch(/^- container `miner`: `@team [^`]*`$/u);
      }),
    );
  });

  it('stays within what GitHub takes', () => {
    const drift = Array.from({ length: 5000 }, (_, index) => ({ ...finding, name: `miner-${index}` }));
    const body = bodyOf(good, [report({ state: 'differs', drift })]);
    expect(body).toContain('- and 4900 more');
    expect(body.length).toBeLessThan(65_536);
  });
});

describe('what is read for it', () => {
  it('is how the jobs ended, as GitHub says it', () => {
    const needs = { 'host-preview': { result: 'failure', outputs: {} } };
    expect(parseResults(JSON.stringify(needs))).toEqual({ 'host-preview': 'failure' });
    expect(parseResults('["success"]')).toBeUndefined();
    expect(parseResults('')).toBeUndefined();
  });

  it('is the report of each look, and nothing else', () => {
    expect(parseDriftReport(JSON.stringify(differs))).toEqual(differs);
    expect(parseDriftReport('{}')).toMatch(/version/);
    expect(parseDriftReport('gone')).toBe('it is not JSON');
  });
});
