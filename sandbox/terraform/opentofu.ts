import type { GoCommand } from '../go-build';

/**
 * OpenTofu as it is built where neither program is installed: the same version that was tried with cdktf 0.21
 * (docs/decisions). Its go.mod needs Go 1.26.6 or newer and replaces one module, which has to be repeated here since Go
 * ignores the replacements of a dependency. Without the variable it would call itself a development version.
 */
export const openTofu: GoCommand = {
  name: 'tofu',
  module: 'github.com/opentofu/opentofu',
  version: 'v1.12.6',
  packagePath: 'github.com/opentofu/opentofu/cmd/tofu',
  replace: {
    'github.com/hashicorp/hcl/v2': 'github.com/opentofu/hcl/v2@v2.20.2-0.20251021132045-587d123c2828',
  },
  variables: { 'github.com/opentofu/opentofu/version.dev': 'no' },
  why: 'neither terraform nor tofu is on PATH; OpenTofu is built from its public Go module (about 3 minutes, once)',
};
