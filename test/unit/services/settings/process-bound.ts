import ts from 'typescript';

/**
 * How code gets at the variables of its process. What it reads of them is found by the names that they go by (`namesInCode`): under another
 * one, any variable could be read unseen.
 */

/** The names by which `namesInCode` knows variables. */
const knownNames = ['variables', 'environment', 'env'];

/** Hand a whole object on, and read no value of it. */
const harmless = ['Object.keys'];

/** Name of a function to the names of its parameters, for each of that name. */
export type Parameters = ReadonlyMap<string, readonly (readonly string[])[]>;

const parse = (text: string): ts.SourceFile =>
  ts.createSourceFile('code.ts', text, ts.ScriptTarget.Latest, true);

/** Every function of some code, whatever way it is written. */
export function parametersIn(text: string): Parameters {
  const found = new Map<string, (readonly string[])[]>();
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) {
      const named = node.name ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name : undefined);
      if (named !== undefined && ts.isIdentifier(named))
        found.set(named.text, [
          ...(found.get(named.text) ?? []),
          node.parameters.map(({ name }) => (ts.isIdentifier(name) ? name.text : '')),
        ]);
    }
    ts.forEachChild(node, visit);
  };
  visit(parse(text));
  return found;
}

/**
 * Where code binds the variables of its process to a name by which nobody looks for them, or reads one by a name that it makes.
 *
 * @param parametersOf the functions that they may be handed to
 * @returns the lines, trimmed
 */
export function unseenReads(text: string, parametersOf: Parameters): readonly string[] {
  const lines: string[] = [];
  const source = parse(text);
  const visit = (node: ts.Node): void => {
    if (isProcessEnv(node) && !isSeen(node, parametersOf)) lines.push(lineOf(source, node));
    if (isOtherWay(node)) lines.push(lineOf(source, node));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return lines;
}

const isProcessEnv = (node: ts.Node): boolean =>
  ts.isPropertyAccessExpression(node) && node.name.text === 'env' && node.expression.getText() === 'process';

/** `process['env']`, `const { env } = process`, `import { env } from 'node:process'`. */
const isOtherWay = (node: ts.Node): boolean =>
  (ts.isElementAccessExpression(node) && node.expression.getText() === 'process') ||
  (ts.isVariableDeclaration(node) && node.initializer?.getText() === 'process') ||
  (ts.isImportDeclaration(node) && /^['"](?:node:)?process['"]$/.test(node.moduleSpecifier.getText()));

function isSeen(node: ts.Node, parametersOf: Parameters): boolean {
  const { parent } = node;
  const isKnown = (name: ts.Node): boolean => ts.isIdentifier(name) && knownNames.includes(name.text);
  if (ts.isPropertyAccessExpression(parent)) return true;
  if (ts.isElementAccessExpression(parent)) return ts.isStringLiteral(parent.argumentExpression);
  if (ts.isSpreadAssignment(parent)) return isSeen(parent.parent, parametersOf);
  if (ts.isAsExpression(parent) || ts.isParenthesizedExpression(parent)) return isSeen(parent, parametersOf);
  if (ts.isBinaryExpression(parent) && ['??', '||'].includes(parent.operatorToken.getText()))
    return isSeen(parent, parametersOf);
  // `const { A } = process.env` names what it takes; the rest of it has to be a name that is known.
  if (ts.isVariableDeclaration(parent))
    return ts.isObjectBindingPattern(parent.name)
      ? parent.name.elements.every(
          ({ dotDotDotToken, name }) => dotDotDotToken === undefined || isKnown(name),
        )
      : isKnown(parent.name);
  if (ts.isParameter(parent) || ts.isPropertyAssignment(parent)) return isKnown(parent.name);
  if (ts.isCallExpression(parent) && parent.expression !== node) {
    const callee = parent.expression.getText();
    // Written to, and what it gives back dropped.
    if (callee === 'Object.assign')
      return parent.arguments[0] === node && ts.isExpressionStatement(parent.parent);
    const at = parent.arguments.findIndex((argument) => argument === node);
    const named = (parametersOf.get(callee) ?? []).map((names) => names[at] ?? '');
    return (
      harmless.includes(callee) || (named.length > 0 && named.every((name) => knownNames.includes(name)))
    );
  }
  return false;
}

function lineOf(source: ts.SourceFile, node: ts.Node): string {
  const { line } = source.getLineAndCharacterOfPosition(node.getStart());
  return source.text.split('\n')[line]?.trim() ?? '';
}
