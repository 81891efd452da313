import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { cherryProvider, nullProvider } from '../../../infra/provider-schema';
import { startProxy, type Proxy } from '../../../sandbox/emulator/proxy';
import { makeAuthority } from '../../contract/emulator/authority';
import { SigningKey } from './openpgp';

const host = 'registry.terraform.io';
const platforms = ['linux_amd64', 'linux_arm64', 'darwin_amd64', 'darwin_arm64', 'windows_amd64'];
const day = 24 * 60 * 60_000;

/** Both providers, by the path that they have in the registry. */
const served: Readonly<Record<string, { readonly version: string; readonly protocol: string }>> = {
  [cherryProvider.source]: { version: cherryProvider.version, protocol: '6.0' },
  'hashicorp/null': { version: nullProvider.version, protocol: '5.0' },
};

/** What may be wrong with what is served. */
export type Fault = 'none' | 'signed by another' | 'other package than listed' | 'another version';

/**
 * A registry of providers by the protocol that Terraform speaks (HashiCorp, "Provider Registry Protocol"), under the name of Terraform's
 * own, and reached as the sandbox's API is: through a proxy that is that host, and no other. The packages hold a text.
 */
export class ProviderRegistry {
  fault: Fault = 'none';
  /** Part of every package: another one makes other bytes of the same version. */
  edition = 'first';
  /** Paths that were asked for. */
  readonly asked: string[] = [];
  private readonly key = new SigningKey(new Date(Date.now() - day));
  private readonly stranger = new SigningKey(new Date(Date.now() - day));
  private proxy: Proxy | undefined;

  private constructor(private readonly folder: string) {}

  /** @param folder of its own, for its certificate */
  static async start(folder: string): Promise<ProviderRegistry> {
    mkdirSync(folder, { recursive: true });
    const registry = new ProviderRegistry(folder);
    const { ca, certificate, key } = await makeAuthority(folder, host);
    writeFileSync(registry.file('ca.pem'), ca);
    writeFileSync(registry.file('terraformrc'), '');
    const credentials = { cert: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
    registry.proxy = await startProxy({
      ...{ host, port: 0, credentials: () => credentials, log: () => undefined },
      onRequest: (request, response) => registry.answer(request, response),
    });
    return registry;
  }

  /** With these a program finds it, and nothing else: no mirror, no cache, no other host. */
  get variables(): Readonly<Record<string, string>> {
    return {
      HTTPS_PROXY: `http://127.0.0.1:${this.proxy?.port ?? 9}`,
      NO_PROXY: '',
      SSL_CERT_FILE: this.file('ca.pem'),
      TF_CLI_CONFIG_FILE: this.file('terraformrc'),
      TF_PLUGIN_CACHE_DIR: '',
      CHECKPOINT_DISABLE: '1',
    };
  }

  async stop(): Promise<void> {
    await this.proxy?.close();
  }

  private file = (name: string): string => join(this.folder, name);

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '';
    this.asked.push(path);
    const body = this.bodyOf(path);
    response.writeHead(body === undefined ? 404 : 200, {
      'content-type': Buffer.isBuffer(body) ? 'application/octet-stream' : 'application/json',
    });
    response.end(body);
  }

  private bodyOf(path: string): string | Buffer | undefined {
    if (path === '/.well-known/terraform.json') return JSON.stringify({ 'providers.v1': '/v1/providers/' });
    const [, kind, name = '', rest = ''] =
      /^\/(v1\/providers|packages)\/([^/]+\/[^/]+)\/(.+)$/.exec(path) ?? [];
    const provider = served[name];
    if (provider === undefined) return undefined;
    const version = this.fault === 'another version' ? '0.0.1' : provider.version;
    if (kind === 'packages') return this.fileOf(name, version, rest);
    const { protocol } = provider;
    if (rest === 'versions')
      return JSON.stringify({
        versions: [{ version, protocols: [protocol], platforms: platforms.map(platformOf) }],
      });
    const [, wanted, os, arch] = /^([^/]+)\/download\/([^/]+)\/([^/]+)$/.exec(rest) ?? [];
    if (wanted !== version || !platforms.includes(`${os}_${arch}`)) return undefined;
    return JSON.stringify(this.download(name, version, `${os}_${arch}`, protocol));
  }

  private download(name: string, version: string, platform: string, protocol: string): object {
    const filename = packageName(name, version, platform);
    const at = `https://${host}/packages/${name}`;
    return {
      ...{ protocols: [protocol], ...platformOf(platform), filename, download_url: `${at}/${filename}` },
      shasums_url: `${at}/SHA256SUMS`,
      shasums_signature_url: `${at}/SHA256SUMS.sig`,
      shasum: sha256(this.package(name, platform)),
      signing_keys: { gpg_public_keys: [{ key_id: this.key.id, ascii_armor: this.key.armored() }] },
    };
  }

  private fileOf(name: string, version: string, file: string): Buffer | undefined {
    const sums = Buffer.from(
      platforms
        .map(
          (platform) => `${sha256(this.package(name, platform))}  ${packageName(name, version, platform)}\n`,
        )
        .join(''),
    );
    if (file === 'SHA256SUMS') return sums;
    if (file === 'SHA256SUMS.sig')
      return (this.fault === 'signed by another' ? this.stranger : this.key).signatureOf(sums);
    const platform = platforms.find((each) => packageName(name, version, each) === file);
    if (platform === undefined) return undefined;
    return this.package(
      name,
      platform,
      this.fault === 'other package than listed' ? 'another' : this.edition,
    );
  }

  private package = (name: string, platform: string, edition = this.edition): Buffer =>
    zip(`terraform-provider-${name.split('/')[1] ?? ''}_v0`, `${name} ${platform} ${edition}\n`);
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const packageName = (name: string, version: string, platform: string): string =>
  `terraform-provider-${name.split('/')[1] ?? ''}_${version}_${platform}.zip`;

const platformOf = (platform: string): { readonly os: string; readonly arch: string } => {
  const [os = '', arch = ''] = platform.split('_');
  return { os, arch };
};

/** An archive with one file, as it is (PKWARE, "ZIP File Format Specification", 4.3). */
function zip(name: string, text: string): Buffer {
  const [file, content] = [Buffer.from(name), Buffer.from(text)];
  const fields = (...values: readonly (readonly [bytes: 2 | 4, value: number])[]): Buffer =>
    Buffer.concat(
      values.map(([bytes, value]) => {
        const field = Buffer.alloc(bytes);
        field.writeUIntLE(value, 0, bytes);
        return field;
      }),
    );
  const [stored, firstDay] = [0, 0x21];
  const common = fields(
    ...([
      [2, 20],
      [2, 0],
      [2, stored],
      [2, 0],
      [2, firstDay],
      [4, crc32(content)],
    ] as const),
    ...([
      [4, content.length],
      [4, content.length],
      [2, file.length],
      [2, 0],
    ] as const),
  );
  const local = Buffer.concat([fields([4, 0x04034b50]), common, file, content]);
  const executable = 0o100755 * 0x10000;
  const entry = Buffer.concat([
    fields([4, 0x02014b50], [2, 0x0314]),
    common,
    fields([2, 0], [2, 0], [2, 0], [4, executable], [4, 0]),
    file,
  ]);
  const end = fields(
    ...([
      [4, 0x06054b50],
      [2, 0],
      [2, 0],
      [2, 1],
      [2, 1],
    ] as const),
    ...([
      [4, entry.length],
      [4, local.length],
      [2, 0],
    ] as const),
  );
  return Buffer.concat([local, entry, end]);
}
