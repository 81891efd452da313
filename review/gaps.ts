import { configuredResources, type Plan } from './plan';
import { isObject } from './tree';

/**
 * What a plan names without saying what becomes of it. A file that lost a part on its way (filtered, put together by hand, damaged) would
 * otherwise pass for one that changes nothing.
 *
 * Source: Terraform 1.11, internal/command/jsonplan: `planned_values` and `resource_changes` are made of the same changes, what stays as
 * it is among them; `applyable`, which not every release prints, is true only where something changes.
 */
export function gapsIn(plan: Plan): readonly string[] {
  const changes = plan.resource_changes ?? [];
  const said = new Set(changes.flatMap(({ address, previous_address: before }) => [address, before]));
  const silentOn = (values: unknown): number =>
    managedIn(values).filter((address) => !said.has(address)).length;
  const planned = silentOn(plan.planned_values);
  // Of nothing but a refresh there are no changes, and then nothing is to be applied either.
  const refreshed = changes.length === 0 && plan.applyable === false;
  const there = refreshed ? 0 : silentOn(isObject(plan.prior_state) ? plan.prior_state['values'] : undefined);
  const written = refreshed || changes.length + planned + there > 0 ? 0 : managedInConfiguration(plan);
  const drifted = (plan.resource_drift ?? []).length > 0;
  return [
    ...(planned > 0 ? [`${planned} ${named(planned)} planned, and the plan does not say how`] : []),
    ...(there > 0
      ? [
          `${there} ${named(there)} there, and the plan does not say what becomes of ${there === 1 ? 'it' : 'them'} (nor does one of -target)`,
        ]
      : []),
    ...(written > 0
      ? [
          `${written} ${named(written)} configured, and the plan says nothing of ${written === 1 ? 'it' : 'them'}`,
        ]
      : []),
    ...(plan.applyable === true && !changesAnything(plan)
      ? [
          `the plan says that there is something to apply, and names nothing${drifted ? ' but what was changed outside Terraform' : ''}`,
        ]
      : []),
  ];
}

/**
 * Parts of a plan that are read here, or that say nothing of what is done. Source: Terraform 1.11 and 1.14, internal/command/jsonplan.
 */
const knownParts = [
  ...['format_version', 'terraform_version', 'timestamp', 'applyable', 'complete', 'errored'],
  ...['variables', 'configuration', 'prior_state', 'planned_values', 'relevant_attributes', 'checks'],
  ...['resource_changes', 'resource_drift', 'deferred_changes', 'output_changes'],
];

/**
 * What a plan has besides the parts that are known: a later Terraform does more than to change resources, such as the actions of 1.14
 * (`action_invocations`), which run beside the changes. The format's number says nothing of them.
 */
export function unknownPartsIn(plan: Plan): readonly string[] {
  return Object.entries(plan)
    .filter(([name, value]) => !knownParts.includes(name) && !isEmpty(value))
    .map(
      ([name]) =>
        `the plan has a part that is not known here, and what it does is not either: ${JSON.stringify(name)}`,
    );
}

const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0);

const managedInConfiguration = (plan: Plan): number =>
  [...configuredResources(plan).keys()].filter((address) => !/^(?:module\.[^.]+\.)*data\./.test(address))
    .length;

const named = (count: number): string => (count === 1 ? 'resource is' : 'resources are');

const changesAnything = ({ resource_changes: resources = [], output_changes: outputs = [] }: Plan): boolean =>
  resources.some(
    ({ change: { actions, importing }, previous_address: before }) =>
      isChange(actions) || importing != null || before !== undefined,
  ) || outputs.some(([, { actions }]) => isChange(actions));

const isChange = (actions: readonly string[]): boolean => actions.some((action) => action !== 'no-op');

/** Addresses of the managed resources in a tree of modules; what is none is passed over. */
function managedIn(values: unknown): readonly string[] {
  const inModule = (module: unknown): readonly string[] => {
    if (!isObject(module)) return [];
    const own = listIn(module, 'resources').flatMap((resource) =>
      isObject(resource) && resource['mode'] === 'managed' && typeof resource['address'] === 'string'
        ? [resource['address']]
        : [],
    );
    return [...own, ...listIn(module, 'child_modules').flatMap(inModule)];
  };
  return inModule(isObject(values) ? values['root_module'] : undefined);
}

const listIn = (module: Readonly<Record<string, unknown>>, name: string): readonly unknown[] => {
  const list = module[name];
  return Array.isArray(list) ? list : [];
};
