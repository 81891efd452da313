/**
 * What one client of a database did, written down outside of it: it commits the numbers from 1 on, one after the other, and sends none before
 * it knows of the one before. Times are milliseconds of one clock that only grows.
 */
export interface Written {
  readonly client: number;
  /** When it sent the number n, at n - 1. */
  readonly sent: readonly number[];
  /** When it learned that the number n is committed, at n - 1. */
  readonly acknowledged: readonly number[];
}

/** What a database has of one client: each of its transactions put a row into one table, and its number into another. */
export interface Held {
  readonly client: number;
  readonly rows: number;
  readonly least: number;
  readonly most: number;
  /** Its number in the other table. */
  readonly tally: number;
}

export interface Compared {
  /** Commits that were acknowledged and are not there. */
  readonly lost: number;
  /** Seconds from the first of those to the newest that was acknowledged; 0 where none is lost. */
  readonly seconds: number;
  /** Commits that are there, and whose client was cut off before it knew. */
  readonly untold: number;
  /** What no loss explains: rows that nobody sent, holes, half a transaction, a later commit without an earlier one. */
  readonly faults: readonly string[];
}

/** Holds what a database has against what was written into it. Pure. */
export function compare(written: readonly Written[], held: readonly Held[]): Compared {
  const most = new Map(held.map((one) => [one.client, one.most]));
  const has = ({ client }: Written): number => most.get(client) ?? 0;
  const firstLost = Math.min(...written.map((one) => one.acknowledged[has(one)] ?? Infinity));
  const newest = Math.max(...written.map(({ acknowledged }) => acknowledged.at(-1) ?? 0));
  const sum = (of: (one: Written) => number): number =>
    written.reduce((all, one) => all + Math.max(0, of(one)), 0);
  const lost = sum((one) => one.acknowledged.length - has(one));
  return {
    lost,
    seconds: lost === 0 ? 0 : (newest - firstLost) / 1000,
    untold: sum((one) => has(one) - one.acknowledged.length),
    faults: [
      ...held.flatMap((one) => faultsOf(one, written)),
      ...written
        .filter((one) => (one.sent[has(one) - 1] ?? 0) > firstLost)
        .map(
          (one) =>
            `number ${has(one)} of client ${one.client} is there, and commits that were acknowledged before it was sent are not`,
        ),
    ],
  };
}

function faultsOf(
  { client, rows, least, most, tally }: Held,
  written: readonly Written[],
): readonly string[] {
  const sent = written.find((one) => one.client === client)?.sent.length ?? 0;
  return [
    ...(most > sent ? [`client ${client} has sent ${sent} numbers, and number ${most} is there`] : []),
    ...(rows !== most || (rows > 0 && least !== 1)
      ? [
          `of client ${client} there are ${rows} rows, from number ${least} to ${most}: not all up to the newest`,
        ]
      : []),
    ...(tally !== most
      ? [`of client ${client} one table has number ${most} and the other ${tally}: half a transaction`]
      : []),
  ];
}

/** Makes both tables, and the one call that a client makes. */
export const ledgerTables = `
CREATE TABLE ledger (client int, number bigint, PRIMARY KEY (client, number));
CREATE TABLE tally (client int PRIMARY KEY, number bigint NOT NULL);
CREATE FUNCTION append(client int, number bigint) RETURNS bigint LANGUAGE sql AS $$
  INSERT INTO ledger VALUES ($1, $2);
  INSERT INTO tally VALUES ($1, $2) ON CONFLICT (client) DO UPDATE SET number = excluded.number RETURNING number;
$$;`;

/** Asks for a line of {@link Held} for each client; none where the tables are not there yet. */
export const heldQuestion = `
SELECT json_build_object('client', coalesce(rows.client, tally.client), 'rows', coalesce(rows.count, 0), 'least', coalesce(rows.least, 0),
  'most', coalesce(rows.most, 0), 'tally', coalesce(tally.number, 0))
FROM (SELECT client, count(*), min(number) AS least, max(number) AS most FROM ledger GROUP BY client) AS rows
FULL JOIN tally ON tally.client = rows.client;`;

/** Reads what {@link heldQuestion} is answered. */
export const parseHeld = (text: string): readonly Held[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Held);
