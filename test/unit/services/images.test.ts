import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ExitCode, Failure } from '../../../foundation/failure';
import {
  committedImageLock,
  imageNames,
  imageReference,
  loadImageLock,
  parseImageLock,
  renderImageLock,
} from '../../../services';
import { hostImageNames } from '../../../services/images';
import { environments } from '../../../stacks/environments';
import { digest, resolvedLock } from './example';

const checkout = resolve(__dirname, '..', '..', '..');

describe('the image lock', () => {
  it('names every image that the services ask for, with its tag and where to read about it', () => {
    const lock = committedImageLock();
    expect(Object.keys(lock)).toEqual([...imageNames]);
    for (const { image, tag, source } of Object.values(lock)) {
      expect(image).toMatch(/^(docker|ghcr)\.io\/\w+\/[\w-]+$/);
      expect(tag).not.toMatch(/latest|^\d+$/);
      expect(source).toMatch(/^https:/);
    }
  });

  it('is the only place that names an image of others: every file that builds one stands on nothing, or is told what it stands on', () => {
    const files = ['sandbox', 'services'].flatMap((folder) =>
      readdirSync(join(checkout, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => /(?:^|\/|\.)Dockerfile$/.test(file))
        .map((file) => join(folder, file)),
    );
    expect(files).toEqual(
      expect.arrayContaining(['services/sourcecred/runner/Dockerfile', 'services/database/image/Dockerfile']),
    );
    for (const file of files) {
      const text = readFileSync(join(checkout, file), 'utf8');
      const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
      expect(bases.length).toBeGreaterThan(0);
      expect({
        file,
        named: bases.filter((base) => base !== 'scratch' && !/^\$\{\w+\}$/.test(base ?? '')),
      }).toEqual({
        file,
        named: [],
      });
      // What it is told has no default: a build that is not told one fails.
      expect(text).not.toMatch(/^ARG (?:BUILD_)?BASE=/m);
    }
  });

  it('is named around by no code either: what a file says in its own words is an image of ours', () => {
    const ours = new Set(environments.map(({ imageRepository }) => imageRepository));
    // What a message shows as the form of one.
    const shown = 'ghcr.io/owner/name';
    const files = ['services', 'deploy', 'recovery', 'stacks'].flatMap((folder) =>
      readdirSync(join(checkout, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => join(folder, file)),
    );
    const named = files.flatMap((file) =>
      readFileSync(join(checkout, file), 'utf8')
        .replace(/\/\*[^]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
        .split('\n')
        .flatMap((line) => line.match(/\b(?:docker|ghcr|quay)\.io(?:\/\w[\w.-]*)+/g) ?? [])
        // Of a registry and its default namespace alone no image comes.
        .filter((image) => image !== 'docker.io/library')
        .map((image) => ({ file, image })),
    );
    expect(named.map(({ image }) => image)).toEqual(expect.arrayContaining([...ours]));
    expect(named.filter(({ image }) => !ours.has(image) && image !== shown)).toEqual([]);
  });

  it('refuses no environment for an image that hosts never see', () => {
    expect(imageNames).toEqual([...hostImageNames, 'node', 'node-build']);
  });

  it('gives an image by its digest', () => {
    expect(imageReference(resolvedLock(), 'caddy')).toBe(`docker.io/library/caddy@${digest('a')}`);
  });

  it('refuses an image that was never looked up, and names the command that looks it up', () => {
    expect.assertions(5);
    const lock = resolvedLock();
    const unresolved = { ...lock, caddy: { ...lock.caddy, digest: null, resolvedAt: null } };
    const ask = (): unknown => imageReference(unresolved, 'caddy');
    expect(ask).toThrow('the image caddy (docker.io/library/caddy:2.11.9) has no digest yet');
    expect(ask).toThrow('next:  ./cogni images lock');
    try {
      ask();
    } catch (refused) {
      expect((refused as Failure).exitCode).toBe(ExitCode.refused);
    }
    expect(ask).toThrow(Failure);
    expect(imageReference(unresolved, 'postgres')).toMatch(/@sha256:b+$/);
  });

  it('reads back as what was written', () => {
    const text = renderImageLock(resolvedLock());
    expect(text.endsWith('}\n')).toBe(true);
    expect(parseImageLock(text, 'test')).toEqual(resolvedLock());
  });

  it('can be another file, such as a sandbox’s own', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cogni-lock-'));
    const path = join(folder, 'images.lock.json');
    const { caddy, ...others } = resolvedLock();
    const lock = { caddy: { ...caddy, image: 'hub.cogni.test/caddy' }, ...others };
    writeFileSync(path, renderImageLock(lock));
    expect(imageReference(loadImageLock(path), 'caddy')).toBe(`hub.cogni.test/caddy@${digest('a')}`);
    rmSync(folder, { recursive: true });
    expect(() => loadImageLock(path)).toThrow(
      /the image lock .*images\.lock\.json cannot be used\n {2}- ENOENT/,
    );
  });

  it('is refused with every fault when it was damaged', () => {
    const { caddy, postgres, ...others } = resolvedLock();
    const damaged = {
      ...others,
      caddy: { ...caddy, image: 'caddy:2', digest: 'sha256:12', tag: ':' },
      postgres: { ...postgres, resolvedAt: null },
      redis: caddy,
    };
    const parse = (): unknown => parseImageLock(JSON.stringify(damaged), 'images.lock.json');
    expect(parse).toThrow(Failure);
    for (const fault of [
      'caddy.image: is not a registry and a repository',
      'caddy.tag: is not a tag',
      'caddy.digest: is not "sha256:" and 64 hex digits',
      'postgres: has a digest without a date, or a date without a digest',
      'the file: Unrecognized key: "redis"',
    ]) {
      expect(parse).toThrow(`  - ${fault}`);
    }
    expect(() => parseImageLock('{', 'images.lock.json')).toThrow('images.lock.json cannot be used');
  });
});
