import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layout } from '../../../../deploy/rolling/layout';
import { renderRecord } from '../../../../deploy/rolling/record';
import {
  askRecords,
  chooseRelease,
  parseRecords,
  readReleases,
  unreadableRecords,
} from '../../../../deploy/rolling/releases';
import { Failure } from '../../../../foundation/failure';
import { run } from '../../../../foundation/process';
import { host, middle, newest, oldest, recorded, release } from './three-releases';

describe('the releases of a host', () => {
  test('are its records, the newest first, with what serves and what is still on the host', async () => {
    const { transport } = host();
    const { releases, unreadable } = await readReleases(transport, 'preview');
    expect(unreadable).toEqual([]);
    expect(releases.map(({ record, serving, onHost }) => [record.tag, serving, onHost])).toEqual([
      ['preview-3333333', true, true],
      ['preview-2222222', false, false],
      ['preview-1111111', false, true],
    ]);
  });

  test('leave out what cannot be read, and are none on a host without any', async () => {
    expect(parseRecords(`${renderRecord(oldest)}{"version": 3\n}\n${renderRecord(newest)}`)).toEqual([
      oldest,
      newest,
    ]);
    expect(parseRecords('')).toEqual([]);
    const { transport } = host([
      ['-name *.json', { code: 1 }],
      ['deploy/current', { code: 1 }],
    ]);
    expect(await readReleases(transport, 'preview')).toEqual({ releases: [], unreadable: [] });
  });

  test.each([
    [
      'fails',
      { code: 1, stderr: 'Input/output error' },
      'records: ended with exit code 1, Input/output error',
    ],
    ['is cut off', { code: null, timedOut: true, stdout: '{' }, /^records: did not end within its deadline/],
  ])('are not guessed at where reading them %s', async (_, answer, fault) => {
    const { transport } = host([['-name *.json', answer]]);
    await expect(readReleases(transport, 'preview')).rejects.toMatchObject({
      faults: [expect.stringMatching(fault)],
    });
  });

  test('are read by file: one that was cut short takes no other with it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cogni-records-'));
    try {
      const torn = renderRecord(middle).slice(0, 300);
      const texts = { [oldest.id]: renderRecord(oldest), [newest.id]: renderRecord(newest) };
      const later = renderRecord({ ...middle, version: 3 as 2 });
      for (const [name, text] of Object.entries({ ...texts, [middle.id]: torn, 0: torn, 9: '', later }))
        writeFileSync(join(folder, `${name}.json`), text);
      writeFileSync(join(folder, '.next'), renderRecord(middle));
      const argv = askRecords.argv.map((word) => (word === layout.deploy.releases ? folder : word));
      const { code, stdout } = await run({ argv: argv as [string, ...string[]], deadline: 10_000 });
      expect(code).toBe(0);
      const ids = parseRecords(stdout).map(({ id }) => id);
      expect(ids.sort()).toEqual([oldest.id, newest.id].sort());
      expect(unreadableRecords(stdout).sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
        { id: '0', is: 'damaged' },
        { id: middle.id, is: 'damaged' },
        { id: '9', is: 'damaged' },
        { id: 'later', is: 'newer' },
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('are not guessed at when Docker does not answer', async () => {
    const { transport } = host([['docker image ls', { code: 1, stderr: 'Cannot connect' }]]);
    await expect(readReleases(transport, 'preview')).rejects.toThrow(/Cannot connect/);
  });
});

describe('the release to go back to', () => {
  test('is the newest before the serving one', () => {
    expect(chooseRelease(recorded(newest, newest, middle, oldest), undefined, 'preview')).toBe(middle);
    expect(chooseRelease(recorded(middle, newest, middle, oldest), undefined, 'preview')).toBe(oldest);
  });

  test('is another build, however often the serving one was deployed', () => {
    const again = release('20261104T000000Z', 'preview-3333333', '3');
    expect(chooseRelease(recorded(again, again, newest, middle), undefined, 'preview')).toBe(middle);
  });

  test('may be named by id or by tag, newer ones too', () => {
    const all = recorded(middle, newest, middle, oldest);
    expect(chooseRelease(all, oldest.id, 'preview')).toBe(oldest);
    expect(chooseRelease(all, 'preview-3333333', 'preview')).toBe(newest);
  });

  test('is what serves where that has the tag or id that is named: a rollback that was cut off is ended so', () => {
    const back = release('20261104T000000Z', middle.tag, '2');
    const all = recorded(back, back, newest, middle, oldest);
    expect(chooseRelease(all, middle.tag, 'preview')).toBe(back);
    expect(chooseRelease(all, back.id, 'preview')).toBe(back);
    expect(chooseRelease(all, middle.id, 'preview')).toBe(middle);
  });

  test.each([
    [
      'nothing was deployed before it',
      [oldest],
      oldest,
      undefined,
      'there is no release on preview to go back to',
    ],
    [
      'it is not recorded',
      [newest, oldest],
      newest,
      'preview-9999999',
      'has recorded no release "preview-9999999"',
    ],
  ])('is refused when %s, with what there is', (_, records, serving, to, told) => {
    const choose = () => chooseRelease(recorded(serving, ...records), to, 'preview');
    expect(choose).toThrow(Failure);
    expect(choose).toThrow(told);
    expect(choose).toThrow('./cogni releases preview');
  });
});
