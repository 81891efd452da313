import { anewFaults, goingOnFaults } from '../../../../recovery/rebuild/going-on';
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
