import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, run, type Output } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { sandboxSource } from '../../../sandbox/sources';
import { findTerraform, type TerraformBinary } from '../../../sandbox/terraform/binary';
import { ensureMirror, type Mirror } from '../../../sandbox/terraform/mirror';
import { openTofu } from '../../../sandbox/terraform/opentofu';
import { cherryProvider, nullProvider } from '../../../sandbox/terraform/providers';
import { installFromRegistry, registryOf, requirements } from '../../../sandbox/terraform/registry';

/** Milliseconds: the first run on a machine compiles the plugin framework. */
const build = 10 * 60_000;

const scratch = mkdtempSync(join(tmpdir(), 'cogni-provider-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('the stand-in provider, by the Go toolchain', () => {
  const go = (...args: string[]): Promise<Output> =>
    run({
      argv: ['go', ...args],
      cwd: sandboxSource('provider'),
      env: {
        GOFLAGS: '-mod=readonly -buildvcs=false',
        GOWORK: 'off',
        HTTPS_PROXY: undefined,
        https_proxy: undefined,
      },
      deadline: build,
    });

  it(
    'has nothing that go vet objects to',
    async () => {
      expect(await go('vet', './...')).toMatchObject({ code: 0, stderr: '' });
    },
    build,
  );

  it(
    'passes its own tests: schema, requests, plans, ways of losing things',
    async () => {
      const output = await go('test', './...');
      expect(output.stdout).toMatch(/^ok\s+\S+internal\/provider/m);
      expect(output.stdout).not.toMatch(/^(FAIL|---)/m);
      expect(output.code).toBe(0);
    },
    build,
  );

  it('is formatted by gofmt', async () => {
    const unformatted = await capture({
      argv: ['gofmt', '-l', sandboxSource('provider')],
      deadline: 60_000,
    });
    expect(unformatted).toBe('');
  });
});

describe('the stand-ins in a mirror, by the program that runs the stacks', () => {
  let terraform: TerraformBinary;
  let mirror: Mirror;

  beforeAll(async () => {
    terraform = await findTerraform(silent);
    mirror = await ensureMirror({ folder: join(scratch, 'sandbox'), progress: silent, choice: 'stand-in' });
  }, build);

  /** Runs the program in a folder of its own with the mirror, and without a proxy or a token. */
  const inFolder = async (folder: string, ...args: string[]): Promise<Output> =>
    run({
      argv: [terraform.path, ...args],
      cwd: folder,
      env: {
        TF_CLI_CONFIG_FILE: mirror.cliConfig,
        TF_PLUGIN_CACHE_DIR: '',
        TF_DATA_DIR: undefined,
        CHECKPOINT_DISABLE: '1',
        HTTPS_PROXY: undefined,
        https_proxy: undefined,
        CHERRY_AUTH_KEY: undefined,
        CHERRY_AUTH_TOKEN: undefined,
      },
      deadline: 60_000,
    });

  const initialized = async (name: string, resources: object): Promise<string> => {
    const folder = join(scratch, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'main.tf.json'), JSON.stringify({ ...requirements, ...resources }));
    const init = await inFolder(folder, 'init', '-input=false', '-no-color');
    expect([init.code, init.stderr]).toEqual([0, '']);
    return folder;
  };

  it('serve the schema that the bindings are generated from, descriptions aside', async () => {
    const folder = await initialized('schema', {});
    const printed = JSON.parse((await inFolder(folder, 'providers', 'schema', '-json')).stdout) as Schemas;
    const committed = JSON.parse(
      readFileSync(
        sandboxSource('..', 'infra', 'schema', `cherryservers@${cherryProvider.version}.json`),
        'utf8',
      ),
    ) as Schemas;
    const served = printed.provider_schemas[`${registryOf(terraform)}/cherryservers/cherryservers`];
    expect(served).toBeDefined();
    expect(withoutDescriptions(served)).toEqual(
      withoutDescriptions(committed.provider_schemas['registry.terraform.io/cherryservers/cherryservers']),
    );
  });

  it('are installed at the versions that the stacks pin', async () => {
    const folder = await initialized('versions', {});
    const said = (await inFolder(folder, 'version')).stdout;
    expect(said).toContain(`cherryservers/cherryservers v${cherryProvider.version}`);
    expect(said).toContain(`hashicorp/null v${nullProvider.version}`);
  });

  it('never go to a real account: without a proxy on this machine a plan is refused', async () => {
    const folder = await initialized('refusal', { data: { cherryservers_cycles: { all: {} } } });
    const plan = await run({
      argv: [terraform.path, 'plan', '-input=false', '-no-color'],
      cwd: folder,
      env: {
        TF_CLI_CONFIG_FILE: mirror.cliConfig,
        CHECKPOINT_DISABLE: '1',
        HTTPS_PROXY: undefined,
        https_proxy: undefined,
        CHERRY_AUTH_KEY: 'a-token',
      },
      deadline: 60_000,
    });
    const said = plan.stderr.replace(/[│\s]+/g, ' ');
    expect(plan.code).toBe(1);
    expect(said).toContain('The stand-in provider runs in the sandbox only');
    expect(said).toContain('HTTPS_PROXY is unset');
  });

  it('without a token say where one can be set', async () => {
    const folder = await initialized('token', { data: { cherryservers_cycles: { all: {} } } });
    const plan = await inFolder(folder, 'plan', '-input=false', '-no-color');
    expect(plan.code).toBe(1);
    expect(plan.stderr).toContain('Missing CherryServers API Token');
    expect(plan.stderr).toContain('CHERRY_AUTH_KEY');
  });

  it('are taken out of a package as the real ones are: by an init that verifies and unpacks them', async () => {
    // The registry itself cannot be had everywhere; a mirror of the same layout takes its place.
    const saved = process.env['XDG_CACHE_HOME'];
    process.env['XDG_CACHE_HOME'] = join(scratch, 'cache');
    try {
      const installed = await installFromRegistry(
        {
          terraform,
          cliConfig: mirror.cliConfig,
          installationConfig: readFileSync(mirror.cliConfig, 'utf8'),
        },
        silent,
      );
      const asked = await run({ argv: [installed.get(cherryProvider)!], deadline: 10_000 });
      expect(asked.stdout + asked.stderr).toContain('This binary is a plugin');
      expect(installed.get(nullProvider)).toMatch(/terraform-provider-null_v3\.2\.4$/);
    } finally {
      if (saved === undefined) Reflect.deleteProperty(process.env, 'XDG_CACHE_HOME');
      else process.env['XDG_CACHE_HOME'] = saved;
    }
  });
});

describe('OpenTofu, where it has to be built', () => {
  it('is built with the replacements of its own go.mod', async () => {
    const module = join(scratch, 'module');
    mkdirSync(module);
    const go = (...args: [string, ...string[]]): Promise<string> =>
      capture({
        argv: ['go', ...args],
        cwd: module,
        env: { GOFLAGS: '-mod=mod', GOWORK: 'off' },
        deadline: 60_000,
      });
    await go('mod', 'init', 'cogni.test/replacements');
    const file = await go('list', '-m', '-f', '{{.GoMod}}', `${openTofu.module}@${openTofu.version}`);
    const declared = JSON.parse(await go('mod', 'edit', '-json', file.trim())) as GoMod;
    expect(
      Object.fromEntries(
        declared.Replace.map((entry) => [entry.Old.Path, `${entry.New.Path}@${entry.New.Version}`]),
      ),
    ).toEqual(openTofu.replace);
  });
});

interface Schemas {
  readonly provider_schemas: Readonly<Record<string, unknown>>;
}

interface GoMod {
  readonly Replace: readonly {
    readonly Old: { readonly Path: string };
    readonly New: { readonly Path: string; readonly Version: string };
  }[];
}

/** A schema without its words: descriptions, what form they have, and what OpenTofu prints of a deprecation. */
function withoutDescriptions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDescriptions);
  if (typeof value !== 'object' || value === null) return value;
  const words = ['description', 'description_kind', 'deprecation_message'];
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, inner]) => typeof inner === 'object' || !words.includes(name))
      .map(([name, inner]) => [name, withoutDescriptions(inner)]),
  );
}
