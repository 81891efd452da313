import type { ProviderRules } from './rule';

/** The null provider: a resource that holds nothing, and whose provisioners run when it is made. */
export const null_3: ProviderRules = {
  provider: 'hashicorp/null',
  version: '3.2.4',
  source: 'its schema: triggers replace, id is computed',
  provisional: false,
  types: {
    null_resource: {
      holds: 'nothing',
      attributes: { triggers: { effect: 'replaces' }, id: { effect: 'read-only' } },
    },
  },
};

/** Terraform's own provider. */
export const terraform_builtin: ProviderRules = {
  provider: 'builtin/terraform',
  version: 'builtin',
  source: 'the terraform_data resource of Terraform 1.11',
  provisional: false,
  types: {
    terraform_data: {
      holds: 'nothing',
      attributes: {
        input: { effect: 'in-place' },
        triggers_replace: { effect: 'replaces' },
        output: { effect: 'read-only' },
        id: { effect: 'read-only' },
      },
    },
  },
};
