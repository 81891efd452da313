import type { Construct } from 'constructs';

/**
 * What something of this name is called in the tree of constructs, which takes no empty name, writes `--` for `/` and line breaks, and looks its
 * children up in a plain object: one called `constructor` would be there already. Two names never share one, so that whatever is wrong
 * with a name is a fault with a path (COMPOSE-101) and no exception. Names that Compose takes are their own.
 */
export function idOf(name: string): string {
  if (name === '') return '%empty';
  // No other name begins so: % is always followed by the digits of a sign.
  return name in Object.prototype ? `%${name}` : name.replace(/[%/\n]/g, encodeURIComponent);
}

/**
 * The same among the children of a scope, where another one may have the name already: that too is a fault with a path
 * (COMPOSE-109). The second one of a name has `%2` behind it.
 */
export function idWithin(scope: Construct, name: string): string {
  const id = idOf(name);
  if (scope.node.tryFindChild(id) === undefined) return id;
  let count = 2;
  while (scope.node.tryFindChild(`${id}%${count}`) !== undefined) count += 1;
  return `${id}%${count}`;
}
