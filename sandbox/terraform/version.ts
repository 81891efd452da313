/** The two programs that can run the stacks. */
export type Product = 'terraform' | 'opentofu';

/** What a binary says it is. */
export interface ProductVersion {
  readonly product: Product;
  /** Without a leading v: `1.11.4`, `1.12.0-beta1`. */
  readonly version: string;
}

/** The first release of either that the stacks take (infra/terraform-version.ts; a test holds the two together). */
export const oldestVersion: Readonly<Record<Product, string>> = { terraform: '1.10.0', opentofu: '1.10.0' };

/** Names for people. */
export const productName: Readonly<Record<Product, string>> = {
  terraform: 'Terraform',
  opentofu: 'OpenTofu',
};

/**
 * Reads what `terraform version` or `tofu version` prints; its first line decides.
 * @returns undefined for anything else, such as another program of that name.
 */
export function parseVersion(stdout: string): ProductVersion | undefined {
  const found = /^(Terraform|OpenTofu) v(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)(?:\+[0-9A-Za-z.-]+)?\s*$/m.exec(
    stdout,
  );
  if (!found) return undefined;
  return { product: found[1] === 'Terraform' ? 'terraform' : 'opentofu', version: found[2]! };
}

/**
 * Compares two versions by the rules of Semantic Versioning 2.0.0, section 11.
 * @returns less than 0 where `a` is older, 0 where they are of equal rank, more than 0 where it is newer.
 */
export function compareVersions(a: string, b: string): number {
  const [numbersA, preA] = split(a);
  const [numbersB, preB] = split(b);
  for (let place = 0; place < 3; place++) {
    const difference = (numbersA[place] ?? 0) - (numbersB[place] ?? 0);
    if (difference !== 0) return difference;
  }
  if (preA.length === 0 || preB.length === 0) return preB.length - preA.length;
  return comparePreReleases(preA, preB);
}

/** Whether a version is new enough to run the stacks. A pre-release of the oldest one is not. */
export const isUsable = (found: ProductVersion): boolean =>
  compareVersions(found.version, oldestVersion[found.product]) >= 0;

function split(version: string): readonly [readonly number[], readonly string[]] {
  const [core = '', ...rest] = (version.split('+')[0] ?? '').split('-');
  const preRelease = rest.join('-');
  return [core.split('.').map(Number), preRelease === '' ? [] : preRelease.split('.')];
}

function comparePreReleases(a: readonly string[], b: readonly string[]): number {
  for (let place = 0; place < Math.max(a.length, b.length); place++) {
    const [one, other] = [a[place], b[place]];
    if (one === undefined || other === undefined) return a.length - b.length;
    if (one === other) continue;
    const [numeric, otherNumeric] = [/^\d+$/.test(one), /^\d+$/.test(other)];
    if (numeric && otherNumeric) return Number(one) - Number(other);
    if (numeric !== otherNumeric) return numeric ? -1 : 1;
    return one < other ? -1 : 1;
  }
  return 0;
}
