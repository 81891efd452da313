import { createHash } from 'node:crypto';
import { weigh, type NeededImages } from '../../../../deploy/rolling/to-pull';
import type { Https } from '../../../../foundation/https';
import { Secret } from '../../../../foundation/secret';
import { fakeClock } from '../fake-clock';
import { images } from './sample';

const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const small = JSON.stringify({ layers: [{ size: 10 }] });
const large = JSON.stringify({ layers: [{ size: 1000 }] });
const index = JSON.stringify({
  manifests: [
    { digest: digestOf(small), platform: { os: 'linux', architecture: 'amd64' } },
    { digest: digestOf(large), platform: { os: 'linux', architecture: 'arm64' } },
  ],
});
const stored = new Map([small, large, index].map((text) => [digestOf(text), text]));

const world = (asked: string[]): Https => {
  return ({ url, headers = {} }) => {
    const { host, pathname } = new URL(url);
    asked.push(`${host} ${'authorization' in headers ? 'with' : 'without'} a login`);
    if (host === 'ghcr.cogni.test' && !('authorization' in headers)) {
      return Promise.resolve({
        status: 401,
        headers: { 'www-authenticate': 'Basic realm="x"' },
        body: Buffer.from(''),
      });
    }
    const found = stored.get(pathname.split('/').at(-1) ?? '');
    return Promise.resolve({ status: found ? 200 : 404, headers: {}, body: Buffer.from(found ?? '') });
  };
};

const ours = {
  repository: 'ghcr.cogni.test/cogni/app',
  login: { username: 'bot', password: Secret.of('GHCR_DEPLOY_TOKEN', 'p1anted') },
};
const weighed = async (
  more: Partial<NeededImages>,
  there: readonly string[] = [],
  platform = 'linux/amd64',
) => {
  const asked: string[] = [];
  const host = { images: there, platform };
  const adapters = { https: world(asked), clock: fakeClock() };
  return { ...(await weigh({ known: [], byDigest: [], ours, ...more }, host, adapters)), asked };
};

describe('what would be pulled', () => {
  const alloy = `hub.cogni.test/grafana/alloy@${digestOf(index)}`;
  const sizes = (pulled: readonly { readonly layers: readonly { readonly compressedBytes: number }[] }[]) =>
    pulled.map(({ layers }) => layers.map(({ compressedBytes }) => compressedBytes));

  test('is what was looked up, and what the registries of others say as anybody asks', async () => {
    const { pulled, notes, asked } = await weighed({ known: [images.app], byDigest: [alloy] });
    expect(pulled.map(({ reference }) => reference)).toEqual([images.app.reference, alloy]);
    expect(sizes(pulled)[1]).toEqual([10]);
    expect(notes).toEqual([]);
    expect(new Set(asked)).toEqual(new Set(['hub.cogni.test without a login']));
  });

  test('counts an index by the platform of the host, and by its largest where it has none for it', async () => {
    expect(sizes((await weighed({ byDigest: [alloy] }, [], 'linux/arm64')).pulled)).toEqual([[1000]]);
    expect(sizes((await weighed({ byDigest: [alloy] }, [], 'linux/riscv64')).pulled)).toEqual([[1000]]);
  });

  test('is nothing that the host has: no registry is asked then', async () => {
    const { pulled, asked } = await weighed({ byDigest: [alloy] }, [alloy]);
    expect([pulled, asked]).toEqual([[], []]);
  });

  test('has ours of a recorded release asked for with the login', async () => {
    const { pulled } = await weighed({ byDigest: [`${ours.repository}@${digestOf(large)}`] });
    expect(sizes(pulled)).toEqual([[1000]]);
  });

  test('says what could not be counted, and is no reason to refuse', async () => {
    const gone = `hub.cogni.test/gone@sha256:${'0'.repeat(64)}`;
    const { pulled, notes } = await weighed({ byDigest: [gone, alloy] });
    expect(pulled.map(({ reference }) => reference)).toEqual([alloy]);
    expect(notes).toEqual([
      `what ${gone} takes of the disk is not counted: the registry has no such image (404)`,
    ]);
  });

  test('is given up when the run is cancelled', async () => {
    const reason = new Error('Ctrl-C');
    const asking = weigh(
      { known: [], byDigest: [alloy], ours },
      { images: [], platform: '' },
      { https: () => Promise.reject(reason), clock: fakeClock(), signal: AbortSignal.abort(reason) },
    );
    await expect(asking).rejects.toBe(reason);
  });
});
