import { changeEffects } from '../../../infra/change-effects';
import { cherryProvider, readProviderSchema } from '../../../infra/provider-schema';
import { ruleTables, type ProviderRules } from '../../../review';

const resources = readProviderSchema().schema.provider_schemas[cherryProvider.address]!.resource_schemas;
const tableOf = (version: string): ProviderRules =>
  ruleTables.find((table) => table.provider === cherryProvider.source && table.version === version)!;
const table = tableOf(cherryProvider.version);

describe('the rules for the provider version in use', () => {
  it.each(Object.keys(resources))(
    'have one entry for each attribute of %s in the schema, and no other',
    (type) => {
      expect(Object.keys(table.types[type]?.attributes ?? {}).sort()).toEqual(
        Object.keys(resources[type]!.block.attributes).sort(),
      );
    },
  );

  it('have no resource that the schema does not have', () => {
    expect(Object.keys(table.types).sort()).toEqual(Object.keys(resources).sort());
  });

  it.each(Object.keys(resources))('call those attributes of %s read-only that cannot be set', (type) => {
    const unsettable = Object.entries(resources[type]!.block.attributes)
      .filter(([, attribute]) => !attribute.required && !attribute.optional)
      .map(([name]) => name);
    const readOnly = Object.entries(table.types[type]!.attributes)
      .filter(([, { effect }]) => effect === 'read-only')
      .map(([name]) => name);
    expect(readOnly.sort()).toEqual(unsettable.sort());
  });

  it('say what the constructs say of the same attributes', () => {
    const words = {
      wipes: 'wipes',
      replaces: 'replaces',
      'in-place': 'inPlace',
      arms: 'inPlace',
      'read-only': 'readOnly',
    };
    const said = Object.fromEntries(
      Object.keys(changeEffects[table.version]!).map((type) => [
        type,
        Object.fromEntries(
          Object.entries(table.types[type]!.attributes).map(([name, { effect }]) => [
            name,
            words[effect as keyof typeof words],
          ]),
        ),
      ]),
    );
    expect(said).toEqual(changeEffects[table.version]);
  });

  it('are settled: nothing in them is unknown', () => {
    expect(table.provisional).toBe(false);
    for (const { attributes } of Object.values(table.types))
      expect(Object.values(attributes).map(({ effect }) => effect)).not.toContain('unknown');
  });
});

describe('the rules for the coming version', () => {
  const coming = tableOf('1.6.0');

  it('are marked as provisional', () => expect(coming.provisional).toBe(true));

  it('forget nothing that the version in use has', () => {
    for (const [type, { attributes }] of Object.entries(table.types))
      expect(coming.types[type]!.attributes).toMatchObject(attributes);
  });

  it('know that a boot script wipes, and do not guess at the rest', () => {
    expect(coming.types['cherryservers_server']!.attributes).toMatchObject({
      ipxe: { effect: 'wipes' },
      persist_ipxe: { effect: 'unknown' },
      vlan_id: { effect: 'unknown' },
    });
  });
});
