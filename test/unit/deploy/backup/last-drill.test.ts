import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { signedReport, type DrillReport } from '../../../../deploy/backup/drill-report';
import { drillAlarms, lastDrill, lastDrillText, type LastDrill } from '../../../../deploy/backup/last-drill';
import { fakeTransport, type Answer } from '../fake-transport';

const ours = generateKeyPairSync('ed25519');
const theirs = generateKeyPairSync('ed25519');
const trusted = [{ key: ours.publicKey, name: 'ci' }];

/** Of one that compared rows. */
const report = (begun: string, passed: boolean, environment = 'preview'): DrillReport => ({
  version: 1,
  environment,
  begun,
  by: { who: 'ada', from: 'laptop' },
  passed,
  target: 'the newest moment',
  backup: '20261121-074000F',
  checks: [{ name: 'rows of cogni', outcome: passed ? 'passed' : 'failed', says: '' }],
  age: { log: 1, backup: 1 },
  lastCommit: null,
  bytes: 1,
  milliseconds: { untilServing: 1, all: 1, steps: {} },
});
const [older, newer] = ['2026-11-20T08:00:00.000Z', '2026-11-21T08:00:00.000Z'] as const;
const olderFile = '20261120T080000Z.json';
const newerFile = '20261121T080000Z.json';
const signed = (of: DrillReport, { privateKey }: { privateKey: KeyObject } = ours): string =>
  signedReport(of, privateKey);

/** What is made of reports in an archive, by their names. */
const last = async (files: Readonly<Record<string, string>>): Promise<LastDrill> => {
  const found = await lastDrill(
    fakeTransport([
      ['repo-ls', { stdout: `${Object.keys(files).join('\n')}\n` }],
      ...Object.entries(files).map(([name, stdout]): readonly [string, Answer] => [name, { stdout }]),
    ]),
    'preview',
    trusted,
  );
  if (typeof found !== 'object') throw new Error(`no drill: ${String(found)}`);
  return found;
};

describe('the last drill of an archive', () => {
  it('is the newest, and is quiet about the older ones', async () => {
    const found = await last({
      [olderFile]: signed(report(older, false)),
      [newerFile]: signed(report(newer, true)),
    });
    expect(found).toEqual({ at: newer, passed: true, signedBy: 'ci', unchecked: [], doubtful: [] });
    expect(drillAlarms(found)).toEqual([]);
    expect(lastDrillText(found, 'preview')).toBe('drill  passed on 2026-11-21 08:00:00, signed with ci\n');
  });

  it('says what it did not check, and alarms nobody for that', async () => {
    const of = report(newer, true);
    const says = 'the registry did not answer';
    const found = await last({
      [newerFile]: signed({
        ...of,
        checks: [...of.checks, { name: 'migrations', outcome: 'not made', says }],
      }),
    });
    expect(drillAlarms(found)).toEqual([]);
    expect(lastDrillText(found, 'preview')).toBe(
      'drill  passed on 2026-11-21 08:00:00, signed with ci\n  not checked: migrations: the registry did not answer\n',
    );
  });

  it('that failed alarms whoever watches until another one has passed', async () => {
    const found = await last({
      [olderFile]: signed(report(older, true)),
      [newerFile]: signed(report(newer, false)),
    });
    expect(drillAlarms(found)).toEqual([
      'the last drill, on 2026-11-21 08:00:00, failed: what is backed up may not come back',
    ]);
  });

  it.each([
    [
      'is signed by another key',
      signed(report(newer, true), theirs),
      'is signed by no key that is trusted here',
    ],
    [
      'was changed after it was signed',
      signed(report(newer, false)).replace('"passed": false', '"passed": true'),
      'is signed by no key that is trusted here',
    ],
    [
      'is an older one under a newer name',
      signed(report('2026-11-19T08:00:00.000Z', true)),
      'under another name',
    ],
    ['is of another environment', signed(report(newer, true, 'production')), 'is of production'],
    ['is none', 'junk', 'cannot be read: it is not JSON'],
  ])('that failed is not silenced by a report that %s, which alarms by itself', async (_, forged, why) => {
    const found = await last({ [olderFile]: signed(report(older, false)), [newerFile]: forged });
    expect(found).toMatchObject({ at: older, passed: false, signedBy: 'ci' });
    expect(drillAlarms(found)).toEqual([
      'the last drill, on 2026-11-20 08:00:00, failed: what is backed up may not come back',
      expect.stringContaining(`${newerFile} `),
    ]);
    expect(found.doubtful).toEqual([expect.stringContaining(why)]);
    expect(lastDrillText(found, 'preview')).toMatch(
      /FAILED.*\n {2}! the report 20261121T080000Z.json .*: it does not count\n$/,
    );
  });

  it.each([
    ['unsigned', signed(report(newer, true), theirs), { at: newer, passed: true }],
    ['unreadable', 'junk', { at: newer, passed: false }],
  ])('alarms where all that is there is %s', async (_, forged, expected) => {
    const found = await last({ [newerFile]: forged });
    expect(found).toMatchObject({ ...expected, signedBy: undefined });
    expect(drillAlarms(found)).toEqual([
      expect.stringMatching(
        /^no drill counts: the report 20261121T080000Z\.json (is signed by no|cannot be read)/,
      ),
    ]);
  });

  it('is not looked for behind any number of reports: those alarm', async () => {
    const flood = Object.fromEntries(
      Array.from({ length: 50 }, (__, at) => [`202612${10 + (at % 20)}T0800${10 + at}Z.json`, 'junk']),
    );
    const found = await last({ [olderFile]: signed(report(older, true)), ...flood });
    expect(found.doubtful).toHaveLength(10);
    expect(drillAlarms(found)).toEqual([expect.stringMatching(/^no drill counts: /)]);
  });

  it('is no reason for an alarm of its own where there was none, or the archive does not answer', async () => {
    const none = await lastDrill(fakeTransport([['repo-ls', { stdout: '' }]]), 'preview', trusted);
    const silent = await lastDrill(fakeTransport([['repo-ls', { code: 1 }]]), 'preview', trusted);
    expect([none, silent]).toEqual([undefined, 'the archive does not say which drills there were']);
    expect([none, silent].map(drillAlarms)).toEqual([[], []]);
  });
});
