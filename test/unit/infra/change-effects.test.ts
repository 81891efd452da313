import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { attributesThat, changeEffects, effectsOf, metaArgumentEffects } from '../../../infra/change-effects';
import { cherryProvider, readProviderSchema, usedResources } from '../../../infra/provider-schema';

const { version } = cherryProvider;
const resources = readProviderSchema().schema.provider_schemas[cherryProvider.address]!.resource_schemas;

describe('the table of what a change costs', () => {
  it.each(usedResources)('has every attribute that the schema has for %s, and no other', (type) => {
    expect(Object.keys(effectsOf(version, type)).sort()).toEqual(
      Object.keys(resources[type]!.block.attributes).sort(),
    );
  });

  it.each(usedResources)('calls those attributes of %s read-only that cannot be set', (type) => {
    const unsettable = Object.entries(resources[type]!.block.attributes)
      .filter(([, attribute]) => !attribute.required && !attribute.optional)
      .map(([name]) => name)
      .sort();
    expect(attributesThat('readOnly', version, type)).toEqual(unsettable);
  });

  it('has no resource that the constructs do not use', () => {
    expect(Object.keys(changeEffects[version]!).sort()).toEqual([...usedResources]);
  });

  it('names the four attributes that empty a living disk', () => {
    expect(attributesThat('wipes', version, 'cherryservers_server')).toEqual([
      'image',
      'os_partition_size',
      'ssh_key_ids',
      'user_data',
    ]);
  });

  it('refuses to answer for a provider version that it was not made for', () => {
    expect(() => effectsOf('1.6.0', 'cherryservers_server')).toThrow(
      'no entry for cherryservers_server of provider version 1.6.0',
    );
  });
});

describe('the props of the constructs', () => {
  const tags = ['wipes', 'replaces', 'inPlace'];
  const constructs = [
    ['host.ts', 'HostProps', 'cherryservers_server'],
    ['deploy-key.ts', 'DeployKeyProps', 'cherryservers_ssh_key'],
    ['floating-address.ts', 'FloatingAddressProps', 'cherryservers_ip'],
  ] as const;
  const props = constructs.flatMap(([file, name, type]) =>
    propsOf(file, name).map((prop) => ({ ...prop, type, name: `${name}.${prop.name}` })),
  );

  it.each(props)('say for $name, in one sentence or more, what it is', ({ sentence }) => {
    expect(sentence).toMatch(/[.:]/);
  });

  it.each(props)('carry exactly one tag at $name that says what a change costs', ({ found }) => {
    expect(found.filter(({ tag }) => tags.includes(tag))).toHaveLength(1);
  });

  it.each(props)('say at $name what the table says of the attribute', ({ found, type }) => {
    const { tag, text } = found.find((one) => tags.includes(one.tag))!;
    const effects = { ...effectsOf(version, type), ...metaArgumentEffects };
    expect({ attribute: text, effect: effects[text] }).toEqual({ attribute: text, effect: tag });
  });

  it.each(props)('say for $name what is taken when it is left out, if it may be', ({ found, optional }) => {
    expect(found.filter(({ tag }) => tag === 'default')).toHaveLength(optional ? 1 : 0);
  });
});

interface DocumentedProp {
  readonly name: string;
  readonly optional: boolean;
  readonly sentence: string;
  readonly found: readonly { readonly tag: string; readonly text: string }[];
}

/** The members of an interface with their documentation, as the compiler reads it. */
function propsOf(file: string, name: string): readonly DocumentedProp[] {
  const path = join(__dirname, '..', '..', '..', 'infra', file);
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2023, true);
  const declared = source.statements
    .filter(ts.isInterfaceDeclaration)
    .find((statement) => statement.name.text === name);
  return declared!.members.filter(ts.isPropertySignature).map((member) => ({
    name: member.name.getText(),
    optional: member.questionToken !== undefined,
    sentence: ts
      .getJSDocCommentsAndTags(member)
      .map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '')
      .join(' '),
    found: ts.getJSDocTags(member).map((tag) => ({
      tag: tag.tagName.text,
      text: ts.getTextOfJSDocComment(tag.comment) ?? '',
    })),
  }));
}
