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
