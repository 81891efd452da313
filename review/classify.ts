import { changedAttributes, type ChangedAttribute } from './attributes';
import { documentFault } from './document';
import { brokenPromise } from './given-out';
import type { ConfiguredResource, ResourceChange } from './plan';
import type { Holding, TypeRules } from './rules/rule';
import type { ChosenRules } from './rules/tables';
import { isObject, marksAny, maskOf, partOf } from './tree';
import { rankOf, worstOf, type Verdict } from './verdict';

/** A verdict and why: one sentence each, none of which holds a value of the plan. */
export interface Finding {
  readonly verdict: Verdict;
  readonly why: string;
}

export interface Classified {
  /** The worst of the findings. */
  readonly verdict: Verdict;
  /** Worst first. */
  readonly findings: readonly Finding[];
  readonly changed: readonly ChangedAttribute[];
  readonly holds: Holding | undefined;
}

/** What a planned change of one resource will do. */
export function classify(
  resource: ResourceChange,
  { rules, doubt }: ChosenRules,
  configured: ConfiguredResource | undefined,
): Classified {
  const type = rules && Object.hasOwn(rules.types, resource.type) ? rules.types[resource.type] : undefined;
  const changed = changedAttributes(resource.change, type);
  if (resource.mode === 'data') return classified(onlyRead(resource), changed, type);
  const context: Context = { resource, type, changed, configured };
  const findings = byAction(context);
  const does = worstOf(findings.map(({ verdict }) => verdict)) !== 'NO-OP';
  if (does && type === undefined)
    findings.push(review(`there are no rules for ${resource.type}: what a change of it costs is not known`));
  else if (does && doubt !== undefined) findings.push(review(doubt));
  const destroyedFirst = resource.change.actions.join() === 'delete,create';
  return classified(findings, changed, type, destroyedFirst);
}

/** What is read changes nothing. */
const onlyRead = ({ change: { actions } }: ResourceChange): Finding[] =>
  ['no-op', 'read'].includes(actions.join())
    ? []
    : [review('it is a data source, and the plan does something else with it than to read it')];

interface Context {
  readonly resource: ResourceChange;
  readonly type: TypeRules | undefined;
  readonly changed: readonly ChangedAttribute[];
  readonly configured: ConfiguredResource | undefined;
}

const review = (why: string): Finding => ({ verdict: 'REVIEW', why });

/** @param destroyedFirst what there is goes before anything can fail: that it is lost weighs more than that the rest is refused */
function classified(
  findings: readonly Finding[],
  changed: readonly ChangedAttribute[],
  type: TypeRules | undefined,
  destroyedFirst = false,
): Classified {
  const weight = ({ verdict }: Finding): Verdict =>
    verdict === 'DOOMED' && destroyedFirst ? 'REVIEW' : verdict;
  const verdict = worstOf(findings.map(weight));
  const worstFirst = [...findings].sort((one, other) => rankOf(weight(one)) - rankOf(weight(other)));
  return { verdict, findings: worstFirst, changed, holds: type?.holds };
}

function byAction(context: Context): Finding[] {
  const { resource, type } = context;
  const { actions } = resource.change;
  const has = (action: string): boolean => actions.includes(action);
  const findings = [...strange(actions), ...hollow(resource)];
  if (has('delete')) {
    const refused = has('create') ? documentFaults(resource, type) : [];
    return [...findings, ...removed(context, has('create')), ...refused];
  }
  if (has('forget')) {
    const left = 'Terraform forgets it: it goes on existing, and costing, without being managed';
    return [...findings, review(has('create') ? `${left}; another one is made beside it` : left)];
  }
  if (has('create')) return [...findings, ...created(context)];
  const updates = has('update');
  findings.push(...context.changed.flatMap((attribute) => byAttribute(context, attribute, updates)));
  if (updates)
    findings.push(
      ...documentFaults(
        resource,
        type,
        context.changed.map(({ name }) => name),
      ),
    );
  if (updates && findings.length === 0) findings.push({ verdict: 'UPDATE', why: 'it is changed in place' });
  findings.push(...moves(resource));
  if (resource.change.importing) findings.push(...imports(context, type));
  return findings;
}

/**
 * What a plan has to say of a change and does not: there is nothing to judge by then. Each attribute that there was stands in what the
 * resource becomes, null where it is gone, or among what is not known yet (Terraform, "JSON Output Format").
 */
function hollow({ change: { actions, before, after, after_unknown } }: ResourceChange): Finding[] {
  const lacks = (value: unknown, needing: readonly string[], what: string): Finding[] =>
    isObject(value) || !actions.some((action) => needing.includes(action))
      ? []
      : [review(`the plan does not say ${what}`)];
  const silent =
    !actions.includes('delete') &&
    isObject(before) &&
    isObject(after) &&
    Object.keys(before).some((name) => !Object.hasOwn(after, name) && !marksAny(maskOf(after_unknown, name)));
  return [
    ...lacks(before, ['update', 'delete', 'forget'], 'what it is now'),
    ...lacks(after, ['create', 'update'], 'what it becomes'),
    ...(actions.join() === 'create' && isObject(before)
      ? [review('the plan says that it is made, and that it is there already')]
      : []),
    ...(silent ? [review('the plan does not say what becomes of each of its attributes')] : []),
  ];
}

const knownActions = ['no-op', 'create', 'read', 'update', 'delete', 'forget'];
/** What Terraform and OpenTofu do in two steps. */
const knownPairs = ['delete create', 'create delete', 'forget create', 'create forget'];

function strange(actions: readonly string[]): Finding[] {
  const unknown = actions.filter((action) => !knownActions.includes(action));
  if (unknown.length > 0)
    return unknown.map((action) => review(`the action ${JSON.stringify(action)} is not known`));
  return actions.length === 1 || knownPairs.includes(actions.join(' '))
    ? []
    : [review(`what ${actions.join(' and ')} does together is not known`)];
}

/** What `action_reason` of the plan means (Terraform, "JSON Output Format"). */
const reasons: Readonly<Record<string, string>> = {
  replace_because_tainted: 'it is marked as tainted',
  replace_because_cannot_update: 'an attribute changes that cannot be changed in place',
  replace_by_request: 'it was asked for with -replace',
  replace_by_triggers: 'something in replace_triggered_by changes',
  delete_because_no_resource_config: 'the configuration has it no longer',
  delete_because_no_module: 'the configuration has its module no longer',
  delete_because_wrong_repetition: 'count or for_each was added or taken away',
  delete_because_count_index: 'count became smaller',
  delete_because_each_key: 'its key is no longer in for_each',
  delete_because_no_move_target: 'it was moved to an address that the configuration does not have',
};

function removed({ resource, type, configured }: Context, replaced: boolean): Finding[] {
  const reason = reasons[resource.action_reason ?? ''];
  const because = reason === undefined ? '' : `: ${reason}`;
  if (type?.holds === 'nothing') {
    const what = `${replaced ? 'it is made anew' : 'it is removed'}${because}; it holds nothing`;
    const provisioners = configured?.provisioners ?? [];
    if (configured !== undefined && provisioners.length === 0) return [{ verdict: 'UPDATE', why: what }];
    if (configured === undefined && replaced) return [review(`${what}, but its provisioners are not known`)];
    if (configured === undefined) return [{ verdict: 'UPDATE', why: what }];
    return [review(`${what}, but its provisioners run (${provisioners.join(', ')})`)];
  }
  if (replaced) {
    const order =
      resource.change.actions[0] === 'create'
        ? 'made anew, then the old one is destroyed'
        : 'destroyed and made anew';
    return [{ verdict: 'REPLACE', why: `it is ${order}${because}` }];
  }
  const which = resource.deposed === undefined ? 'it' : 'what an earlier, unfinished replacement left of it';
  return [{ verdict: 'DESTROY', why: `${which} is destroyed${because}` }];
}

function created({ resource, type, changed }: Context): Finding[] {
  const strange = type === undefined ? [] : changed.filter(({ rule }) => rule === undefined);
  return [
    { verdict: 'CREATE', why: 'it is made' },
    ...strange.map(({ name }) => review(notKnown(name, resource))),
    ...documentFaults(resource, type),
  ];
}

const notKnown = (name: string, { type }: ResourceChange): string =>
  `${name} is not an attribute of ${type} that is known here`;

/**
 * Documents that will be refused at apply, although the plan accepts them.
 *
 * @param sent attributes that are sent: of a machine that stays, those that change. @default - all
 */
const documentFaults = (
  resource: ResourceChange,
  type: TypeRules | undefined,
  sent?: readonly string[],
): Finding[] =>
  Object.entries(type?.attributes ?? {}).flatMap(([name, rule]): Finding[] => {
    if (!rule.document || sent?.includes(name) === false) return [];
    const fault = documentFault(partOf(resource.change.after, name));
    return fault === undefined ? [] : [{ verdict: 'DOOMED', why: `apply will fail on ${name}: ${fault}` }];
  });

/**
 * @param updates whether the plan says that it changes the resource; where it does not, a difference contradicts it
 */
function byAttribute(context: Context, attribute: ChangedAttribute, updates: boolean): readonly Finding[] {
  const { resource, type } = context;
  const { name, rule, unknown } = attribute;
  if (type === undefined) return [];
  if (rule === undefined) return [review(notKnown(name, resource))];
  const noted = (why: string): string => (rule.note === undefined ? why : `${why}; ${rule.note}`);
  const differs = unknown ? `${name} is only known after apply, which counts as a change` : `${name} changes`;
  if (!updates && rule.effect !== 'read-only')
    return [review(`${differs}, although the plan calls it no change`)];
  switch (rule.effect) {
    case 'wipes':
      return [wipe(context, noted(differs))];
    case 'arms':
      return [arm(attribute)];
    case 'replaces':
      return [review(`${differs}, which should replace the resource, and the plan changes it in place`)];
    case 'in-place':
      return [
        (rule.givenOut && brokenPromise(resource.change, name, rule.givenOut)) ?? {
          verdict: 'UPDATE',
          why: noted(differs),
        },
      ];
    case 'read-only':
      return [];
    case 'unknown':
      return [review(`${differs}, and what that costs is not known`)];
  }
}

/** Name of the switch that lets a change of what wipes through. */
const switchOf = (type: TypeRules | undefined): string | undefined =>
  Object.entries(type?.attributes ?? {}).find(([, { effect }]) => effect === 'arms')?.[0];

function wipe({ resource: { change }, type }: Context, why: string): Finding {
  const name = switchOf(type);
  if (name === undefined)
    return { verdict: 'WIPE', why: `${why}: reinstalled in place, the disk is emptied` };
  // Unknown may turn out to be true.
  if (marksAny(maskOf(change.after_unknown, name)))
    return { verdict: 'WIPE', why: `${why}: the disk is emptied if ${name} turns out to be true` };
  if (partOf(change.after, name) === true)
    return {
      verdict: 'WIPE',
      why: `${why}: with ${name} = true the machine is reinstalled in place, and its disk is emptied`,
    };
  return {
    verdict: 'DOOMED',
    why: `${why}: that needs a reinstall, and without ${name} = true the provider refuses it, but only at apply`,
  };
}

function arm({ name, after, unknown, rule }: ChangedAttribute): Finding {
  if (after === true || unknown)
    return {
      verdict: 'ARMED',
      why: `${name} ${unknown ? 'may become' : 'becomes'} true${rule?.note === undefined ? '' : `: ${rule.note}`}`,
    };
  return { verdict: 'UPDATE', why: `${name} is switched off` };
}

const moves = ({ address, previous_address: previous }: ResourceChange): Finding[] =>
  previous === undefined || previous === address
    ? []
    : [
        {
          verdict: 'UPDATE',
          why: 'it moves to another address in the state; by itself that touches nothing',
        },
      ];

function imports(
  { resource: { change }, changed, configured }: Context,
  type: TypeRules | undefined,
): Finding[] {
  const taken: Finding = { verdict: 'UPDATE', why: 'it is imported into the state' };
  const unread = Object.entries(type?.attributes ?? {})
    .filter(([, rule]) => rule.unread && rule.effect === 'wipes')
    .map(([name]) => name);
  // What the configuration sets and the import left empty, but is not planned: ignored, until it no longer is.
  const waiting = unread.filter(
    (name) =>
      (partOf(change.before, name) ?? null) === null &&
      !changed.some((attribute) => attribute.name === name) &&
      (configured === undefined || Object.hasOwn(configured.expressions, name)),
  );
  if (waiting.length === 0) return [taken];
  const names = waiting.join(' and ');
  return [
    taken,
    {
      verdict: 'IMPORT-WIPE',
      why: `the provider cannot read ${names}, so the import leaves it empty; as soon as the configuration's own counts (without ignore_changes), the plan is to reinstall and empty the disk`,
    },
  ];
}
