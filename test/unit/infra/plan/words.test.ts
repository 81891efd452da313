import {
  neededWords,
  wordFaults,
  wordRefusals,
  wordsIn,
  type BackupStanding,
  type Judged,
  type Words,
} from '../../../../infra/plan/words';
import { hash } from './samples';

const wipe: Judged = {
  verdict: 'WIPE',
  severity: 'destructive',
  doomed: false,
  losses: [{ name: 'preview-cogni', verdict: 'WIPE', address: 'cherryservers_server.host', disk: true }],
};
const harmless: Judged = { verdict: 'CREATE', severity: 'safe', losses: [], doomed: false };
const armed: Judged = { verdict: 'ARMED', severity: 'needs-review', losses: [], doomed: false };
const words = (change: Partial<Words> = {}): Words => ({
  wipe: [],
  reviewed: undefined,
  withoutBackup: [],
  ...change,
});
const none = (): Promise<BackupStanding> => Promise.resolve({ kind: 'none', why: 'none is made' });
const verified = (): Promise<BackupStanding> =>
  Promise.resolve({ kind: 'verified', description: 'of today' });
const asked = (judged: Judged, change: Partial<Words> = {}, backup = verified): Promise<readonly string[]> =>
  wordRefusals(judged, hash, words(change), backup);
const said = { wipe: ['preview-cogni@1a2b3c4d'] };

describe('the words for applying a plan', () => {
  it('are none for what is safe', async () => {
    expect([await asked(harmless), neededWords(harmless, hash)]).toEqual([[], []]);
  });

  it('name host and plan where a disk is emptied', async () => {
    expect(await asked(wipe)).toEqual([
      'WIPE: preview-cogni (cherryservers_server.host) loses its disk; if that is meant, say so: --wipe preview-cogni@1a2b3c4d',
    ]);
    expect(await asked(wipe, said)).toEqual([]);
    expect(neededWords(wipe, hash)).toEqual(['--wipe preview-cogni@1a2b3c4d']);
  });

  it.each(['REPLACE', 'DESTROY'])('are asked for by %s too', async (verdict) => {
    const judged = { ...wipe, verdict, losses: wipe.losses.map((loss) => ({ ...loss, verdict })) };
    expect(await asked(judged)).toEqual([expect.stringContaining('--wipe preview-cogni@1a2b3c4d')]);
    expect(await asked(judged, said)).toEqual([]);
  });

  it('are needed for each of several hosts', async () => {
    const losses = [...wipe.losses, { ...wipe.losses[0]!, name: 'other' }];
    expect(await asked({ ...wipe, losses }, said)).toEqual([expect.stringContaining('--wipe other@')]);
  });

  it('come in one value as well, with white space between, as from the one field that a workflow has for them', async () => {
    const losses = [...wipe.losses, { ...wipe.losses[0]!, name: 'other' }];
    const both = wordsIn('  preview-cogni@1a2b3c4d\n other@1a2b3c4d ');
    expect(both).toEqual(['preview-cogni@1a2b3c4d', 'other@1a2b3c4d']);
    expect(await asked({ ...wipe, losses }, { wipe: both })).toEqual([]);
    // An empty one is a fault, as before, and not the same as none.
    expect(wordFaults(words({ wipe: wordsIn(' ') }))).toHaveLength(1);
  });

  it('of another plan allow nothing', async () => {
    expect(await asked(wipe, { wipe: ['preview-cogni@ffffffff'] })).toEqual([
      expect.stringContaining('loses its disk'),
      '--wipe preview-cogni@ffffffff is meant for another plan: this one is 1a2b3c4d',
    ]);
  });

  it('for what a plan does not touch are refused: somebody means another plan', async () => {
    expect(await asked(harmless, said)).toEqual([
      '--wipe preview-cogni@1a2b3c4d: this plan takes nothing from preview-cogni',
    ]);
    expect(await asked(harmless, { withoutBackup: ['preview-cogni'] })).toEqual([
      '--without-backup preview-cogni: this plan empties no disk of preview-cogni',
    ]);
  });

  it('do not help a plan that fails half-way', async () => {
    expect(
      await asked({ ...harmless, verdict: 'DOOMED', severity: 'destructive', doomed: true }, said),
    ).toEqual([
      expect.stringContaining('DOOMED: this plan fails half-way'),
      expect.stringContaining('takes nothing from'),
    ]);
  });

  it('do not help where something is destroyed and nobody knows what', async () => {
    expect(await asked({ ...harmless, verdict: 'DESTROY', severity: 'destructive' })).toEqual([
      expect.stringContaining('what is not known'),
    ]);
  });

  it('say that it was looked at, where it needs a review', async () => {
    expect(await asked(armed)).toEqual([
      'ARMED: it needs a review; when that has been done, say so: --reviewed 1a2b3c4d',
    ]);
    expect(await asked(armed, { reviewed: '1a2b3c4d' })).toEqual([]);
    expect(await asked(armed, { reviewed: 'ffffffff' })).toEqual([
      '--reviewed ffffffff is meant for another plan: this one is 1a2b3c4d',
    ]);
    expect(neededWords(armed, hash)).toEqual(['--reviewed 1a2b3c4d']);
  });

  it('are in a form that names both', () => {
    const bad = words({ wipe: ['preview-cogni', 'preview-cogni@1a2b', '@1a2b3c4d'], reviewed: 'yes' });
    expect(wordFaults(bad)).toHaveLength(4);
    expect(wordFaults(words({ wipe: [`a@${hash}`], reviewed: hash }))).toEqual([]);
  });
});

describe('the guard of backups', () => {
  it('refuses to lose a disk without one, unless told so of that very host', async () => {
    expect(await asked(wipe, said, none)).toEqual([
      'no fresh backup of preview-cogni: none is made; to lose it all the same: --without-backup preview-cogni',
    ]);
    expect(await asked(wipe, { ...said, withoutBackup: ['other'] }, none)).toHaveLength(2);
    expect(await asked(wipe, { ...said, withoutBackup: ['preview-cogni'] }, none)).toEqual([]);
  });

  it('takes what could not be asked for no backup, and says that it could not', async () => {
    const unknown = (): Promise<BackupStanding> => Promise.resolve({ kind: 'unknown', why: 'no way there' });
    expect(await asked(wipe, said, unknown)).toEqual([
      'whether there is a fresh backup of preview-cogni is not known here: no way there; to lose it all the same: --without-backup preview-cogni',
    ]);
  });

  it('is asked for disks only', async () => {
    const losses = [
      { name: 'cherryservers_ip.edge', verdict: 'DESTROY', address: 'cherryservers_ip.edge', disk: false },
    ];
    const backup = jest.fn(none);
    expect(
      await wordRefusals(
        { ...wipe, losses },
        hash,
        words({ wipe: ['cherryservers_ip.edge@1a2b3c4d'] }),
        backup,
      ),
    ).toEqual([]);
    expect(backup).not.toHaveBeenCalled();
  });
});
