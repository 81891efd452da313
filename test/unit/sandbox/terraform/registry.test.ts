import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Command, Output } from '../../../../foundation/process';
import { silent } from '../../../../foundation/progress';
import { cherryProvider, platformOf, providers } from '../../../../sandbox/terraform/providers';
import { installFromRegistry, registryOf } from '../../../../sandbox/terraform/registry';

const terraform = { path: '/bin/terraform', product: 'terraform', version: '1.11.4' } as const;
const cliConfig = '/sandbox/terraform.rc';

let folder: string;
const saved = { ...process.env };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogni-registry-'));
  process.env['XDG_CACHE_HOME'] = folder;
});

afterEach(() => {
  process.env = { ...saved };
  rmSync(folder, { recursive: true, force: true });
});

const ended = (code: number, stderr = ''): Output => ({
  code,
  signal: null,
  stdout: '',
  stderr,
  timedOut: false,
  milliseconds: 1,
});

/** Plays `terraform init`: lays each package out as Terraform does, with these files in it. */
const init =
  (files: (type: string, version: string) => readonly string[], seen: Command[] = []) =>
  (command: Command): Promise<Output> => {
    seen.push(command);
    for (const { namespace, type, version } of providers) {
      for (const file of files(type, version)) {
        const path = join(
          command.cwd!,
          '.terraform/providers/registry.terraform.io',
          namespace,
          type,
          version,
          platformOf(),
          file,
        );
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, `${type} ${file}`);
      }
    }
    return Promise.resolve(ended(0));
  };

const real = (type: string, version: string): string[] => [
  `terraform-provider-${type}_v${version}_x5`,
  'LICENSE.txt',
];

describe('the registry of a program', () => {
  it('is the one by which it completes a source', () => {
    expect(registryOf(terraform)).toBe('registry.terraform.io');
    expect(registryOf({ ...terraform, product: 'opentofu' })).toBe('registry.opentofu.org');
  });
});

describe('an installation from the registry', () => {
  it('keeps nothing but the binaries, under the names that a mirror wants', async () => {
    const installed = await installFromRegistry({ terraform, cliConfig, run: init(real) }, silent);
    const path = installed.get(cherryProvider)!;
    expect(readFileSync(path, 'utf8')).toBe('cherryservers terraform-provider-cherryservers_v1.5.3_x5');
    expect(readdirSync(dirname(path)).sort()).toEqual([
      'terraform-provider-cherryservers_v1.5.3',
      'terraform-provider-null_v3.2.4',
    ]);
  });

  it('pins both versions, and goes straight to the registry', async () => {
    let requirements = '';
    let configuration = '';
    const seen: Command[] = [];
    const run = (command: Command): Promise<Output> => {
      requirements = readFileSync(join(command.cwd!, 'main.tf.json'), 'utf8');
      configuration = readFileSync(command.env!['TF_CLI_CONFIG_FILE']!, 'utf8');
      return init(real, seen)(command);
    };
    await installFromRegistry({ terraform, cliConfig, run }, silent);
    expect(seen[0]!.argv).toEqual(['/bin/terraform', 'init', '-input=false', '-no-color', '-backend=false']);
    expect(JSON.parse(requirements)).toEqual({
      terraform: {
        required_providers: {
          cherryservers: { source: 'cherryservers/cherryservers', version: '1.5.3' },
          null: { source: 'hashicorp/null', version: '3.2.4' },
        },
      },
    });
    expect(configuration).toContain('direct {}');
  });

  it('is done once', async () => {
    const seen: Command[] = [];
    await installFromRegistry({ terraform, cliConfig, run: init(real, seen) }, silent);
    await installFromRegistry({ terraform, cliConfig, run: init(real, seen) }, silent);
    expect(seen).toHaveLength(1);
  });

  it('does not go through the emulator although the shell has the sandbox’s variables', async () => {
    process.env['TF_CLI_CONFIG_FILE'] = cliConfig;
    process.env['HTTPS_PROXY'] = 'http://127.0.0.1:8443';
    const seen: Command[] = [];
    await installFromRegistry({ terraform, cliConfig, run: init(real, seen) }, silent);
    expect(Object.keys(seen[0]!.env!)).toContain('HTTPS_PROXY');
    expect(seen[0]!.env!['HTTPS_PROXY']).toBeUndefined();
    expect(seen[0]!.env!['CHERRY_AUTH_KEY']).toBeUndefined();
  });

  it('goes through a proxy of the user’s own', async () => {
    process.env['HTTPS_PROXY'] = 'http://proxy.example.com:3128';
    const seen: Command[] = [];
    await installFromRegistry({ terraform, cliConfig, run: init(real, seen) }, silent);
    expect(Object.keys(seen[0]!.env!)).not.toContain('HTTPS_PROXY');
  });

  it('that fails shows what the program said and names the way without the registry', async () => {
    const run = (): Promise<Output> => Promise.resolve(ended(1, 'could not connect to registry'));
    await expect(installFromRegistry({ terraform, cliConfig, run }, silent)).rejects.toThrow(
      /installing the providers from registry\.terraform\.io[\s\S]*could not connect[\s\S]*COGNI_SANDBOX_PROVIDER=stand-in/,
    );
  });

  it.each([
    ['no binary', () => ['LICENSE.txt']],
    ['two binaries', (type: string) => [`terraform-provider-${type}_a`, `terraform-provider-${type}_b`]],
  ])('of a package with %s is refused', async (_, files) => {
    await expect(installFromRegistry({ terraform, cliConfig, run: init(files) }, silent)).rejects.toThrow(
      /holds [02] binaries, not one/,
    );
  });
});
