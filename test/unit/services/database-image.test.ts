import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { committedImageLock } from '../../../services';
import {
  databaseImage,
  databaseTagFaults,
  databaseTagOf,
  databaseVersions,
} from '../../../services/database/image-version';

const checkout = resolve(__dirname, '..', '..', '..');
const dockerfile = readFileSync(join(checkout, databaseImage.dockerfile), 'utf8');
const today = new Date('2026-11-23T23:30:00Z');
const versions = { postgres: '15', pgbackrest: '2.45' };

describe('what the image of the database is made of', () => {
  it('says its versions: the lock that of PostgreSQL, the Dockerfile that of pgBackRest', () => {
    expect(databaseVersions(dockerfile)).toEqual({
      postgres: committedImageLock().postgres.tag.split('-')[0],
      pgbackrest: /"pgbackrest=\$\{PGBACKREST\}"/.test(dockerfile) ? '2.45' : 'not installed by its argument',
    });
    expect(databaseVersions('ARG PGBACKREST=2.56.0-1.pgdg12+1', '17.2')).toEqual({
      postgres: '17',
      pgbackrest: '2.56.0',
    });
  });

  it('is named with every fault where it does not', () => {
    expect(() => databaseVersions('FROM x\n# ARG PGBACKREST=2.45-1\n', 'bookworm')).toThrow(
      /the tag "bookworm" of postgres does not begin with a major version[\s\S]*has no line such as ARG PGBACKREST=2\.45-1/,
    );
    expect(() => databaseVersions('ARG PGBACKREST=\n')).toThrow('has no line such as');
    expect(() => databaseVersions(dockerfile, '15rc1')).toThrow('the tag "15rc1" of postgres');
  });
});

describe('the tag of the image of the database', () => {
  it('is <major>-pgbackrest<version>-<date>', () => {
    expect(databaseTagOf(versions, today)).toBe('15-pgbackrest2.45-20261123');
  });

  it('is sound for every day up to today, and for another release of that day', () => {
    const day = fc.date({ min: new Date('2020-01-01'), max: today, noInvalidDate: true });
    fc.assert(
      fc.property(day, fc.constantFrom('', '.2', '.10'), (date, more) => {
        expect(databaseTagFaults(`${databaseTagOf(versions, date)}${more}`, versions, today)).toEqual([]);
      }),
    );
  });

  it.each([
    ...['latest', '', '15-2.45', '15-pgbackrest2.45', '15-pgbackrest2.45-2026-11-23'],
    ...['15-pgbackrest2.45-20261123.0', '15-pgbackrest2.45-20261123.', 'v15-pgbackrest2.45-20261123'],
  ])('is not "%s"', (tag) => {
    expect(databaseTagFaults(tag, versions, today)).toEqual([
      `"${tag}" is not <major>-pgbackrest<version>-<date>, such as 15-pgbackrest2.45-20261123, or 15-pgbackrest2.45-20261123.2 for another one of that day`,
    ]);
  });

  it('must say what is in the image: every word that is not true is named', () => {
    expect(databaseTagFaults('16-pgbackrest2.5-20260230', versions, today)).toEqual([
      'it names PostgreSQL 16, and services/images.lock.json has 15',
      'it names pgBackRest 2.5, and services/database/image/Dockerfile pins 2.45',
      '2026-02-30 is no day',
    ]);
    expect(databaseTagFaults('15-pgbackrest2.45-20261124', versions, today)).toEqual([
      '2026-11-24 has not come yet: today is 2026-11-23',
    ]);
  });
});
