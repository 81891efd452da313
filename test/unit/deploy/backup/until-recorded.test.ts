import { untilRecorded } from '../../../../deploy/backup/until-recorded';
import { backupUnderWay } from '../../../../services';
import { fakeClock } from '../fake-clock';
import { fakeTransport, type Answer } from '../fake-transport';

const underWay = { code: backupUnderWay, stderr: 'another backup is under way' };
const asking = (...answers: Answer[]) => {
  const transport = fakeTransport([['backup.sh look', answers]]);
  const clock = fakeClock('2026-11-21T08:15:00.000Z');
  return { transport, clock, waiting: (signal?: AbortSignal) => untilRecorded(transport, clock, signal) };
};

describe('waiting for what a new backup holds to be recorded beside it', () => {
  it('waits while the backup is being read back, and has the host do what is left then', async () => {
    const { waiting, transport } = asking(underWay, underWay, { code: 0 });
    expect(await waiting()).toBeUndefined();
    expect(transport.log.filter((line) => line.includes('backup.sh look'))).toHaveLength(3);
  });

  it('says why it cannot be recorded, and does not ask again', async () => {
    const said =
      'cogni-backup: look\nwhat the backup 20261121-081500F holds could not be recorded: permission denied\n';
    const { waiting, transport } = asking({ code: 1, stderr: said }, { code: 0 });
    expect(await waiting()).toBe(
      'what the backup 20261121-081500F holds could not be recorded: permission denied',
    );
    expect(transport.log).toHaveLength(1);
    expect(await asking({ code: null, timedOut: true }).waiting()).toBe('its look was cut off');
  });

  it('does not wait for ever', async () => {
    const { waiting, clock } = asking(underWay);
    expect(await waiting()).toBe('a backup is still under way, or being read back');
    expect(clock.now().getTime()).toBeGreaterThan(Date.parse('2026-11-21T08:30:00.000Z'));
  });

  it('ends with whoever waits', async () => {
    const { waiting } = asking(underWay);
    await expect(waiting(AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});
