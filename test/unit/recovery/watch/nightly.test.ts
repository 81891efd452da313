import { openAlarms } from '../../../nightly/recovery/open-alarms';
import { mostLost, writingFor } from '../../../tool/services/archive/most-lost';

describe('what the nightly tests of a lost host judge by', () => {
  it('are alarms whose end was not told, however many are open at once', () => {
    const [host, site] = ['preview/host', 'preview/site'];
    const told = [
      { key: host, status: 'firing' },
      { key: site, status: 'firing' },
      { key: host, status: 'resolved' },
    ] as const;
    expect(openAlarms(told)).toEqual([site]);
    expect(openAlarms([...told, { key: site, status: 'resolved' }])).toEqual([]);
    expect(openAlarms([...told, { key: host, status: 'firing' }])).toEqual([host, site]);
  });

  it('is a loss that an archive which gets nothing has to exceed, and that is no more than a minute', () => {
    for (const timeout of [5, 15, 45])
      for (const next of [0, 0.999])
        expect(writingFor({ next: () => next }, timeout)).toBeGreaterThan(mostLost(timeout));
    expect(mostLost(45)).toBe(60);
  });
});
