import { lookAtReceiverOf } from '../../../cli/rebuild-receiver';
import type { Chosen } from '../../../deploy/backup/choose';
import { segmentAt } from '../../../deploy/backup/segment';
import type { Environment } from '../../../stacks/environment';
import { fakeTransport } from '../deploy/fake-transport';

let mockLog = '';

jest.mock('../../../cli/receiver', () => ({ receivingHostOf: () => Promise.resolve({}) }));
jest.mock('../../../deploy/ssh', () => ({
  connect: () =>
    Promise.resolve(
      fakeTransport([
        ['inspect', { stdout: 'running\n' }],
        [' list', { stdout: mockLog }],
      ]),
    ),
}));

const environment = {
  name: 'preview',
  archive: { receiver: { on: 'production' } },
} as unknown as Environment;
const start = segmentAt(1, 3);
const offHost = {
  chosen: { backup: { log: { start, stop: start } }, timeline: 1 } as unknown as Chosen,
  archived: [{ first: start, last: start, from: new Date(0), to: new Date(1) }],
};
const received = (pieces: number): string =>
  Array.from(
    { length: pieces },
    (_, index) => `77-20261121T120000Z/${segmentAt(1, 4 + index)} 16777216 2026-11-21T12:00:14Z\n`,
  ).join('');

describe('the receiver, before a rebuild begins', () => {
  it('answers where a restore can carry what it has, and does not count where it has more', async () => {
    mockLog = received(128);
    expect(await lookAtReceiverOf(environment, 'newest', offHost)).toBe('answers');
    mockLog = received(129);
    expect(await lookAtReceiverOf(environment, 'newest', offHost)).toEqual({
      why: 'it has 129 pieces that the archive lacks, and 128 can be carried',
    });
  });
});
