import type { S3Client } from '../../../../foundation/s3-client';
import { keyToEnd, oldKeyFaults, standingOfKey } from '../../../../recovery/rebuild/old-key';

const answers =
  (status: number, body: string): S3Client =>
  () =>
    Promise.resolve({ status, headers: {}, body: Buffer.from(body) });

describe('the key to the archive of what is given up', () => {
  const elsewhere = { host: 'existing', replaces: true, server: undefined, verdict: 'silent' } as const;
  const ordered = { host: 'cherry', replaces: true, server: 811287, verdict: 'hung' } as const;

  it('has to be ended where nobody can switch that machine off from here', () => {
    expect(keyToEnd(elsewhere, 'now', undefined)).toBe('now');
    expect(keyToEnd({ ...ordered, server: undefined }, 'now', undefined)).toBe('now');
  });

  it('is no matter where the provider switches it off, where the project has no such server, or where nothing is given up', () => {
    expect(keyToEnd(ordered, 'now', undefined)).toBeUndefined();
    expect(keyToEnd({ ...ordered, server: undefined, verdict: 'nothing-there' }, 'now', undefined)).toBe(
      undefined,
    );
    expect(keyToEnd({ ...elsewhere, replaces: false }, 'now', 'old')).toBeUndefined();
  });

  it('is the one that a person names, where the settings have another by now', () => {
    expect(keyToEnd(elsewhere, 'now', 'old')).toBe('old');
    expect(keyToEnd(ordered, 'now', 'old')).toBe('old');
  });

  it('is asked for at the storage without its secret: the refusal tells a wrong signature from a key that is not there', async () => {
    const asked = (status: number, code: string) =>
      standingOfKey(answers(status, `<Error><Code>${code}</Code></Error>`), 'cogni-preview');
    expect(await asked(403, 'SignatureDoesNotMatch')).toBe('known');
    expect(await asked(403, 'InvalidAccessKeyId')).toBe('ended');
    expect(await asked(403, 'AccessDenied')).toEqual({ untold: '403 AccessDenied' });
    expect(await standingOfKey(answers(502, 'bad gateway'), 'cogni-preview')).toEqual({ untold: '502' });
  });

  it('is ended when the storage has none of that name, and the settings name another', () => {
    expect(oldKeyFaults('old', 'ended', { current: 'new', revoked: undefined })).toEqual([]);
    expect(oldKeyFaults('old', 'known', { current: 'old', revoked: undefined })).toEqual([
      'the storage still has the key old, which the given-up machine has',
      'the settings still name it: ARCHIVE_KEY is old',
    ]);
  });

  it('is not ended by a word while the storage has it', () => {
    expect(oldKeyFaults('old', 'known', { current: 'new', revoked: 'old' })).toHaveLength(1);
  });

  it('is ended by a word where the storage does not tell, and by that of this very key alone', () => {
    const untold = { untold: '403 AccessDenied' };
    expect(oldKeyFaults('old', untold, { current: 'new', revoked: 'old' })).toEqual([]);
    expect(oldKeyFaults('old', untold, { current: 'new', revoked: undefined })).toEqual([
      'the storage does not tell whether it still has the key old (403 AccessDenied): when a person has ended it there, --revoked old',
    ]);
    expect(oldKeyFaults('old', untold, { current: 'new', revoked: 'new' })).toHaveLength(1);
  });
});
