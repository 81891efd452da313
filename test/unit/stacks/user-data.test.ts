import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { userDataLimit } from '../../../bootstrap';
import { Failure } from '../../../foundation/failure';
import { imageNames, type ImageLock } from '../../../services';
import type { Environment, ResolvedCherryHost } from '../../../stacks/environment';
import { loadEnvironment } from '../../../stacks/load';
import { hostNeedsOf, userDataOf } from '../../../stacks/user-data';
import { archive } from '../services/archive/archive';
import { receiver } from '../services/archive/receiver';
import { record, surroundings } from './example';

describe('the user-data of an environment', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-user-data-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** An environment whose images are looked up in a lock with these digests. */
  function environment(digest: string | null): { environment: Environment; host: ResolvedCherryHost } {
    const resolvedAt = digest === null ? null : '2026-11-01T00:00:00Z';
    const image = (name: string): ImageLock[keyof ImageLock] => ({
      image: `hub.cogni.test/library/${name}`,
      tag: '1',
      digest,
      resolvedAt,
      source: 'https://hub.cogni.test',
    });
    const lock = Object.fromEntries(imageNames.map((name) => [name, image(name)]));
    const imageLockFile = join(folder, 'images.lock.json');
    writeFileSync(imageLockFile, JSON.stringify(lock));
    const loaded = loadEnvironment('preview', [record()], surroundings());
    if (loaded.host.kind !== 'cherry') throw new Error('the example is a rented host');
    return { environment: { ...loaded, sandbox: { imageLockFile } }, host: loaded.host };
  }
  const digest = `sha256:${'1'.repeat(64)}`;

  it('is made of the host, its key and swap, and the files of the edge', () => {
    const { environment: preview, host } = environment(digest);
    const needs = hostNeedsOf(preview, host);
    expect(needs).toMatchObject({
      hostName: 'preview-cogni',
      deployKeys: [host.deployKey.line],
      swapBytes: 2 * 1024 ** 3,
      edge: { domain: 'preview.cogni.dev' },
    });
    const compose = needs.edge.files.find(({ path }) => path === 'compose.yaml');
    expect(compose?.content).toContain(`hub.cogni.test/library/caddy@${digest}`);
    expect(needs.edge.files.filter(({ seed }) => seed).map(({ path }) => path)).toEqual([
      'caddy/upstream/active',
    ]);
  });

  it('has the edge believe the proxies that the environment names, and nobody where it names none', () => {
    const { environment: preview, host } = environment(digest);
    const caddyfileOf = (changes: Partial<Environment>): string | undefined =>
      hostNeedsOf({ ...preview, ...changes }, host).edge.files.find(({ path }) => path === 'caddy/Caddyfile')
        ?.content;
    expect(caddyfileOf({})).not.toContain('trusted_proxies');
    expect(caddyfileOf({ trustedProxies: ['192.0.2.0/24', '2001:db8::/32'] })).toContain(
      'trusted_proxies static 192.0.2.0/24 2001:db8::/32\n',
    );
  });

  it.each([true, false])('has the edge serve www as the record says: %s', (www) => {
    const { environment: preview, host } = environment(digest);
    const { files } = hostNeedsOf({ ...preview, www }, host).edge;
    const caddyfile = files.find(({ path }) => path === 'caddy/Caddyfile')?.content ?? '';
    expect(caddyfile.includes(`\nwww.${preview.domain} {\n`)).toBe(www);
  });

  it('lets the key of a receiver in for the log of the database alone, and where there is none nobody', () => {
    const { environment: preview, host } = environment(digest);
    expect(hostNeedsOf(preview, host)).not.toHaveProperty('commandKeys');
    const receiving = { ...preview, archive: { ...archive, receiver } };
    const { commandKeys } = hostNeedsOf(receiving, host);
    expect(commandKeys?.map(({ command }) => command.join(' '))).toEqual([
      'docker exec --interactive --user=backup cogni-runtime-postgres-1 perl /etc/cogni-postgres/bridge.pl',
    ]);
    expect(userDataOf(receiving, host)).toContain(`pl" ${receiver.key}`);
  });

  it('is a cloud-init document within the limit, the same on every run', () => {
    const { environment: preview, host } = environment(digest);
    const document = userDataOf(preview, host);
    expect(document.startsWith('#cloud-config\n')).toBe(true);
    expect(Buffer.byteLength(document)).toBeLessThan(userDataLimit);
    expect(userDataOf(preview, host)).toBe(document);
  });

  it('is refused while its image has no digest', () => {
    const { environment: preview, host } = environment(null);
    expect(() => userDataOf(preview, host)).toThrow(/the image caddy .* has no digest yet/);
  });

  it('is refused in the words of a failure when it would be over the limit', () => {
    const { environment: preview, host } = environment(digest);
    const comment = 'x'.repeat(userDataLimit);
    const large = { ...host, deployKey: { ...host.deployKey, line: `${host.deployKey.line}${comment}` } };
    const render = (): unknown => userDataOf(preview, large);
    expect(render).toThrow(Failure);
    expect(render).toThrow(
      /no user-data can be rendered for preview\n {2}- user-data of \d+ bytes .* over the limit of 16384/,
    );
  });
});
