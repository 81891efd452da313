import fc from 'fast-check';
import { apiWordOf, hostWordOf, othersWordOf } from '../../../../recovery/identity/words';
import { check, evidence, otherData, otherKey, server, serverAt } from './examples';

const word = (change: Parameters<typeof evidence>[0]): string =>
  hostWordOf('preview', check({ evidence: evidence(change) }));

describe('what a host says, in a word', () => {
  it('is well when marker, disk and data belong together', () => expect(word({})).toBe('well'));

  it('tells an emptied database from one that was made anew, and both from one that does not answer', () => {
    expect(word({ data: { state: 'unmarked' } })).toBe('no data');
    expect(word({ data: { state: 'marked', id: otherData } })).toBe('other data');
    expect(word({ data: { state: 'silent', why: 'no such container' } })).toBe('data silent');
  });

  it('finds a disk of another environment, and one that is not the marked one', () => {
    expect(hostWordOf('production', check())).toBe('foreign');
    expect(word({ marker: 'unreadable' })).toBe('foreign');
    expect(word({ disk: 'e'.repeat(64) })).toBe('other disk');
  });

  it('tells a host that nothing was deployed to from one that was never marked', () => {
    expect(word({ marker: 'none', release: undefined })).toBe('fresh');
    expect(
      hostWordOf('preview', check({ evidence: evidence({ marker: 'none', release: undefined }) }), true),
    ).toBe('emptied');
    expect(hostWordOf('preview', check(), true)).toBe('well');
    expect(word({ marker: 'none' })).toBe('unmarked');
    expect(
      hostWordOf('preview', check({ bootstrap: 'failed', evidence: evidence({ marker: 'none' }) })),
    ).toBe('unfinished');
  });

  it('believes nothing of a machine that is not pinned, or that let nobody in', () => {
    expect(hostWordOf('preview', otherKey())).toBe('other key');
    expect(hostWordOf('preview', check({ evidence: undefined }))).toBe('closed');
    expect(hostWordOf('preview', undefined)).toBe('no address');
  });
});

describe('what the inventory says, in a word', () => {
  it.each([
    ['same', server(), '192.0.2.7'],
    ['same', server(), undefined],
    ['other address', server(), '192.0.2.8'],
    ['no keys', server({ ssh_keys: [] }), '192.0.2.7'],
    ['not active', server({ state: 'terminating', ssh_keys: [] }), '192.0.2.7'],
    ['gone', undefined, '192.0.2.7'],
  ])('%s', (expected, ours, address) => expect(apiWordOf(ours, address)).toBe(expected));

  it('takes an answer without the field of keys for no answer about them', () => {
    expect(apiWordOf(server({ ssh_keys: null }), '192.0.2.7')).toBe('same');
  });
});

describe('what is said of the servers beside it, in a word', () => {
  const others = (change: Partial<Parameters<typeof othersWordOf>[0]>): string =>
    othersWordOf({ others: [], host: check(), elsewhere: [], address: '192.0.2.7', ...change });

  it('finds the pinned machine elsewhere, and a second address of the same boot is none', () => {
    const pinned = check({ address: '192.0.2.9' });
    expect(others({ host: otherKey(), elsewhere: [pinned] })).toBe('pinned elsewhere');
    expect(others({ elsewhere: [pinned] })).toBe('none');
    const copy = check({ address: '192.0.2.9', evidence: evidence({ boot: otherData }) });
    expect(others({ elsewhere: [copy] })).toBe('pinned elsewhere');
  });

  it('tells a twin from a server that has our address', () => {
    expect(others({ others: [serverAt(1, '192.0.2.9')] })).toBe('twin');
    expect(others({ others: [serverAt(1, '192.0.2.7')] })).toBe('address taken');
  });

  it('never calls a machine with another key ours, wherever it is', () => {
    fc.assert(
      fc.property(fc.array(fc.ipV4()), (addresses) =>
        expect(others({ elsewhere: addresses.map(otherKey) })).toBe('none'),
      ),
    );
  });
});
