import { coldStartReport, toldSteps } from '../../../scripts/bench-cold-report';

const output = [
  '▸ start dockerd: no Docker engine runs on this machine',
  '✓ start dockerd (1.2 s)',
  '✓ build docker-compose (291.7 s)',
  '✓ apt-get install openssh-client gpg (6.2 s) 12 packages',
  'added 850 packages in 29s',
].join('\n');

describe('the report of a cold start', () => {
  it('reads the steps that ended, in their order, from what the demo prints', () => {
    expect(toldSteps(output)).toEqual([
      { what: 'start dockerd', seconds: 1.2 },
      { what: 'build docker-compose', seconds: 291.7 },
      { what: 'apt-get install openssh-client gpg', seconds: 6.2 },
    ]);
  });

  it('says how long the whole took, the long steps, and which programs were there before', () => {
    const cold = { madeBy: 'Made by hand.', seconds: 822, steps: toldSteps(output) };
    const report = coldStartReport({ ...cold, present: ['gpg', 'ssh'] });
    expect(report).toContain('| `./cogni sandbox demo`, nothing there | 13.7 min | ≤ 15 min on 2 cores |');
    expect(report).toContain('| build docker-compose | 292 s |');
    expect(report).not.toContain('start dockerd');
    expect(report).toContain('these were there: gpg, ssh.');
    expect(coldStartReport({ ...cold, present: [] })).toContain('none was there');
  });
});
