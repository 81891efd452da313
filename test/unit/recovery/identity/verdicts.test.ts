import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExitCode } from '../../../../foundation/failure';
import {
  allRead,
  apiWords,
  hostWords,
  othersWords,
  readHost,
  stateWords,
  type Case,
} from '../../../../recovery/identity/case';
import { verdictOf, verdicts } from '../../../../recovery/identity/verdicts';

const every: readonly Case[] = stateWords.flatMap((state) =>
  apiWords.flatMap((api) =>
    othersWords.flatMap((others) => hostWords.map((host): Case => ({ state, api, others, host }))),
  ),
);
const at = (change: Partial<Case>): string =>
  verdictOf({ state: 'server', api: 'same', others: 'none', host: 'well', ...change }).id;

describe('the table of verdicts', () => {
  it('stands in the page of operations, each with its exit code', () => {
    const page = readFileSync(join(__dirname, '../../../../docs/operations.md'), 'utf8');
    const [, table = ''] = page.split('| verdict ');
    const [rows = ''] = table.split('\n\n');
    const told = rows.split('\n').flatMap((row) => {
      const [, names = '', , code = ''] = row.split('|');
      return [...names.matchAll(/`([a-z-]+)`/g)].map(([, id]) => [id, Number(code)] as const);
    });
    expect(new Map(told)).toEqual(new Map(verdicts.map(({ id, exitCode }) => [id, exitCode])));
  });

  it('has one for each of the 1680 combinations, with a meaning and a next step', () => {
    expect(every).toHaveLength(1680);
    for (const one of every) {
      const { means, next } = verdictOf(one);
      expect(means.length * next.length).toBeGreaterThan(0);
    }
  });

  it('has no row that never holds, and no name twice', () => {
    const used = new Set(every.map((one) => verdictOf(one).id));
    expect(verdicts.map(({ id }) => id).filter((id) => !used.has(id))).toEqual([]);
    expect(used.size).toBe(verdicts.length);
  });

  it('advises to take something away for good only where all three sources were read', () => {
    const destructive = every.filter((one) => verdictOf(one).destructive);
    expect(destructive.length).toBeGreaterThan(0);
    expect(destructive.filter((one) => !allRead(one))).toEqual([]);
  });

  it('marks every row as destructive whose advice deletes, wipes or reinstalls', () => {
    const deleting = verdicts.filter(({ next }) => /DELETE|remove each/.test(next));
    expect(deleting.map(({ id, destructive }) => [id, destructive])).toEqual([['twin', true]]);
  });

  it('is done only with a host that was looked at from inside, and whose data are not in doubt', () => {
    for (const one of every.filter((each) => verdictOf(each).exitCode === ExitCode.done)) {
      expect(['well', 'fresh']).toContain(one.host);
      expect(['gone', 'not active', 'no keys', 'other address']).not.toContain(one.api);
      expect(one.others).toBe('none');
    }
  });

  it('is never certain of anything where no source could be read', () => {
    for (const one of every.filter(
      ({ state, api, others, host }) =>
        !readHost.includes(host) && others !== 'pinned elsewhere' && state === 'unread' && api === 'unread',
    ))
      expect(verdictOf(one).sure).not.toBe('certain');
  });
});

describe('what the known disasters are called', () => {
  it.each<[string, Partial<Case>, string]>([
    ['silent replacement with a frozen record', { host: 'other key' }, 'replaced-silently'],
    [
      'silent replacement that shows a new address',
      { api: 'other address', host: 'other key' },
      'replaced-and-moved',
    ],
    ['silent replacement that shows no keys', { api: 'no keys', host: 'other key' }, 'replaced-and-unkeyed'],
    ['an address that somebody else got', { api: 'gone', host: 'other key' }, 'recycled'],
    [
      'an address that another of our servers got',
      { others: 'address taken', host: 'other key' },
      'recycled-beside',
    ],
    ['a server that is gone', { api: 'gone', host: 'silent' }, 'lost'],
    ['a server that hangs', { host: 'silent' }, 'hung'],
    ['a spot server that is reclaimed', { api: 'not active' }, 'ending'],
    ['an orphan that lives', { state: 'empty' }, 'untracked'],
    ['a twin beside it', { others: 'twin' }, 'twin'],
    ['a twin, with the state unread', { state: 'unread', others: 'twin' }, 'twin-unsure'],
    [
      'the machine with our data behind another record',
      { host: 'other key', others: 'pinned elsewhere' },
      'ours-elsewhere',
    ],
    ['an emptied database on the right machine', { host: 'no data' }, 'data-lost'],
    ['a database that was made anew and provisioned', { host: 'other data' }, 'data-other'],
    ['a disk that was rolled back to before its first deploy', { host: 'emptied' }, 'data-gone'],
    ['keys that the provider forgot', { api: 'no keys' }, 'keys-forgotten'],
    ['nothing at all yet', { state: 'empty', api: 'gone', host: 'no address' }, 'nothing-there'],
  ])('%s', (_name, change, id) => expect(at(change)).toBe(id));

  it('lets lost data come before whatever else is wrong', () => {
    for (const one of every.filter(({ host }) => host === 'no data'))
      expect(verdictOf(one)).toMatchObject({ id: 'data-lost', exitCode: ExitCode.degraded });
  });
});
