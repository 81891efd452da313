import { leaves } from '../../../../recovery/rebuild/gate';
import {
  abandonFaults,
  anewFaults,
  goingOnFaults,
  livesAgainFaults,
  mayLiveAgain,
} from '../../../../recovery/rebuild/going-on';
import type { RebuildBegun, RebuildEvent, RebuildStory } from '../../../../recovery/rebuild/journal';
import type { Case } from '../../../../recovery/identity/case';
import { verdicts, type Verdict } from '../../../../recovery/identity/verdicts';
import { receiverFaults } from '../../../../recovery/rebuild/receiver-word';
import { begun } from './sample';

describe('a rebuild that was begun and is not done', () => {
  it('is gone on with by the command that it was begun with, or by less of it', () => {
    expect(goingOnFaults(begun, 'preview-cogni', {})).toEqual([]);
    const same = { to: 'newest', imageTag: 'preview-0123abc', replace: 'preview-cogni@811287' };
    expect(goingOnFaults(begun, 'preview-cogni', same)).toEqual([]);
  });

  it('is another one than is asked for with another target, build, host or server: all of that is said', () => {
    const other = { to: '20261121-030000F', imageTag: 'preview-9999999', replace: 'preview-cogni@1' };
    expect(goingOnFaults(begun, 'preview-other', other)).toEqual([
      'it brings the database to newest, not to 20261121-030000F',
      'it deploys preview-0123abc, not preview-9999999',
      'it gives up preview-cogni@811287, not preview-cogni@1',
      'it is of the host preview-cogni',
    ]);
  });

  it('is another one than is asked for with another key that was ended, or with one where it waits for none', () => {
    const elsewhere = { ...begun, oldKey: 'old' };
    expect(goingOnFaults(elsewhere, 'preview-cogni', { revoked: 'old' })).toEqual([]);
    expect(goingOnFaults(elsewhere, 'preview-cogni', { revoked: 'new' })).toEqual([
      'it waits for the end of old, not of new',
    ]);
    expect(goingOnFaults(begun, 'preview-cogni', { revoked: 'old' })).toEqual([
      'it waits for the end of no key, not of old',
    ]);
  });

  it('gives way to another one that names it, and to no other', () => {
    expect(anewFaults(undefined, begun.id)).toEqual([]);
    expect(anewFaults(begun.id, begun.id)).toEqual([]);
    expect(anewFaults('20260101T000000Z', begun.id)).toEqual([
      `--anew 20260101T000000Z is not ${begun.id}, which is the one that was begun and is not done`,
    ]);
    expect(anewFaults(begun.id, undefined)[0]).toContain('no rebuild is there');
  });
});

describe('a host whose rebuild was begun, and who may have come back since', () => {
  const hung: RebuildBegun = { ...begun, verdict: { id: 'hung', means: 'nothing answers' } };
  const storyOf = (first: RebuildBegun, ...events: readonly RebuildEvent[]): RebuildStory => ({
    begun: first,
    lines: [first, ...events].map((event) => ({ v: 1, at: '2026-11-21T12:30:00Z', ...event })),
    ended: false,
  });
  const fenceFailed: readonly RebuildEvent[] = [
    { kind: 'stage-begun', stage: 'fence' },
    { kind: 'stage-failed', stage: 'fence', why: 'the API answers 503' },
  ];
  const now = (id: string): { verdict: Verdict; case: Case } => {
    const verdict = verdicts.find((each) => each.id === id);
    if (verdict === undefined) throw new Error(`there is no verdict ${id}`);
    const [host = 'closed'] = verdict.when.host ?? [];
    return { verdict, case: { state: 'unread', api: 'unread', others: 'none', host } };
  };

  it.each(verdicts.map(({ id }) => id).filter((id) => leaves[id] === 'living'))(
    'is not given up when it is found to be "%s", whatever was said of it before or is said now',
    (id) => {
      const faults = livesAgainFaults(storyOf(hung, ...fenceFailed), now(id), `preview-cogni@${id}`);
      expect(faults).toEqual([
        expect.stringMatching(`^the host is not lost \\(${id}\\): .* begun when it was hung. No word`),
      ]);
    },
  );

  it('needs no further word while it is what was said of it, is lost for certain, or was switched off by the rebuild', () => {
    const story = storyOf(hung, ...fenceFailed);
    for (const id of ['hung', 'lost', 'replaced-silently', 'stopped'])
      expect([id, livesAgainFaults(story, now(id), 'preview-cogni@hung')]).toEqual([id, []]);
  });

  it('needs a word for what it is by now, where that is something else and unclear', () => {
    const story = storyOf(hung, { kind: 'stage-begun', stage: 'revoke' });
    for (const id of ['data-silent', 'closed', 'stopped']) {
      expect(livesAgainFaults(story, now(id), 'preview-cogni@hung')).toEqual([
        expect.stringContaining(`--lost preview-cogni@${id}`),
      ]);
      expect(livesAgainFaults(story, now(id), `preview-cogni@${id}`)).toEqual([]);
    }
  });

  it.each(['silent', 'address-unknown'])(
    'needs no word for "%s" once it is fenced, or was lost for certain: nothing has come back',
    (id) => {
      const fenced = storyOf(hung, { kind: 'stage-done', stage: 'fence', outcome: 'done' });
      expect(livesAgainFaults(fenced, now(id), undefined)).toEqual([]);
      expect(livesAgainFaults(fenced, now('closed'), undefined)).toHaveLength(1);
      const lost = { ...begun, verdict: { id: 'lost', means: 'the server is gone' } };
      expect(livesAgainFaults(storyOf(lost, ...fenceFailed), now(id), undefined)).toEqual([]);
      expect(livesAgainFaults(storyOf(hung, ...fenceFailed), now(id), undefined)).toHaveLength(1);
    },
  );

  it('is looked at until all that takes it away is done, and not where nothing is given up', () => {
    expect(mayLiveAgain(storyOf(begun, ...fenceFailed))).toBe(true);
    const taken = ['fence', 'forget', 'aside'].map((stage): RebuildEvent => ({
      kind: 'stage-done',
      stage,
      outcome: 'done',
    }));
    expect(mayLiveAgain(storyOf(begun, ...taken.slice(0, 2)))).toBe(true);
    expect(mayLiveAgain(storyOf(begun, ...taken))).toBe(false);
    expect(mayLiveAgain(storyOf({ ...begun, replaces: false }, ...fenceFailed))).toBe(false);
  });

  it('is left in peace by a word that names its rebuild, and by no other', () => {
    expect(abandonFaults(begun.id, begun.id)).toEqual([]);
    expect(abandonFaults('another', begun.id)[0]).toContain(`--abandon another is not ${begun.id}`);
    expect(abandonFaults(begun.id, undefined)[0]).toContain('no rebuild is there');
  });
});

describe('the receiver of the log, before a rebuild begins', () => {
  const away = { why: 'no route to the host' };

  it('has to answer, or a person does without it by a word that names the host', () => {
    expect(receiverFaults('preview-cogni', 'answers', undefined)).toEqual([]);
    expect(receiverFaults('preview-cogni', away, 'preview-cogni')).toEqual([]);
    expect(receiverFaults('preview-cogni', away, 'other')).toEqual([
      '--without-receiver other is not preview-cogni',
    ]);
    expect(receiverFaults('preview-cogni', away, undefined)).toEqual([
      'the receiver of the log, which may have what was committed last, cannot be asked (no route to the host): --without-receiver preview-cogni says that what the archive has is enough',
    ]);
  });

  it('is nobody’s matter where there is none', () => {
    expect(receiverFaults('preview-cogni', 'none', undefined)).toEqual([]);
    expect(receiverFaults('preview-cogni', 'none', 'preview-cogni')).toHaveLength(1);
  });
});
