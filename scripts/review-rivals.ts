/**
 * What tools say of a plan that read its text, or count its actions, and know nothing of what an action means.
 *
 * Sources: Terraform 1.11, how `plan` is shown to people (held against it by `test/contract/review`); tfcmt 4, the patterns
 * of its parser.
 */

/** A plan in JSON, as far as these look at it. */
interface CountedPlan {
  readonly resource_changes?: readonly {
    readonly address: string;
    readonly previous_address?: string;
    readonly mode: string;
    readonly action_reason?: string;
    readonly change: { readonly actions: readonly string[]; readonly importing?: object | null };
  }[];
  readonly output_changes?: Readonly<Record<string, { readonly actions: readonly string[] }>>;
}

type ResourceChange = NonNullable<CountedPlan['resource_changes']>[number];

/** How many resources a plan adds, changes and destroys; a replacement counts on both sides. */
export interface ActionCounts {
  readonly add: number;
  readonly change: number;
  readonly destroy: number;
}

/** What a text-matching tool makes of a plan: its label, and whether it warns of a deletion. */
export interface TextVerdict {
  readonly label: 'destroy' | 'add-or-update' | 'no-changes';
  readonly warnsOfDeletion: boolean;
  /** The line that it goes by. */
  readonly line: string;
  /** Addresses that it lists as deleted or replaced. */
  readonly deleted: readonly string[];
}

/** The plain counts of actions. */
export function actionCounts(plan: object): ActionCounts {
  const actions = changesOf(plan).map(({ change }) => change.actions);
  const having = (action: string): number => actions.filter((each) => each.includes(action)).length;
  return { add: having('create'), change: having('update'), destroy: having('delete') };
}

/** The lines by which Terraform announces what a plan does. */
export function planText(plan: object): string {
  const changes = changesOf(plan);
  const lines = changes.flatMap((change) => announcement(change) ?? []);
  const outputs = Object.values((plan as CountedPlan).output_changes ?? {}).some(
    ({ actions }) => actions[0] !== 'no-op',
  );
  if (lines.length === 0)
    return outputs ? 'Changes to Outputs:' : 'No changes. Your infrastructure matches the configuration.';
  const { add, change, destroy } = actionCounts(plan);
  const imported = changes.filter((each) => each.change.importing).length;
  return [
    ...lines.map((line) => `  # ${line}`),
    `Plan: ${imported > 0 ? `${imported} to import, ` : ''}${add} to add, ${change} to change, ${destroy} to destroy.`,
  ].join('\n');
}

/**
 * What tfcmt makes of that text: it goes by the first line that tells a plan's result, and knows of a deletion by the
 * words `N to destroy` in it.
 */
export function textVerdict(text: string): TextVerdict {
  const line =
    text.split('\n').find((each) => /^(Plan: \d|No changes\.|Changes to Outputs:)/.test(each)) ?? '';
  const warnsOfDeletion = /[1-9][0-9]* to destroy/.test(line);
  const label = line.startsWith('No changes.') ? 'no-changes' : warnsOfDeletion ? 'destroy' : 'add-or-update';
  const deletions =
    /^ *# (.*?)(?: will be destroyed|(?: is tainted, so)? must be replaced| will be replaced, as requested)$/gm;
  const deleted = [...text.matchAll(deletions)].map(([, address = '']) => address);
  return { label, warnsOfDeletion, line, deleted };
}

const changesOf = (plan: object): readonly ResourceChange[] =>
  ((plan as CountedPlan).resource_changes ?? []).filter(({ mode }) => mode === 'managed');

function announcement({
  address,
  previous_address: previous,
  action_reason: reason,
  change,
}: ResourceChange): string | undefined {
  const { actions, importing } = change;
  if (actions.includes('create') && actions.includes('delete')) {
    if (reason === 'replace_because_tainted') return `${address} is tainted, so must be replaced`;
    if (reason === 'replace_by_request') return `${address} will be replaced, as requested`;
    return `${address} must be replaced`;
  }
  if (actions.includes('create')) return `${address} will be created`;
  if (actions.includes('delete')) return `${address} will be destroyed`;
  if (actions.includes('update')) return `${address} will be updated in-place`;
  if (actions.includes('forget'))
    return `${address} will no longer be managed by Terraform, but will not be destroyed`;
  if (importing) return `${address} will be imported`;
  if (previous !== undefined && previous !== address) return `${previous} has moved to ${address}`;
  return undefined;
}
