/** The oldest Terraform, and the oldest OpenTofu, that the stacks work with: the S3 backend's lock file came with it. */
export const oldestTerraform = '1.10.0';

/** Terraform's own check of it, for whoever runs it without `cogni`. */
export const requiredVersion = `>= ${oldestTerraform}`;

/** Whether a version such as `1.11.4` or `1.12.0-rc1` is new enough. */
export function isNewEnough(version: string): boolean {
  const found = numbersOf(version);
  const needed = numbersOf(oldestTerraform);
  for (const [index, number] of needed.entries()) {
    const difference = (found[index] ?? 0) - number;
    if (difference !== 0) return difference > 0;
  }
  return true;
}

const numbersOf = (version: string): readonly number[] =>
  (version.split('-')[0] ?? '').split('.').map(Number);
