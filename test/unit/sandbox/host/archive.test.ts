import { archiveOf } from '../../../../sandbox/host/archive';

describe('an archive of files', () => {
  it('is made of blocks of 512 bytes and ends with two empty ones', () => {
    const archive = Buffer.from(archiveOf([{ path: 'a', content: 'x', mode: 0o644 }]));
    expect(archive.byteLength).toBe(4 * 512);
    expect(archive.subarray(2 * 512).every((byte) => byte === 0)).toBe(true);
  });

  it.each(['/etc/passwd', 'a'.repeat(101), 'naïve', 'a\nb'])('refuses the path %j', (path) => {
    expect(() => archiveOf([{ path, content: '', mode: 0o644 }])).toThrow(/not for this archive/);
  });

  it('refuses a link to a path that is too long', () => {
    expect(() => archiveOf([{ path: 'a', link: `/${'b'.repeat(100)}` }])).toThrow(/not for this archive/);
  });
});
