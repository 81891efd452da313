import type { Plan } from '../plan';
import { cherryservers_1_5_3 } from './cherryservers-1.5.3';
import { cherryservers_1_6_0 } from './cherryservers-1.6.0';
import { null_3, terraform_builtin } from './hashicorp';
import type { ProviderRules } from './rule';

/** Every table that there is; of one provider the released ones first. */
export const ruleTables: readonly ProviderRules[] = [
  cherryservers_1_5_3,
  cherryservers_1_6_0,
  null_3,
  terraform_builtin,
];

/** The rules that a plan is judged by. */
export interface ChosenRules {
  /** The table of the provider; undefined when there is none for it at all. */
  readonly rules: ProviderRules | undefined;
  /** Why the table may not be the right one; then nothing of it counts as safe. */
  readonly doubt?: string;
}

/** `registry.terraform.io/cherryservers/cherryservers` without the registry's name. */
const shortName = (fullName: string): string => fullName.split('/').slice(-2).join('/');

/** The exact version in a constraint such as `1.5.3` or `= 1.5.3`; undefined when it leaves a choice. */
const exactVersion = (constraint: string): string | undefined =>
  /^=?\s*v?(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)$/.exec(constraint.trim())?.[1];

/**
 * Finds the table for each provider of a plan.
 *
 * @param versions versions that are known from elsewhere (a lock file), by `namespace/type`; they win over the
 *   configuration's constraint
 */
export function rulesFor(
  plan: Plan,
  versions: Readonly<Record<string, string>> = {},
): (providerName: string | undefined) => ChosenRules {
  const stated = new Map<string, string>();
  for (const { full_name, version_constraint } of Object.values(plan.configuration?.provider_config ?? {})) {
    const exact = version_constraint === undefined ? undefined : exactVersion(version_constraint);
    if (full_name !== undefined && exact !== undefined) stated.set(shortName(full_name), exact);
  }
  for (const [provider, version] of Object.entries(versions)) stated.set(provider, version);
  const chosen = new Map<string, ChosenRules>();
  return (providerName) => {
    const name = shortName(providerName ?? '');
    const found = chosen.get(name) ?? choose(name, stated.get(name));
    chosen.set(name, found);
    return found;
  };
}

function choose(provider: string, version: string | undefined): ChosenRules {
  const tables = ruleTables.filter((table) => table.provider === provider);
  const [first] = tables;
  if (first === undefined) return { rules: undefined };
  // These hold nothing, and no version of theirs ever did.
  if (provider === 'hashicorp/null' || provider === 'builtin/terraform') return { rules: first };
  const exact = tables.find((table) => table.version === version);
  if (exact?.provisional)
    return {
      rules: exact,
      doubt: `${provider} ${exact.version} is not known well: its rules are provisional`,
    };
  if (exact) return { rules: exact };
  const known = tables.map((table) => table.version).join(', ');
  return {
    rules: tables.at(-1),
    doubt:
      version === undefined
        ? `the plan does not say which version of ${provider} it was made with (known: ${known})`
        : `there are no rules for ${provider} ${version} (known: ${known})`,
  };
}
