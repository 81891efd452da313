import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run, type Output } from '../../../foundation/process';
import { lockProviders, providerLockFaults, providerLockFile } from '../../../infra/provider-lock';
import { cherryProvider, nullProvider } from '../../../infra/provider-schema';
import { tryFindProgram } from '../../../sandbox/packages';
import { failureOf } from '../../failure-of';
import { ProviderRegistry, type Fault } from './provider-registry';

/** OpenTofu, which is built where there is no Terraform, asks another registry (test/skips.json). */
const terraform = tryFindProgram('terraform');
const itWithTerraform = terraform === undefined ? it.skip : it;

describe("the lock of the providers' hashes, made by Terraform itself", () => {
  const unresolved = '# unresolved: of a test\n';
  let folder: string;
  let registry: ProviderRegistry;
  let lockFile: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-registry-'));
    registry = await ProviderRegistry.start(join(folder, 'registry'));
  });
  beforeEach(() => {
    registry.fault = 'none';
    registry.edition = 'first';
    registry.asked.length = 0;
    lockFile = join(folder, 'checkout', providerLockFile);
    mkdirSync(dirname(lockFile), { recursive: true });
    writeFileSync(lockFile, unresolved);
  });
  afterAll(async () => {
    await registry.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const lock = (): Promise<string> =>
    lockProviders({
      checkout: join(folder, 'checkout'),
      run: (command, options) => run({ ...command, env: { ...command.env, ...registry.variables } }, options),
    });
  const hashes = (address: string): readonly string[] => {
    const [, block = ''] = readFileSync(lockFile, 'utf8').split(`provider "${address}" {`);
    return [...(block.split('\n}')[0] ?? '').matchAll(/"((?:h1|zh):[^"]+)"/g)].map(([, hash]) => hash ?? '');
  };
  /** `terraform init` of somebody who has the lock and nothing else. */
  const init = (name: string): Promise<Output> => {
    const stack = join(folder, name);
    mkdirSync(stack);
    writeFileSync(
      join(stack, 'main.tf.json'),
      JSON.stringify({
        terraform: {
          required_providers: {
            cherryservers: { source: cherryProvider.source, version: cherryProvider.version },
            null: { source: nullProvider.source, version: nullProvider.version },
          },
        },
      }),
    );
    copyFileSync(lockFile, join(stack, '.terraform.lock.hcl'));
    return run({
      argv: [terraform ?? 'terraform', 'init', '-input=false', '-no-color', '-lockfile=readonly'],
      cwd: stack,
      env: registry.variables,
      deadline: 60_000,
    });
  };

  itWithTerraform(
    'holds what a registry serves and signs, for every platform that is deployed from',
    async () => {
      await expect(lock()).resolves.toBe(providerLockFile);
      expect(providerLockFaults(readFileSync(lockFile, 'utf8'))).toEqual([]);
      for (const { address } of [cherryProvider, nullProvider]) {
        const found = hashes(address);
        // One of the contents for each of them, and one of the package for each that is listed.
        expect(found.filter((hash) => hash.startsWith('h1:'))).toHaveLength(3);
        expect(found.filter((hash) => hash.startsWith('zh:'))).toHaveLength(5);
        expect(new Set(found).size).toBe(8);
      }
      const fetched = registry.asked.flatMap(
        (path) => /cherryservers_1\.5\.3_(\w+)\.zip$/.exec(path)?.[1] ?? [],
      );
      expect([...new Set(fetched)].sort()).toEqual(['darwin_arm64', 'linux_amd64', 'linux_arm64']);
    },
  );

  itWithTerraform('lets those packages be installed, and refuses others of the same version', async () => {
    await lock();
    expect(await init('same')).toMatchObject({ code: 0 });
    registry.edition = 'second';
    const { code, stderr } = await init('other');
    expect(code).not.toBe(0);
    expect(stderr.replaceAll(/[\s│|]+/g, ' ')).toMatch(/match any of the checksums/);
  });

  itWithTerraform.each<[Fault, RegExp]>([
    ['signed by another', /signature from unknown issuer/],
    ['other package than listed', /checksum/],
    ['another version', /no available releases match/],
  ])('stays as it was where a package is %s', async (fault, said) => {
    registry.fault = fault;
    const failure = await failureOf(lock());
    expect(failure.what).toContain('the hashes of the providers could not be looked up');
    expect(failure.message.replaceAll(/[\s│|]+/g, ' ')).toMatch(said);
    expect(failure.next).toContain('./cogni providers lock where the Terraform registry can be reached');
    expect(readFileSync(lockFile, 'utf8')).toBe(unresolved);
  });
});
