import { goOnCommand, rebuildCommand, wordsOf, type RebuildOptions } from '../../../cli/rebuild-options';
import { begun } from '../recovery/rebuild/sample';

describe('the command that goes on with a rebuild', () => {
  it('is the one that it was begun with, whatever was typed now', () => {
    const first: RebuildOptions = {
      identity: 'key.txt',
      withoutReceiver: 'preview-cogni',
      image: 'postgres:here',
      network: 'there',
      settings: 'my.env',
      revoked: 'old',
    };
    const other: RebuildOptions = { to: '20261121-030000F', imageTag: 'preview-9999999', replace: 'x@1' };
    const again = goOnCommand('preview', { ...begun, words: wordsOf(first) }, { ...other, revoked: 'other' });
    expect(again).toBe(rebuildCommand('preview', { ...first, replace: 'preview-cogni@811287' }));
    expect(again).toContain('--identity key.txt');
  });

  it('has the target and the build that were named, and goes without files where it was begun so', () => {
    const { release } = begun;
    const named = {
      ...begun,
      target: '20261121-030000F',
      copy: null,
      release: { ...release, from: 'tag' as const },
    };
    expect(goOnCommand('preview', named, {})).toBe(
      './cogni rebuild preview --replace preview-cogni@811287 --to 20261121-030000F --image-tag preview-0123abc --without-files',
    );
  });

  it('has the files of now in the place of those of then, and says where one is missing', () => {
    const then = { ...begun, words: { identity: 'key.txt', settings: 'old.env' } };
    const now = goOnCommand('preview', then, { identity: '/mnt/key.txt' });
    expect(now).toContain('--identity /mnt/key.txt');
    expect(now).toContain('--settings old.env');
    expect(goOnCommand('preview', begun, {})).toContain('--identity <file>');
  });

  it('gives nothing up where nothing was', () => {
    expect(goOnCommand('preview', { ...begun, replaces: false }, {})).not.toContain('--replace');
  });
});
