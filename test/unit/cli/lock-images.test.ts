import { lockImages } from '../../../cli/lock-images';
import { parseImageLock, type ImageLock } from '../../../services';
import { digest, resolvedLock } from '../services/example';

describe('bringing the lock of images up to date', () => {
  const before = resolvedLock();
  const after: ImageLock = { ...before, caddy: { ...before.caddy, digest: digest('e') } };
  const file = 'services/images.lock.json';
  const change = `caddy (${before.caddy.image}:${before.caddy.tag}): ${digest('a')} -> ${digest('e')}`;

  const locked = (found: ImageLock, dryRun: boolean, known: ImageLock = before) => {
    const written: string[] = [];
    const { document, text } = lockImages({
      before: known,
      after: found,
      file,
      dryRun,
      write: (content) => written.push(content),
    });
    return { document, lines: text.split('\n'), written };
  };

  it('writes what was found, and says what is another than before', () => {
    const { document, lines, written } = locked(after, false);
    expect(lines).toEqual([change, `wrote ${file}: review and commit it`]);
    expect(document).toBe(after);
    expect(written.map((content) => parseImageLock(content, file))).toEqual([after]);
  });

  it('writes nothing in a dry run, and says the same changes', () => {
    const { document, lines, written } = locked(after, true);
    expect(lines).toEqual([change, `nothing was written; ./cogni images lock writes it to ${file}`]);
    expect(document).toBe(after);
    expect(written).toEqual([]);
  });

  it('says of an image that was never looked up that it had no digest', () => {
    const known = { ...before, caddy: { ...before.caddy, digest: null, resolvedAt: null } };
    expect(locked(after, true, known).lines[0]).toBe(change.replace(digest('a'), 'no digest'));
  });

  it('says where nothing is another', () => {
    expect(locked(before, true).lines[0]).toBe('every tag means the digest that the lock has');
  });
});
