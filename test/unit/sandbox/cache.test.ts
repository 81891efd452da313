import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silent } from '../../../foundation/progress';
import { cached, type CachedBuild } from '../../../sandbox/cache';

describe('a build that is kept', () => {
  const cacheHome = process.env['XDG_CACHE_HOME'];
  let scratch: string;
  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'cogni-builds-'));
    process.env['XDG_CACHE_HOME'] = scratch;
  });
  afterEach(() => {
    if (cacheHome === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = cacheHome;
    rmSync(scratch, { recursive: true });
  });

  const buildOf = (build: CachedBuild['build']): CachedBuild => ({
    name: 'thing',
    key: ['1'],
    why: 'a test needs it',
    build,
  });
  const made = (): readonly string[] =>
    readdirSync(join(scratch, 'cogni', 'builds')).filter((name) => !name.includes('.lock'));

  it('is made once', async () => {
    let times = 0;
    const build = buildOf((folder) => {
      times += 1;
      return Promise.resolve(writeFileSync(join(folder, 'result'), 'made'));
    });
    const folder = await cached(build, silent);
    await expect(cached(build, silent)).resolves.toBe(folder);
    expect(times).toBe(1);
    expect(readFileSync(join(folder, 'result'), 'utf8')).toBe('made');
  });

  it('holds nothing of an earlier one that goes on writing after its process was killed', async () => {
    let folderOfKilled = '';
    const killed = buildOf((folder) => {
      folderOfKilled = folder;
      return Promise.reject(new Error('killed'));
    });
    await expect(cached(killed, silent)).rejects.toThrow('killed');
    const orphanWrites = (): void => {
      mkdirSync(folderOfKilled, { recursive: true });
      writeFileSync(join(folderOfKilled, 'half'), 'of the killed build');
    };
    const folder = await cached(
      buildOf((unfinished) => {
        writeFileSync(join(unfinished, 'result'), 'made');
        return Promise.resolve(orphanWrites());
      }),
      silent,
    );
    expect(readdirSync(folder)).toEqual(['result']);
  });

  it('leaves nothing when it fails, and clears what a killed one left', async () => {
    const failing = buildOf(() => Promise.reject(new Error('it fails')));
    await expect(cached(failing, silent)).rejects.toThrow('it fails');
    expect(made()).toEqual([]);
    const folder = await cached(
      buildOf(() => Promise.resolve()),
      silent,
    );
    rmSync(folder, { recursive: true });
    const left = `${folder}.0123abcd.unfinished`;
    mkdirSync(left);
    await cached(
      buildOf(() => Promise.resolve(expect(existsSync(left)).toBe(false))),
      silent,
    );
    expect(made()).toEqual([folder.split('/').at(-1)]);
  });
});
