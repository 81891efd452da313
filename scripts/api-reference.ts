import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { rawOnly, rules } from '../compose';
import { readFaultCodes } from '../compose/read';

/** The reference of `compose/`, relative to the checkout. */
export const composeReference = 'docs/reference/compose.md';

/**
 * The API reference of `compose/`: every export with its signature and its docstring, the rules with their codes, and
 * the keys that only `raw` writes. It is read from the sources' syntax, so it says what they say, and takes no time.
 *
 * @param root the checkout
 * @returns Markdown
 */
export function renderComposeReference(root: string): string {
  const [index, reading] = [join(root, 'compose/index.ts'), join(root, 'compose/read/index.ts')];
  const table = (rows: readonly (readonly string[])[]): string =>
    rows.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`).join('\n');
  return (
    [
      '<!-- Generated from the docstrings in compose/; do not edit. Make it again: npm run compose-reference -->',
      '# compose',
      docOf(parse(index).statements[0]),
      '## Rules',
      'All faults come in one report, each with its code and the path of its construct. A code never changes its meaning.',
      'Units are checked before any rule, where they are made: `new Port({ host: 0 })`, `Bytes.of(0)` and `Duration.seconds(-1)` throw a RangeError at once.',
      table([
        ['Code', 'What must be true', 'Otherwise'],
        ['---', '---', '---'],
        ...rules.map(({ code, rule, why }) => [code, rule, why]),
      ]),
      '## Keys that only raw writes',
      'Every other key of the Compose specification has a property. Of mounts, the types `npipe` and `cluster` need `raw` too.',
      table([['Key', 'Why'], ['---', '---'], ...rawOnly.map(({ key, why }) => [`\`${key}\``, why])]),
      '## Exports',
      ...sectionsOf(index),
      '## Reading existing files',
      `${docOf(parse(reading).statements[0])} It is imported from \`compose/read\`; [compose-files.md](../compose-files.md) says what it keeps and refuses.`,
      'What keeps files from being read, before any rule is asked:',
      table([['Code', 'What must be true'], ['---', '---'], ...Object.entries(readFaultCodes)]),
      ...sectionsOf(reading),
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  );
}

/** Every export of a module, by name. */
const sectionsOf = (module: string): readonly string[] =>
  exportsOf(module)
    .map(([file, name]) => describe(file, name))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(({ text }) => text);

/** Names that a module hands on, each with the file that declares it. */
function exportsOf(module: string): readonly (readonly [file: ts.SourceFile, name: string])[] {
  return parse(module)
    .statements.filter(ts.isExportDeclaration)
    .flatMap((statement) => {
      const from = statement.moduleSpecifier;
      const clause = statement.exportClause;
      if (from === undefined || !ts.isStringLiteral(from) || clause === undefined) return [];
      const base = join(dirname(module), from.text);
      const path = existsSync(`${base}.ts`) ? `${base}.ts` : join(base, 'index.ts');
      const names = ts.isNamedExports(clause) ? clause.elements.map((element) => element.name.text) : [];
      const file = parse(path);
      const handedOn = exportsOf(path);
      return names.map((name) => handedOn.find(([, other]) => other === name) ?? ([file, name] as const));
    });
}

interface Section {
  readonly name: string;
  readonly text: string;
}

function parse(path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
}

/** @throws Error for a name that the file does not declare */
function describe(file: ts.SourceFile, name: string): Section {
  const found = file.statements.filter((statement) => declares(statement, name));
  if (found.length === 0) throw new Error(`${file.fileName} does not declare ${name}`);
  const parts = found.flatMap((statement) => [
    docOf(statement),
    fenced(signatureOf(statement)),
    ...membersOf(statement),
  ]);
  return { name, text: [`### ${name}`, ...parts.filter((part) => part !== '')].join('\n\n') };
}

function declares(statement: ts.Statement, name: string): boolean {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.some((each) => each.name.getText() === name);
  }
  const declaration = statement as ts.Statement & { readonly name?: ts.Identifier };
  return declaration.name?.text === name;
}

/** A declaration without its body, and without the word that exports it. */
function signatureOf(statement: ts.Statement): string {
  const whole = statement.getText().replace(/^export /, '');
  if (ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement)) {
    return whole.slice(0, whole.indexOf('{', headLength(statement))).trim();
  }
  if (ts.isFunctionDeclaration(statement))
    return withoutBody(statement, statement.body).replace(/^export /, '');
  if (!ts.isVariableStatement(statement)) return withoutComments(whole);
  const [declaration] = statement.declarationList.declarations;
  const initializer = declaration?.initializer;
  if (initializer !== undefined && ts.isArrowFunction(initializer)) {
    const head = withoutBody(initializer, initializer.equalsGreaterThanToken);
    return `function ${declaration?.name.getText() ?? ''}${head}`;
  }
  if (declaration?.type !== undefined)
    return `const ${declaration.name.getText()}: ${declaration.type.getText()}`;
  return initializer !== undefined &&
    ts.isAsExpression(initializer) &&
    !ts.isConstTypeReference(initializer.type)
    ? `const ${declaration?.name.getText() ?? ''}: ${initializer.type.getText()}`
    : withoutComments(whole);
}

/** Where the members of a class or interface may begin: behind its name, type parameters and what it extends. */
function headLength(statement: ts.ClassDeclaration | ts.InterfaceDeclaration): number {
  const last = [statement.name, ...(statement.typeParameters ?? []), ...(statement.heritageClauses ?? [])].at(
    -1,
  );
  return (last?.getEnd() ?? statement.getStart()) - statement.getStart() - 'export '.length;
}

const withoutBody = (node: ts.Node, body: ts.Node | undefined): string =>
  withoutComments(
    node
      .getSourceFile()
      .text.slice(node.getStart(), body?.getStart() ?? node.getEnd())
      .trim(),
  );

const withoutComments = (text: string): string =>
  text.replace(/\n?[ \t]*\/\*\*[^]*?\*\//g, '').replace(/\n\s*\n/g, '\n');

/** What a class or interface has for others: nothing private and nothing for its heirs alone. */
function membersOf(statement: ts.Statement): readonly string[] {
  if (!ts.isClassDeclaration(statement) && !ts.isInterfaceDeclaration(statement)) return [];
  const members: readonly (ts.ClassElement | ts.TypeElement)[] = [...statement.members];
  const shown = members
    .filter((member) => isPublic(member))
    .map((member) => {
      const body =
        ts.isMethodDeclaration(member) || ts.isConstructorDeclaration(member) ? member.body : undefined;
      const initializer = ts.isPropertyDeclaration(member) ? member.initializer : undefined;
      const written = withoutBody(member, body ?? initializer)
        .replace(/\s*=$|;$/g, '')
        .replace(/\s+/g, ' ');
      // A parameter that becomes a property is a parameter to whoever calls.
      const signature = ts.isConstructorDeclaration(member)
        ? written.replace(parameterProperty, '')
        : written;
      const doc = docOf(member).replaceAll(/\s*\n\s*/g, ' ');
      return `- ${inLine(signature)}${doc === '' ? '' : `: ${doc}`}`;
    });
  return shown.length === 0 ? [] : [shown.join('\n')];
}

const parameterProperty = /(?:private |protected )?(?:override )?readonly (?=\w+: )/g;

function isPublic(member: ts.ClassElement | ts.TypeElement): boolean {
  if (member.name !== undefined && ts.isPrivateIdentifier(member.name)) return false;
  const modifiers = ts.canHaveModifiers(member) ? (ts.getModifiers(member) ?? []) : [];
  return !modifiers.some(
    ({ kind }) => kind === ts.SyntaxKind.PrivateKeyword || kind === ts.SyntaxKind.ProtectedKeyword,
  );
}

/** The docstring with its tags, as Markdown. */
function docOf(node: ts.Node | undefined): string {
  const comments = node === undefined ? [] : ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return comments
    .map((doc) => [plain(doc.comment), ...(doc.tags ?? []).map(tagOf)].join('\n\n').trim())
    .join('\n\n');
}

function tagOf(tag: ts.JSDocTag): string {
  const name = ts.isJSDocParameterTag(tag) ? ` \`${tag.name.getText()}\`` : '';
  const type =
    ts.isJSDocThrowsTag(tag) && tag.typeExpression !== undefined ? ` ${tag.typeExpression.getText()}` : '';
  return `*${tag.tagName.text}*${name}${type} ${plain(tag.comment)}`.trim();
}

const plain = (comment: string | ts.NodeArray<ts.JSDocComment> | undefined): string =>
  (ts.getTextOfJSDocComment(comment) ?? '').replaceAll(/\{@link\s+([^}\s]+)\s*\}/g, '`$1`').trim();

/** Code in a line; what holds backticks stands between two of them. */
const inLine = (code: string): string => (code.includes('`') ? `\`\` ${code} \`\`` : `\`${code}\``);

const fenced = (code: string): string => `\`\`\`ts\n${code}\n\`\`\``;

if (require.main === module) {
  writeFileSync(composeReference, renderComposeReference(process.cwd()));
}
