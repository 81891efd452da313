import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { checkout } from '../../../infra/checkout';
import { bindingsFolder, filesBelow, generateBindings } from '../../../infra/generate-bindings';
import { cherryProvider, nullProvider, readProviderSchema, schemaFile } from '../../../infra/provider-schema';

const folder = join(checkout, bindingsFolder);

describe('the committed bindings of the Cherry provider', () => {
  it('are what the generator makes of the committed schema, file by file', async () => {
    const generated = await generateBindings();
    expect(filesBelow(folder)).toEqual([...generated.keys()].sort());
    for (const [path, content] of generated) {
      expect({ path, content: readFileSync(join(folder, path), 'utf8') }).toEqual({ path, content });
    }
  });

  it('say what they were made from', () => {
    const { sha256 } = readProviderSchema();
    expect(JSON.parse(readFileSync(join(folder, 'provenance.json'), 'utf8'))).toMatchObject({
      provider: cherryProvider.address,
      version: cherryProvider.version,
      schema: { file: schemaFile, sha256 },
      generator: { name: '@cdktf/provider-generator' },
    });
  });

  it('have no barrel, which would load every one of them at each start', () => {
    expect(existsSync(join(folder, 'index.ts'))).toBe(false);
  });
});

describe('the committed schema', () => {
  it('is of the one version that everything is written for', () => {
    const { schema } = readProviderSchema();
    expect(schema.provider_versions).toEqual({ [cherryProvider.address]: cherryProvider.version });
  });
});

describe('the null provider', () => {
  it('is the version that its prebuilt bindings were made for', () => {
    const require = createRequire(__filename);
    const bindings = readFileSync(require.resolve('@cdktf/provider-null/lib/resource'), 'utf8');
    expect(/providerVersion: '([^']+)'/.exec(bindings)?.[1]).toBe(nullProvider.version);
  });
});
