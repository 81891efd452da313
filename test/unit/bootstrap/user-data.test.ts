import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { load } from 'js-yaml';
import {
  bootstrapScript,
  hostFiles,
  renderUserData,
  revisionOf,
  UnfitHostNeeds,
  userDataLimit,
  type HostNeeds,
} from '../../../bootstrap';
import { fixedNeeds, publicKeys } from './fixed-needs';

/** The committed file; with UPDATE_GOLDEN=1 written anew first. The hash below is still for a person to change. */
function golden(name: string, rendered: string): string {
  const path = join(__dirname, 'golden', name);
  if (process.env['UPDATE_GOLDEN']) writeFileSync(path, rendered);
  return readFileSync(path, 'utf8');
}
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

interface CloudConfig {
  readonly hostname: string;
  readonly disable_root: boolean;
  readonly ssh_pwauth: boolean;
  readonly users: readonly Record<string, unknown>[];
  readonly runcmd: readonly (readonly string[])[];
  readonly write_files: readonly {
    path: string;
    content: string;
    permissions?: string;
    encoding?: string;
  }[];
}
const parsed = (needs: HostNeeds): CloudConfig => load(renderUserData(needs)) as CloudConfig;
const withEdgeFiles = (...files: HostNeeds['edge']['files']): HostNeeds => ({
  ...fixedNeeds,
  edge: { ...fixedNeeds.edge, files: [...fixedNeeds.edge.files, ...files] },
});

describe('the user-data of a host', () => {
  // A changed byte reinstalls a living host, which wipes its disk, wherever a plan lets it. Living hosts are to be
  // brought to a new document by "cogni host converge"; whoever changes this changes what new hosts get.
  test('is byte for byte the golden document', () => {
    const rendered = renderUserData(fixedNeeds);
    expect(rendered).toBe(golden('user-data.yaml', rendered));
    expect(sha256(rendered)).toBe('34df44016d0be63775272c4f478c389183061f1df177b066f304e9e21ca93647');
  });

  test('carries the script whose text is the golden one', () => {
    expect(bootstrapScript).toBe(golden('bootstrap.sh', bootstrapScript));
    const [script] = parsed(fixedNeeds).write_files;
    expect(script).toMatchObject({
      path: '/opt/cogni/bootstrap/bootstrap.sh',
      permissions: '0755',
      encoding: 'gz+b64',
    });
    expect(gunzipSync(Buffer.from(script!.content, 'base64')).toString()).toBe(bootstrapScript);
  });

  test('depends on nothing but the needs: not on their order, the time zone, the locale or the working directory', () => {
    const shuffled: HostNeeds = {
      edge: { files: [...fixedNeeds.edge.files].reverse(), domain: fixedNeeds.edge.domain },
      swapBytes: fixedNeeds.swapBytes,
      deployKeys: [...fixedNeeds.deployKeys],
      hostName: fixedNeeds.hostName,
    };
    const rendered = renderUserData(fixedNeeds);
    const folder = process.cwd();
    const { TZ, LC_ALL } = process.env;
    try {
      process.chdir('/');
      Object.assign(process.env, { TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8' });
      expect(renderUserData(shuffled)).toBe(rendered);
    } finally {
      process.chdir(folder);
      for (const [name, value] of Object.entries({ TZ, LC_ALL })) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    }
  });

  test('begins as the API wants it, and leaves at least a quarter of the limit to the edge', () => {
    expect(renderUserData(fixedNeeds)).toMatch(/^#cloud-config\n/);
    expect(Buffer.byteLength(renderUserData(fixedNeeds))).toBeLessThan((userDataLimit * 3) / 4);
  });

  test('makes the deploy user without a password, lets in neither root nor passwords, and starts the script', () => {
    expect(parsed({ ...fixedNeeds, deployKeys: [publicKeys.ed25519, publicKeys.rsa] })).toMatchObject({
      hostname: 'preview-cogni',
      disable_root: true,
      ssh_pwauth: false,
      users: [
        {
          name: 'deploy',
          lock_passwd: true,
          sudo: 'ALL=(ALL:ALL) NOPASSWD: ALL',
          ssh_authorized_keys: [publicKeys.ed25519, publicKeys.rsa],
        },
      ],
      runcmd: [['bash', '/opt/cogni/bootstrap/bootstrap.sh']],
    });
  });

  test('writes the settings and the edge beside the script, with their modes', () => {
    const files = parsed(withEdgeFiles({ path: 'check', mode: 0o755, content: 'true\n' })).write_files;
    expect(files.map((file) => [file.path.replace('/opt/cogni/bootstrap/', ''), file.permissions])).toEqual([
      ['bootstrap.sh', '0755'],
      ['settings', undefined],
      ['edge/caddy/Caddyfile', undefined],
      ['edge/caddy/upstream/active', undefined],
      ['edge/check', '0755'],
      ['edge/compose.yaml', undefined],
    ]);
    expect(files[1]!.content).toBe(
      [
        `revision=${revisionOf(withEdgeFiles({ path: 'check', mode: 0o755, content: 'true\n' }))}`,
        'swap_bytes=2147483648',
        "edge_domain='preview.example.org'",
        "edge_seeds='caddy/upstream/active'",
        `deploy_keys='${publicKeys.ed25519}'`,
        '',
      ].join('\n'),
    );
  });

  test('gives every edge file back unchanged, whatever text it holds', () => {
    const text = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.string({
        unit: fc.constantFrom(' ', '\n', '\t', '\r', '#', '-', ':', '"', "'", 'a', '\u0085'),
        maxLength: 60,
      }),
    );
    fc.assert(
      fc.property(
        text.filter((content) => !content.includes('\0')),
        (content) => {
          const file = parsed(withEdgeFiles({ path: 'x/any.txt', mode: 0o644, content })).write_files.at(-1);
          expect(file).toEqual({ path: '/opt/cogni/bootstrap/edge/x/any.txt', content });
        },
      ),
    );
  });

  test('is refused over the limit, with the sizes of its biggest parts', () => {
    const big = { path: 'caddy/page.html', mode: 0o644, content: `${'x'.repeat(99)}\n`.repeat(120) };
    expect(() => renderUserData(withEdgeFiles(big))).toThrow(
      /user-data of \d{5} bytes \(256 of them for the enrollment token\) is over the limit of 16384; biggest parts: edge\/caddy\/page\.html 12\d{3}, bootstrap\.sh \d{4}, /,
    );
  });

  test('names every fault at once', () => {
    const unfit: HostNeeds = {
      hostName: 'Preview_Cogni',
      deployKeys: [],
      swapBytes: 12,
      edge: { domain: 'localhost', files: [] },
    };
    expect(() => renderUserData(unfit)).toThrow(UnfitHostNeeds);
    expect(() => renderUserData(unfit)).toThrow(
      /host "Preview_Cogni"[^]*"Preview_Cogni" is not 1 to 63[^]*no deploy key[^]*swap of 12 bytes[^]*domain "localhost"[^]*no compose\.yaml/,
    );
  });
});

describe('the revision of a host', () => {
  const changes: [string, HostNeeds][] = [
    ['a deploy key', { ...fixedNeeds, deployKeys: [publicKeys.rsa] }],
    ['the swap', { ...fixedNeeds, swapBytes: 0 }],
    ['the domain', { ...fixedNeeds, edge: { ...fixedNeeds.edge, domain: 'www.example.org' } }],
    ['an edge file', withEdgeFiles({ path: 'x', mode: 0o644, content: '' })],
  ];

  test.each(changes)('changes with %s, since a converge would change that', (_, changed) => {
    expect(revisionOf(changed)).not.toBe(revisionOf(fixedNeeds));
  });

  test('stays with another host name, which no converge changes', () => {
    expect(revisionOf({ ...fixedNeeds, hostName: 'other' })).toBe(revisionOf(fixedNeeds));
  });

  test('is what the settings on the host say', () => {
    const settings = hostFiles(fixedNeeds).find((file) => file.path === 'settings');
    expect(settings?.content).toContain(`revision=${revisionOf(fixedNeeds)}\n`);
  });
});
