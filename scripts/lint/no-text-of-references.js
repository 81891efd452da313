/**
 * A lint rule: what must not become text does not. Such a value says so itself, with a `toString` that never returns
 * (`SecretReference` and the other references of compose/reference.ts). The compiler refuses most ways by the type alone; `join`,
 * `map(String)` and a `String(…)` whose result nobody takes for a string it lets through, and they throw at run time.
 */
const { IndexKind, TypeFlags } = require('typescript');

const message =
  'this cannot become text: it stands for a value that is not here, and throws. Hand it on as it is, or use text`…` of compose where it may be seen';

module.exports = {
  meta: { type: 'problem', schema: [], messages: { text: message } },
  create(context) {
    const { program, esTreeNodeToTSNodeMap } = context.sourceCode.parserServices;
    const checker = program.getTypeChecker();
    const typeOf = (node) => checker.getTypeAtLocation(esTreeNodeToTSNodeMap.get(node));
    const isNever = (type) => (type.flags & TypeFlags.Never) !== 0;

    function refuses(type) {
      if (type.isUnion()) return type.types.some(refuses);
      const method = checker.getPropertyOfType(type, 'toString');
      if (method === undefined) return false;
      const own = checker.getTypeOfSymbol(method);
      const signatures = own.getCallSignatures();
      return (
        isNever(own) || (signatures.length > 0 && signatures.every((each) => isNever(each.getReturnType())))
      );
    }
    const report = (node) => context.report({ node, messageId: 'text' });
    const check = (node) => {
      if (refuses(typeOf(node))) report(node);
    };
    const holdsSuch = (node) => {
      const item = checker.getIndexTypeOfType(typeOf(node), IndexKind.Number);
      return item !== undefined && refuses(item);
    };
    const isString = (node) => node.type === 'Identifier' && node.name === 'String';

    return {
      TemplateLiteral({ parent, expressions }) {
        if (parent.type !== 'TaggedTemplateExpression') expressions.forEach(check);
      },
      'BinaryExpression[operator="+"], AssignmentExpression[operator="+="]'({ left, right }) {
        [left, right].forEach(check);
      },
      CallExpression({ callee, arguments: given }) {
        const [first] = given;
        if (isString(callee) && first !== undefined && first.type !== 'SpreadElement') check(first);
        if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return;
        const { object, property } = callee;
        if (property.name === 'toString') check(object);
        if ((property.name === 'join' || given.some(isString)) && holdsSuch(object)) report(object);
      },
    };
  },
};
