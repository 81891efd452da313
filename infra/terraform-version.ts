/** The oldest Terraform, and the oldest OpenTofu, that the stacks work with: the S3 backend's lock file came with it. */
export const oldestTerraform = '1.10.0';

/** Terraform's own check of it, for whoever runs it without `cogni`. */
export const requiredVersion = `>= ${oldestTerraform}`;

/** Whether a version such as `1.11.4` is new enough. A pre-release of the oldest one (`1.10.0-rc1`) is not. */
export function isNewEnough(version: string): boolean {
  const [numbers = '', preRelease] = version.split('-');
  const found = numbersOf(numbers);
  for (const [index, needed] of numbersOf(oldestTerraform).entries()) {
    const difference = (found[index] ?? 0) - needed;
    if (difference !== 0) return difference > 0;
  }
  return preRelease === undefined;
}

const numbersOf = (version: string): readonly number[] => version.split('.').map(Number);
