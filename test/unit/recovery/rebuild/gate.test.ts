import type { IdentityReport } from '../../../../recovery/identity/look';
import { verdicts } from '../../../../recovery/identity/verdicts';
import { gateFaults, givenUpIn, leaves, lostWord, replaceWord } from '../../../../recovery/rebuild/gate';
import { check } from '../identity/examples';

const host = 'preview-cogni';
const givenUp = { server: 811287, address: '192.0.2.7' };
const at = (id: string): Pick<IdentityReport, 'verdict'> => {
  const verdict = verdicts.find((each) => each.id === id);
  if (verdict === undefined) throw new Error(`there is no verdict ${id}`);
  return { verdict };
};

describe('a rebuild', () => {
  it('has an answer to every verdict of the host check, and to no other', () => {
    expect(Object.keys(leaves).sort()).toEqual(verdicts.map(({ id }) => id).sort());
  });

  it.each(verdicts.filter(({ exitCode }) => exitCode === 0).map(({ id }) => id))(
    'begins at no verdict that calls the host well, but for one that holds nothing: %s',
    (id) => {
      expect(leaves[id]).toBe(id === 'fresh' ? 'empty' : 'living');
    },
  );

  it('needs a second word wherever the verdict itself is unclear', () => {
    for (const { id, sure } of verdicts)
      if (sure === 'unclear') expect([id, leaves[id]]).not.toEqual([id, 'lost']);
  });

  it.each(['well', 'well-itself', 'two-machines', 'ours-elsewhere', 'moved', 'twin', 'unmarked'])(
    'is refused at "%s" whatever words are said',
    (id) => {
      const words = { replace: replaceWord(host, givenUp), lost: lostWord(host, id) };
      const [fault, ...more] = gateFaults(host, at(id), givenUp, words);
      expect(fault).toContain(`the host is not lost (${id})`);
      expect(fault).toContain('No word lets a rebuild begin');
      expect(more).toEqual([]);
    },
  );

  it.each(['lost', 'replaced-silently', 'recycled', 'data-lost', 'nothing-there'])(
    'begins at "%s" with the word that names what is given up, and without it not',
    (id) => {
      expect(gateFaults(host, at(id), givenUp, { replace: 'preview-cogni@811287' })).toEqual([]);
      expect(gateFaults(host, at(id), givenUp, {})).toEqual([
        'server 811287 (192.0.2.7) is given up, and what it may still hold with it: --replace preview-cogni@811287 says that this is meant',
      ]);
    },
  );

  it.each(['hung', 'silent', 'closed', 'other-key', 'stopped', 'lost-as-listed', 'data-other'])(
    'begins at "%s" only when a person says to have looked, in a word that names this very verdict',
    (id) => {
      const replace = 'preview-cogni@811287';
      expect(gateFaults(host, at(id), givenUp, { replace, lost: `preview-cogni@${id}` })).toEqual([]);
      expect(gateFaults(host, at(id), givenUp, { replace })).toEqual([
        expect.stringContaining(`--lost preview-cogni@${id}`),
      ]);
      expect(gateFaults(host, at(id), givenUp, { replace, lost: 'preview-cogni@lost' })).toEqual([
        `--lost preview-cogni@lost is not preview-cogni@${id}, which is what was found`,
      ]);
    },
  );

  it('takes no word for another server, another host, or for what is not asked', () => {
    const wrong = (replace: string): readonly string[] => gateFaults(host, at('lost'), givenUp, { replace });
    expect(wrong('preview-cogni@811288')).toEqual([
      '--replace preview-cogni@811288 is not preview-cogni@811287, which is what would be given up',
    ]);
    expect(wrong('production-cogni@811287')).toHaveLength(1);
    expect(
      gateFaults(host, at('lost'), givenUp, { replace: 'preview-cogni@811287', lost: 'preview-cogni@lost' }),
    ).toEqual(['--lost preview-cogni@lost: it is lost, which needs no such word']);
    expect(gateFaults(host, at('fresh'), givenUp, { replace: 'preview-cogni@811287' })).toEqual([
      '--replace preview-cogni@811287: nothing is given up: the machine holds no data',
    ]);
    expect(gateFaults(host, at('fresh'), givenUp, {})).toEqual([]);
  });

  it('names the server of the state, or the address where no source has a number, or nothing', () => {
    const named = (report: Pick<IdentityReport, 'state' | 'host'>): string =>
      replaceWord(host, givenUpIn(report));
    expect(named({ state: { value: { id: 811287, address: '192.0.2.7' } }, host: undefined })).toBe(
      'preview-cogni@811287',
    );
    expect(named({ state: { notUsed: true }, host: check() })).toBe('preview-cogni@192.0.2.7');
    expect(named({ state: { value: null }, host: undefined })).toBe('preview-cogni@nothing');
  });
});
