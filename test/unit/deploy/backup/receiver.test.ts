import { judgeReceiver, parseReceiver, type ReceiverFacts } from '../../../../deploy/backup/receiver';
import { lookAtReceiver } from '../../../../deploy/backup/report';
import { archive } from '../../services/archive/archive';
import { receiver } from '../../services/archive/receiver';
import { fakeTransport } from '../fake-transport';

const there: ReceiverFacts = { state: 'streaming', behind: 0, waited: false };
const away: ReceiverFacts = { state: null, behind: null, waited: false };
const synchronous = { ...receiver, synchronous: 'while-there' } as const;
const alarms = (facts: ReceiverFacts, of: Parameters<typeof judgeReceiver>[1] = receiver): string =>
  judgeReceiver(facts, of, 'production').alarms.join('\n');

describe('a receiver of the log, as the database sees it', () => {
  it('raises nothing while it is there and keeps up', () => {
    expect(alarms(there)).toBe('');
    expect(alarms({ ...there, behind: 30 * 1024 ** 2 })).toBe('');
    expect(alarms({ ...there, waited: true }, synchronous)).toBe('');
  });

  it('is said to be away, with what that means, and where to look', () => {
    expect(alarms(away)).toMatch(
      /is away: what the archive does not have yet would be lost.*receiver status production/,
    );
    expect(alarms({ ...away, waited: true }, { ...receiver, synchronous: 'always' })).toMatch(
      /is away: commits wait for it/,
    );
  });

  it('is said to be behind by how much, from 64 MiB on', () => {
    expect(alarms({ ...there, behind: 65 * 1024 ** 2 })).toMatch(/is 65 MiB behind/);
  });

  it('is an alarm when commits should wait for it and do not', () => {
    expect(alarms(there, synchronous)).toMatch(/commits do not wait for the receiver/);
  });

  it('is asked only where there is one, and says nothing of it where the database does not answer', async () => {
    const transport = fakeTransport([['psql', { stdout: JSON.stringify(there) }]]);
    expect(await lookAtReceiver(transport, 'production', archive)).toBeUndefined();
    expect(transport.log).toEqual([]);
    const asked = await lookAtReceiver(transport, 'production', { ...archive, receiver });
    expect(asked?.receiver).toEqual({ there: true, behind: 0, waited: false });
    const silent = fakeTransport([['psql', { code: 2 }]]);
    expect(await lookAtReceiver(silent, 'production', { ...archive, receiver })).toBeUndefined();
  });

  it('is not read out of an answer that is none', () => {
    expect(() => parseReceiver('{}')).toThrow(/cannot be read/);
  });
});
