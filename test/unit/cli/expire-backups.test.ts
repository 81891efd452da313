import { expirerKeys, expireText } from '../../../cli/expire-backups';
import { ExitCode, Failure } from '../../../foundation/failure';

const settings = {
  ARCHIVE_KEY: 'HOST',
  ARCHIVE_EXPIRER_KEY: 'EXPIRER',
  ARCHIVE_EXPIRER_SECRET: 'planted-secret-0123456789',
  ARCHIVE_PASSPHRASE: 'planted-passphrase-0123456789',
};

describe('the key with which backups are removed', () => {
  it('is that of the expirer, with the passphrase of the archive', () => {
    const { key, secret, passphrase } = expirerKeys('preview', settings);
    expect([key, String(secret), String(passphrase)]).toEqual([
      'EXPIRER',
      '[secret ARCHIVE_EXPIRER_SECRET]',
      '[secret ARCHIVE_PASSPHRASE]',
    ]);
  });

  it('is never the one that is on the host', () => {
    const same = (): unknown => expirerKeys('preview', { ...settings, ARCHIVE_EXPIRER_KEY: 'HOST' });
    expect(same).toThrow('ARCHIVE_EXPIRER_KEY is the key that is on the host (ARCHIVE_KEY)');
    try {
      same();
    } catch (thrown) {
      expect(thrown instanceof Failure && thrown.exitCode).toBe(ExitCode.refused);
    }
  });

  it('is asked for together with everything else that is missing', () => {
    expect(() => expirerKeys('preview', {})).toThrow(
      /ARCHIVE_EXPIRER_KEY is missing[^]*ARCHIVE_EXPIRER_SECRET is missing[^]*ARCHIVE_PASSPHRASE is missing/,
    );
  });
});

describe('what was removed, for people', () => {
  const expiry = {
    backups: [{ label: 'F1', along: ['F1_I1'] }],
    copies: ['20261101-020000'],
    records: ['records/20261101-080000'],
    segments: 3,
    stays: ['F2'],
  };

  it('is each thing by its name, and what stays', () => {
    expect(expireText('preview', { expiry, removed: true }, false)).toBe(
      [
        'removed from the archive of preview:',
        '  backup F1, and on it F1_I1',
        '  3 segments of the log before the oldest backup that stays',
        '  copy 20261101-020000',
        '  records of the host that later ones have replaced: records/20261101-080000',
        '1 backup stays: F2',
        'versions of the objects stay in the bucket until their lock ends',
      ].join('\n'),
    );
    expect(expireText('preview', { expiry, removed: false }, true)).toMatch(
      /^would remove from the archive of preview:\n[^]*\nnothing was changed$/,
    );
  });

  it('is nothing where every rule keeps what is there', () => {
    const none = { ...expiry, backups: [], copies: [], records: [], segments: 0 };
    expect(expireText('preview', { expiry: none, removed: false }, false)).toMatch(/^nothing may be removed/);
  });
});
