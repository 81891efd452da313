import { compare, type Held, type Written } from '../../../tool/services/archive/ledger';

/** A client that sends a number each 100 ms from a moment on, and learns of it 10 ms later, but for the last `open` ones. */
const client = (number: number, count: number, begun = 0, open = 0): Written => ({
  client: number,
  sent: Array.from({ length: count }, (_, at) => begun + at * 100),
  acknowledged: Array.from({ length: count - open }, (_, at) => begun + at * 100 + 10),
});
const held = (number: number, most: number, more: Partial<Held> = {}): Held => ({
  client: number,
  rows: most,
  least: most === 0 ? 0 : 1,
  most,
  tally: most,
  ...more,
});

describe('the ledger outside of a database', () => {
  it('finds nothing lost where everything that was acknowledged is there', () => {
    expect(compare([client(1, 20), client(2, 10, 50)], [held(1, 20), held(2, 10)])).toEqual({
      lost: 0,
      seconds: 0,
      untold: 0,
      faults: [],
    });
  });

  it('counts a commit that is there before its client knew as neither lost nor wrong', () => {
    expect(compare([client(1, 20, 0, 1)], [held(1, 20)])).toMatchObject({ lost: 0, untold: 1, faults: [] });
    expect(compare([client(1, 20, 0, 1)], [held(1, 19)])).toMatchObject({ lost: 0, untold: 0, faults: [] });
  });

  it('counts what is lost, and the seconds from the first of it to the newest that was acknowledged', () => {
    expect(compare([client(1, 20)], [held(1, 10)])).toEqual({
      lost: 10,
      seconds: 0.9,
      untold: 0,
      faults: [],
    });
    expect(compare([client(1, 20)], [])).toMatchObject({ lost: 20, seconds: 1.9 });
  });

  it.each<[string, Held, RegExp]>([
    ['that nobody sent', held(1, 21), /has sent 20 numbers, and number 21 is there/],
    ['of a client that never was', held(3, 1), /client 3 has sent 0 numbers/],
    ['that follow a hole', held(1, 20, { rows: 19 }), /19 rows, from number 1 to 20: not all/],
    ['whose first is missing', held(1, 20, { rows: 19, least: 2 }), /19 rows, from number 2 to 20: not all/],
    ['of half a transaction', held(1, 20, { tally: 19 }), /half a transaction/],
    ['that one table alone has', { ...held(1, 0), tally: 4 }, /half a transaction/],
  ])('finds rows %s', (_, found, fault) => {
    expect(compare([client(1, 20)], [found]).faults.join('\n')).toMatch(fault);
  });

  it('finds a later commit of one client without an earlier one of another', () => {
    const written = [client(1, 20), client(2, 20, 50)];
    expect(compare(written, [held(1, 20), held(2, 10)]).faults.join()).toMatch(
      /number 20 of client 1 is there, and commits that were acknowledged before it was sent are not/,
    );
    expect(compare(written, [held(1, 11), held(2, 10)]).faults).toEqual([]);
  });
});
