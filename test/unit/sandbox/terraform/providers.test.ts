import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../../foundation/failure';
import { sandboxSource } from '../../../../sandbox/sources';
import { cherryProvider, nullProvider, platformOf } from '../../../../sandbox/terraform/providers';

describe('the pinned versions', () => {
  const versionIn = (...parts: string[]): string | undefined =>
    /^const Version = "(.+)"$/m.exec(readFileSync(sandboxSource('provider', ...parts), 'utf8'))?.[1];

  it('are the ones that the stand-ins stand in for', () => {
    expect(versionIn('internal', 'provider', 'provider.go')).toBe(cherryProvider.version);
    expect(versionIn('internal', 'null', 'provider.go')).toBe(nullProvider.version);
  });

  it('of the Cherry provider is the one that the committed schema is of', () => {
    const file = join(sandboxSource('..'), 'infra', 'schema', `cherryservers@${cherryProvider.version}.json`);
    const schema = JSON.parse(readFileSync(file, 'utf8')) as { provider_versions: Record<string, string> };
    expect(Object.values(schema.provider_versions)).toEqual([cherryProvider.version]);
  });

  it('of the null provider is the one that its bindings were generated from', () => {
    const manifest = JSON.parse(
      readFileSync(
        join(sandboxSource('..'), 'node_modules', '@cdktf', 'provider-null', 'package.json'),
        'utf8',
      ),
    ) as { cdktf: { provider: { version: string } } };
    expect(manifest.cdktf.provider.version).toBe(nullProvider.version);
  });
});

describe('the platform', () => {
  it.each([
    ['x64', 'linux_amd64'],
    ['arm64', 'linux_arm64'],
  ])('of linux/%s is %s', (architecture, platform) => {
    expect(platformOf('linux', architecture)).toBe(platform);
  });

  it.each([
    ['darwin', 'arm64'],
    ['linux', 'ia32'],
  ])('%s/%s is refused by name', (system, architecture) => {
    expect(() => platformOf(system, architecture)).toThrow(Failure);
    expect(() => platformOf(system, architecture)).toThrow(`this machine is ${system}/${architecture}`);
  });
});
