import { newestAway } from '../../../../deploy/backup/look-away';
import type { Output } from '../../../../foundation/process';
import { archive } from '../../services/archive/archive';

const listed = (labels: readonly string[], status: { code: number; message: string }): string =>
  JSON.stringify([
    {
      backup: labels.map((label, at) => ({
        label,
        type: 'full',
        timestamp: { stop: 1_795_000_000 + at },
        info: { size: 1, repository: { delta: 1 } },
        archive: { start: '000000010000000000000002', stop: '000000010000000000000002' },
        database: { id: 1 },
      })),
      db: [],
      status,
    },
  ]);
const newest = (output: Partial<Output>) =>
  newestAway(
    {
      environment: 'preview',
      archive,
      pgbackrest: () =>
        Promise.resolve({ code: 0, stdout: '', stderr: '', timedOut: false, ...output } as Output),
    },
    './cogni host check preview',
  );

describe('the newest backup of an archive, asked away from its host', () => {
  it('is the last that was made, whether it is good or not', async () => {
    const stdout = listed(['20261120-074000F', '20261121-074000F'], { code: 0, message: 'ok' });
    expect(await newest({ stdout })).toMatchObject({ label: '20261121-074000F' });
  });

  it.each([
    ['was never begun', { code: 1, message: 'missing stanza path' }],
    ['has none yet', { code: 2, message: 'no valid backups' }],
  ])('is none where the archive %s', async (_, status) => {
    expect(await newest({ stdout: listed([], status) })).toBeUndefined();
  });

  it('is not known where the archive cannot be read, or does not answer', async () => {
    const stdout = listed([], { code: 99, message: 'other' });
    await expect(newest({ stdout })).rejects.toThrow('pgBackRest says of the archive of preview: other');
    await expect(newest({ code: 49, stderr: 'no route' })).rejects.toThrow('could not look at the archive');
  });
});
