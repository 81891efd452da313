import type { RemoteCommand, Transport } from '../../../../deploy/transport';
import { surveyRestore } from '../../../../recovery/restore/survey';
import { FakeHost } from './fake-host';
import { request } from './sample';

describe('what a restore to a moment asks before it asks the archive', () => {
  let host: FakeHost;
  beforeEach(() => (host = new FakeHost('before')));
  afterEach(() => host.remove());

  const asked: string[] = [];
  const isAnswer = ({ argv }: RemoteCommand): string | undefined =>
    argv.join(' ').includes('exec psql')
      ? 'server'
      : argv.join(' ').includes('archive/cogni')
        ? 'log'
        : undefined;
  /** @param waiting what the server has still to send; undefined: it does not answer */
  const since = async (waiting: readonly string[] | undefined): Promise<Date | undefined> => {
    asked.length = 0;
    const answer = {
      ...{ now: '2026-11-21T12:30:00Z', version: '15.20', current: '000000010000000000000005', waiting },
      ...{ lastSent: null, lastFailed: null },
    };
    const transport: Transport = {
      ...host.transport,
      run: async (command) => {
        const what = isAnswer(command);
        if (what !== undefined) asked.push(what);
        const output = await host.transport.run(command);
        return what === 'server' && waiting ? { ...output, stdout: JSON.stringify(answer) } : output;
      },
    };
    return (await surveyRestore(transport, request)).archive?.endSince;
  };

  it('is what the server has still to send: only one that has sent all shows that the log has every commit up to its end', async () => {
    expect(await since([])).toBeUndefined();
    expect(asked).toEqual(['server', 'log']);
    expect(await since(['000000010000000000000004'])).toEqual(new Date('2026-11-21T09:59:59.999Z'));
    expect(await since(undefined)).toEqual(new Date('2026-11-21T09:59:59.999Z'));
  });
});
