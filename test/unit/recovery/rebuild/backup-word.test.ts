import { backupFaults, type BackupAge } from '../../../../recovery/rebuild/backup-word';
import { ask, whole } from './off-host-asked';
import { Bucket, days, now } from '../../deploy/backup/bucket';

const host = 'preview-cogni';
const faultsOf = (age: BackupAge, unsure = true, word?: string): readonly string[] =>
  backupFaults(host, unsure, age, now, word);

describe('what is off a host that may still live', () => {
  const old = new Bucket(
    [{ label: '20261114-120000F', type: 'full', at: days(7), start: 4 }],
    ['20261121-020000'],
  );

  it('is enough when it is fresh: no word is needed, and one that is said is refused', async () => {
    const fresh = await ask(whole);
    expect(fresh.stale).toBeUndefined();
    expect(faultsOf(fresh)).toEqual([]);
    expect(faultsOf(fresh, true, host)).toEqual([`--without-backup ${host}: the backups are fresh`]);
  });

  it('needs a word that names the host when the newest good backup is old', async () => {
    const stale = await ask(old);
    const [fault, ...more] = faultsOf(stale);
    expect(fault).toMatch(
      /^preview-cogni may still live, and there is no fresh verified backup: .*20261114-120000F, is 168 h old.*--without-backup preview-cogni$/,
    );
    expect(more).toEqual([]);
    expect(faultsOf(stale, true, host)).toEqual([]);
    expect(faultsOf(stale, true, 'other')).toEqual(['--without-backup other is not preview-cogni']);
  });

  it('needs that word also when the backup is fresh and its log ends hours ago, or at no known moment', async () => {
    const fresh = await ask(whole);
    const reaches = new Date(now.getTime() - 5 * 60 * 60_000);
    expect(faultsOf({ ...fresh, reaches })[0]).toContain(
      `the data come back up to ${reaches.toISOString()}: what was committed later is lost`,
    );
    expect(faultsOf({ ...fresh, reaches: undefined })[0]).toContain('to a moment that is not known');
  });

  it('is all that there is where the verdict is sure: no word is asked for', async () => {
    const stale = await ask(old);
    expect(faultsOf(stale, false)).toEqual([]);
    expect(faultsOf(stale, false, host)).toEqual([
      `--without-backup ${host}: the verdict needs no such word`,
    ]);
  });

  it('is refused as such, whatever is said, where nothing of it can be restored', async () => {
    const bare = await ask(
      new Bucket([{ label: 'F1', type: 'full', at: days(1), start: 4, readBack: false }]),
    );
    expect(bare.faults).not.toEqual([]);
    expect(faultsOf(bare)).toEqual([]);
  });
});
