import { createHash } from 'node:crypto';
import { silent } from '../../../foundation/progress';
import { keepingFaults } from '../../../deploy/backup/bucket-keeping';
import { standingOfKey } from '../../../recovery/rebuild/old-key';
import { ensureCertificateAuthority, type CertificateAuthority } from '../../../sandbox/certificates';
import { askAt } from '../../../sandbox/parts/ask';
import { ensureDns } from '../../../sandbox/parts/dns';
import { ensureNetwork, type SandboxNetwork } from '../../../sandbox/parts/network';
import { ensureS3, type ArchiveStore } from '../../../sandbox/parts/s3';
import { s3Client, type S3Client } from '../../../foundation/s3-client';
import type { S3Account } from '../../../foundation/s3-sign';
import { buildDeadline, docker } from '../images/harness';
import { Rig } from './rig';

describe('the S3 server of a sandbox', () => {
  const rig = new Rig();
  let network: SandboxNetwork;
  let authority: CertificateAuthority;
  let stores: Readonly<Record<'preview' | 'production', ArchiveStore>>;
  const up = (): Promise<typeof stores> =>
    ensureS3(docker, rig.world, network, authority, ['preview', 'production'], silent);

  beforeAll(async () => {
    authority = await ensureCertificateAuthority(rig.world);
    network = await ensureNetwork(docker, rig.world, silent);
    await ensureDns(docker, rig.world, network, silent);
    stores = await up();
  }, buildDeadline);
  afterAll(() => rig.remove(), 60_000);

  const as = (account: S3Account): S3Client =>
    s3Client(askAt(network.parts.s3, authority), stores.preview.endpoint, stores.preview.region, account);
  const history = '/cogni-preview/pgbackrest/archive/cogni/15-1/0000000100000000/000000010000000000000001';
  const versions = async (): Promise<readonly string[]> => {
    const { body } = await as(stores.preview.expirer)({
      method: 'GET',
      path: '/cogni-preview',
      query: { prefix: history.slice('/cogni-preview/'.length), versions: '' },
    });
    return [...body.toString().matchAll(/<VersionId>([^<]+)/g)].map(([, id]) => id ?? '');
  };
  const put = (account: S3Account, body: string): ReturnType<S3Client> =>
    as(account)({ method: 'PUT', path: history, body });

  it('keeps what the uploader writes, and gives it back', async () => {
    expect((await put(stores.preview.uploader, 'first')).status).toBe(200);
    const { status, body } = await as(stores.preview.uploader)({ method: 'GET', path: history });
    expect([status, body.toString()]).toEqual([200, 'first']);
  });

  it('lets the uploader delete no history, and nothing of how the bucket is kept', async () => {
    const uploader = as(stores.preview.uploader);
    const refusals = [
      await uploader({ method: 'DELETE', path: history }),
      await uploader({ method: 'PUT', path: '/cogni-preview', query: { policy: '' }, body: '{}' }),
      await uploader({ method: 'DELETE', path: '/cogni-preview', query: { policy: '' } }),
      await uploader({
        method: 'PUT',
        path: '/cogni-preview',
        query: { 'object-lock': '' },
        body: '<a/>',
        headers: { 'content-md5': createHash('md5').update('<a/>').digest('base64') },
      }),
      await uploader({ method: 'DELETE', path: '/cogni-preview' }),
    ];
    expect(refusals.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
  });

  it('lets the uploader take away the one link that pgBackRest makes anew', async () => {
    const path = '/cogni-preview/pgbackrest/backup/cogni/latest';
    const uploader = as(stores.preview.uploader);
    await uploader({ method: 'PUT', path, body: 'link' });
    expect((await uploader({ method: 'DELETE', path })).status).toBe(204);
  });

  it('keeps the version before, when the uploader writes over it, and nobody can delete that', async () => {
    await put(stores.preview.uploader, 'overwritten');
    const [, before = 'none'] = await versions();
    const read = await as(stores.preview.expirer)({
      method: 'GET',
      path: history,
      query: { versionId: before },
    });
    expect(read.body.toString()).toBe('first');
    const { status } = await as(stores.preview.expirer)({
      method: 'DELETE',
      path: history,
      query: { versionId: before },
    });
    expect(status).toBe(403);
    expect(await versions()).toContain(before);
  });

  it('lets the uploader hide a part of a backup at most: the expirer takes the mark of that away, and the part is there', async () => {
    const key = 'pgbackrest/backup/cogni/20261121-020000F/bundle/1';
    const path = `/cogni-preview/${key}`;
    const { uploader, expirer } = stores.preview;
    const state = async (): Promise<readonly [number, string]> => {
      const { status, body } = await as(uploader)({ method: 'GET', path });
      return [status, status === 200 ? body.toString() : ''];
    };
    /** Of the object itself, and of the mark that hides it. */
    const versionsOf = async (): Promise<{
      readonly data: readonly string[];
      readonly marks: readonly string[];
    }> => {
      const query = { prefix: key, versions: '' };
      const { body } = await as(expirer)({ method: 'GET', path: '/cogni-preview', query });
      const ids = (tag: string): readonly string[] =>
        [...body.toString().matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, 'gs'))].map(
          ([, entry = '']) => /<VersionId>([^<]+)/.exec(entry)?.[1] ?? '',
        );
      return { data: ids('Version'), marks: ids('DeleteMarker') };
    };
    const end = async (account: S3Account, versionId: string): Promise<number> =>
      (await as(account)({ method: 'DELETE', path, query: { versionId } })).status;

    await as(uploader)({ method: 'PUT', path, body: 'part' });
    expect((await as(uploader)({ method: 'DELETE', path })).status).toBe(204);
    expect(await state()).toEqual([404, '']);
    const hidden = await versionsOf();
    expect([hidden.data.length, hidden.marks.length]).toEqual([1, 1]);
    // Whoever has stolen the key of the uploader can neither end what is hidden nor show it again.
    expect(await end(uploader, hidden.data[0]!)).toBe(403);
    expect(await end(uploader, hidden.marks[0]!)).toBe(403);
    // The lock holds the data, and not the mark.
    expect(await end(expirer, hidden.data[0]!)).toBe(403);
    expect(await end(expirer, hidden.marks[0]!)).toBe(204);
    expect(await state()).toEqual([200, 'part']);
    expect(await versionsOf()).toEqual({ data: hidden.data, marks: [] });
  });

  it('lets the uploader write over a part: the version before is kept, and the expirer puts it there again', async () => {
    const path = '/cogni-preview/pgbackrest/backup/cogni/20261121-020000F/bundle/2';
    const { uploader, expirer } = stores.preview;
    await as(uploader)({ method: 'PUT', path, body: 'part' });
    const { body: listed } = await as(expirer)({
      method: 'GET',
      path: '/cogni-preview',
      query: { prefix: path.replace('/cogni-preview/', ''), versions: '' },
    });
    const versionId = /<VersionId>([^<]+)/.exec(listed.toString())?.[1] ?? '';
    await as(uploader)({ method: 'PUT', path, body: 'spoilt' });
    const read = async (query = {}): Promise<string> =>
      (await as(expirer)({ method: 'GET', path, query })).body.toString();
    expect(await read()).toBe('spoilt');
    const before = await read({ versionId });
    expect(before).toBe('part');
    expect((await as(expirer)({ method: 'PUT', path, body: before })).status).toBe(200);
    expect(await read()).toBe('part');
  });

  it('lets the expirer end what is over: the object goes, its versions stay until their lock ends', async () => {
    expect((await as(stores.preview.expirer)({ method: 'DELETE', path: history })).status).toBe(204);
    expect((await as(stores.preview.uploader)({ method: 'GET', path: history })).status).toBe(404);
    expect((await versions()).length).toBeGreaterThanOrEqual(2);
  });

  it('lets no environment into the bucket of another, and nobody with another key', async () => {
    expect((await put(stores.production.uploader, 'mine')).status).toBe(403);
    const stranger = { ...stores.preview.uploader, secret: stores.production.uploader.secret };
    expect((await put(stranger, 'mine')).status).toBe(403);
  });

  it('shows the expirer that it keeps history, and refuses the uploader to delete any of it', async () => {
    const { uploader, expirer } = stores.preview;
    const keeping = { bucket: 'cogni-preview', expirer: as(expirer) };
    expect(await keepingFaults({ ...keeping, uploader: as(uploader) })).toEqual([]);
    // A key that may delete is found, and one that may not see how the bucket is kept is not believed.
    expect(await keepingFaults({ ...keeping, uploader: as(expirer) })).toEqual([
      expect.stringContaining('may delete history'),
      expect.stringContaining('may delete versions of history'),
    ]);
    expect(await keepingFaults({ ...keeping, expirer: as(uploader) })).toEqual([
      expect.stringMatching(/^versioning of the bucket cannot be read \(403/),
      expect.stringMatching(/^object lock of the bucket cannot be read \(403/),
    ]);
  });

  it('tells a key that it has not from one that it has, without its secret', async () => {
    const { uploader } = stores.preview;
    const secret = stores.production.uploader.secret;
    expect(await standingOfKey(as({ ...uploader, secret }), 'cogni-preview')).toBe('known');
    expect(await standingOfKey(as({ key: `${uploader.key}-ended`, secret }), 'cogni-preview')).toBe('ended');
  });

  it('is brought up again with the same accounts and objects', async () => {
    await put(stores.preview.uploader, 'kept');
    stores = await up();
    const { body } = await as(stores.preview.uploader)({ method: 'GET', path: history });
    expect(body.toString()).toBe('kept');
  });
});
