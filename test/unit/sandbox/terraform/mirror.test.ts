import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ExitCode, Failure } from '../../../../foundation/failure';
import { progressTo, silent } from '../../../../foundation/progress';
import {
  cliConfiguration,
  ensureMirror,
  mirrorLayout,
  providerChoice,
  type MirrorProps,
} from '../../../../sandbox/terraform/mirror';
import { platformOf, providers, type ProviderBinaries } from '../../../../sandbox/terraform/providers';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogni-mirror-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Binaries with this content, as a build would leave them in the cache. */
function binaries(content: string): ProviderBinaries {
  const cache = join(folder, 'cache', content);
  mkdirSync(cache, { recursive: true });
  return new Map(
    providers.map((provider) => {
      const path = join(cache, provider.type);
      writeFileSync(path, `${content} ${provider.type}`, { mode: 0o755 });
      return [provider, path];
    }),
  );
}

/** A world in which the registry answers, or says why not. */
const world = (
  unreachable: string | undefined,
  more: Partial<MirrorProps> & { content?: string; installationFails?: boolean } = {},
): MirrorProps => ({
  folder: join(folder, 'sandbox'),
  progress: silent,
  choice: 'auto',
  terraform: { path: '/bin/terraform', product: 'terraform', version: '1.11.4' },
  sources: {
    probe: () => Promise.resolve(unreachable),
    standIns: () => Promise.resolve(binaries(more.content ?? 'stand-in')),
    fromRegistry: () =>
      more.installationFails
        ? Promise.reject(new Failure({ what: 'installing the providers failed', next: 'mend it' }))
        : Promise.resolve(binaries('real')),
  },
  ...more,
});

const laid = (path: string): string => readFileSync(join(folder, 'sandbox', 'providers', path), 'utf8');
const cherryPath = `registry.terraform.io/cherryservers/cherryservers/1.5.3/${platformOf()}/terraform-provider-cherryservers_v1.5.3`;

describe('the mirror', () => {
  it('has the unpacked layout under the names of both registries', () => {
    expect(mirrorLayout('linux_amd64').map(({ path }) => path)).toEqual([
      'registry.terraform.io/cherryservers/cherryservers/1.5.3/linux_amd64/terraform-provider-cherryservers_v1.5.3',
      'registry.terraform.io/hashicorp/null/3.2.4/linux_amd64/terraform-provider-null_v3.2.4',
      'registry.opentofu.org/cherryservers/cherryservers/1.5.3/linux_amd64/terraform-provider-cherryservers_v1.5.3',
      'registry.opentofu.org/hashicorp/null/3.2.4/linux_amd64/terraform-provider-null_v3.2.4',
    ]);
  });

  it('holds nothing but the binary in each leaf, and that can be run', async () => {
    await ensureMirror(world('no network'));
    for (const { path } of mirrorLayout(platformOf())) {
      const file = join(folder, 'sandbox', 'providers', path);
      expect(readdirSync(join(file, '..'))).toHaveLength(1);
      expect(statSync(file).mode & 0o111).not.toBe(0);
    }
  });

  it('is named by a CLI configuration beside it', async () => {
    const { cliConfig } = await ensureMirror(world('no network'));
    expect(cliConfig).toBe(join(folder, 'sandbox', 'terraform.rc'));
    expect(readFileSync(cliConfig, 'utf8')).toBe(cliConfiguration(join(folder, 'sandbox', 'providers')));
  });

  it('is left alone when there is nothing to do', async () => {
    await ensureMirror(world('no network'));
    const stamps = (): readonly number[] =>
      ['providers', 'providers.json', 'terraform.rc'].map(
        (name) => statSync(join(folder, 'sandbox', name)).ino,
      );
    const before = stamps();
    const again = await ensureMirror(world('no network'));
    expect(again.changed).toBe(false);
    expect(stamps()).toEqual(before);
  });

  it('is laid anew from other binaries, which is said because lock files no longer fit', async () => {
    expect((await ensureMirror(world('no network'))).changed).toBe(false);
    const second = await ensureMirror(world('no network', { content: 'newer' }));
    expect(second.changed).toBe(true);
    expect(laid(cherryPath)).toBe('newer cherryservers');
  });

  it('that lost a file is mended', async () => {
    await ensureMirror(world('no network'));
    rmSync(join(folder, 'sandbox', 'providers', cherryPath));
    expect((await ensureMirror(world('no network'))).changed).toBe(false);
    expect(laid(cherryPath)).toBe('stand-in cherryservers');
  });

  it('that was cut short while it was laid is laid again', async () => {
    await ensureMirror(world('no network'));
    rmSync(join(folder, 'sandbox', 'providers'), { recursive: true });
    mkdirSync(join(folder, 'sandbox', 'providers.new', 'half'), { recursive: true });
    writeFileSync(join(folder, 'sandbox', 'providers.json'), '{"provider": "sta');
    await ensureMirror(world('no network'));
    expect(readdirSync(join(folder, 'sandbox')).sort()).toEqual([
      'providers',
      'providers.json',
      'terraform.rc',
    ]);
    expect(laid(cherryPath)).toBe('stand-in cherryservers');
  });
});

describe('where the providers come from', () => {
  it('is the registry where it can be reached', async () => {
    const mirror = await ensureMirror(world(undefined));
    expect(mirror).toMatchObject({ provider: 'registry', nullProvider: 'real' });
    expect(laid(cherryPath)).toBe('real cherryservers');
  });

  it('is the stand-in where it cannot, and that is said with the reason', async () => {
    const notes: string[] = [];
    const progress = progressTo((event) => notes.push(event.kind === 'note' ? event.text : ''));
    const mirror = await ensureMirror(world('getaddrinfo ENOTFOUND', { progress }));
    expect(mirror).toMatchObject({ provider: 'stand-in', nullProvider: 'stand-in' });
    expect(notes).toEqual([
      'registry.terraform.io cannot be reached (getaddrinfo ENOTFOUND): the stand-in provider is used',
    ]);
  });

  it('stays what it was while a network comes and goes', async () => {
    await ensureMirror(world('no network'));
    expect((await ensureMirror(world(undefined))).provider).toBe('stand-in');
  });

  it('changes when it is asked for by name', async () => {
    await ensureMirror(world('no network'));
    const real = await ensureMirror(world(undefined, { choice: 'registry' }));
    expect(real).toMatchObject({ provider: 'registry', changed: true });
    const standIn = await ensureMirror(world(undefined, { choice: 'stand-in' }));
    expect(standIn).toMatchObject({ provider: 'stand-in', changed: true });
  });

  it('is the stand-in when an installation from the registry fails and nobody insists', async () => {
    expect((await ensureMirror(world(undefined, { installationFails: true }))).provider).toBe('stand-in');
  });

  it('is a failure when somebody insists on the registry', async () => {
    const unreachable = ensureMirror(world('no network', { choice: 'registry' }));
    await expect(unreachable).rejects.toThrow(/registry\.terraform\.io cannot be reached: no network/);
    const failing = ensureMirror(world(undefined, { choice: 'registry', installationFails: true }));
    await expect(failing).rejects.toThrow('installing the providers failed');
  });

  it('asks the registry of the program that is going to be used', async () => {
    const asked: string[] = [];
    const props = world(undefined, {
      terraform: { path: '/bin/tofu', product: 'opentofu', version: '1.12.6' },
    });
    await ensureMirror({
      ...props,
      sources: {
        ...props.sources,
        probe: (registry) => {
          asked.push(registry);
          return Promise.resolve('no network');
        },
      },
    });
    expect(asked).toEqual(['registry.opentofu.org']);
  });

  it('is not asked for at all where the stand-in is wanted', async () => {
    const props = world(undefined, { choice: 'stand-in' });
    const probe = jest.fn(() => Promise.resolve(undefined));
    await ensureMirror({ ...props, sources: { ...props.sources, probe } });
    expect(probe).not.toHaveBeenCalled();
  });
});

describe('COGNI_SANDBOX_PROVIDER', () => {
  it.each(['auto', 'stand-in', 'registry'])('may be %s', (value) => {
    expect(providerChoice({ COGNI_SANDBOX_PROVIDER: value })).toBe(value);
  });

  it.each([undefined, ''])('is auto when it is %j', (value) => {
    expect(providerChoice({ COGNI_SANDBOX_PROVIDER: value })).toBe('auto');
  });

  it('that is anything else is wrong usage, with what is allowed', () => {
    const wrong = (): unknown => providerChoice({ COGNI_SANDBOX_PROVIDER: 'real' });
    expect(wrong).toThrow('COGNI_SANDBOX_PROVIDER is "real"; allowed are auto, stand-in, registry');
    try {
      wrong();
    } catch (thrown) {
      expect((thrown as Failure).exitCode).toBe(ExitCode.usage);
    }
  });
});

describe('the CLI configuration', () => {
  it('takes both providers from the mirror only, and all others from their registries', () => {
    const text = cliConfiguration('/mirror');
    const addresses = [
      'registry.terraform.io/cherryservers/cherryservers',
      'registry.terraform.io/hashicorp/null',
      'registry.opentofu.org/cherryservers/cherryservers',
      'registry.opentofu.org/hashicorp/null',
    ]
      .map((address) => `"${address}"`)
      .join(', ');
    expect(text).toContain(
      `  filesystem_mirror {\n    path    = "/mirror"\n    include = [${addresses}]\n  }`,
    );
    expect(text).toContain(`  direct {\n    exclude = [${addresses}]\n  }`);
  });

  it('carries a path as it is, or refuses it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const path = `/home/${name}`;
        const harmful = /["\\\n\r]|[$%]\{/.test(path);
        if (harmful) expect(() => cliConfiguration(path)).toThrow(Failure);
        else expect(cliConfiguration(path)).toContain(`path    = "${path}"\n`);
      }),
    );
  });
});
