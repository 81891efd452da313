import { changedAttributes, type ChangedAttribute } from './attributes';
import type { Classified, Finding } from './classify';
import type { ResourceChange } from './plan';
import type { ChosenRules } from './rules/tables';
import { same } from './tree';
import { worstOf } from './verdict';

/**
 * What somebody or something changed besides Terraform, judged by the same rules: what it would have cost, had it been
 * planned, is what it may have cost.
 */
export function classifyDrift(resource: ResourceChange, { rules }: ChosenRules): Classified {
  const type = rules && Object.hasOwn(rules.types, resource.type) ? rules.types[resource.type] : undefined;
  const changed = changedAttributes(resource.change, type);
  const { actions } = resource.change;
  const findings: Finding[] = [];
  if (actions.includes('delete'))
    findings.push({
      verdict: 'DESTROY',
      why: 'it is gone: destroyed outside Terraform, or out of its sight',
    });
  else if (actions.includes('update')) {
    findings.push({ verdict: 'UPDATE', why: 'it was changed outside Terraform' });
    if (type === undefined)
      findings.push({ verdict: 'REVIEW', why: `there are no rules for ${resource.type}` });
    else findings.push(...changed.map(byAttribute));
  }
  const verdict = worstOf(findings.map((finding) => finding.verdict));
  return {
    verdict,
    findings: findings.filter(
      (finding, _, all) => finding.verdict !== 'UPDATE' || all.length === 1 || verdict === 'UPDATE',
    ),
    changed,
    holds: type?.holds,
  };
}

function byAttribute(attribute: ChangedAttribute): Finding {
  const { name, rule } = attribute;
  if (rule?.identity && !onlyAdds(attribute))
    return {
      verdict: 'REVIEW',
      why: `${name} is another one than before: the machine behind the id may have been replaced; look at the host itself`,
    };
  switch (rule?.effect) {
    case 'wipes':
      return {
        verdict: 'WIPE',
        why: `${name} is another one than before: the disk may have been emptied already; look at the host itself`,
      };
    case 'replaces':
      return {
        verdict: 'REVIEW',
        why: `${name} is another one than before; it may be a mere renaming at the provider`,
      };
    case 'arms':
    case 'in-place':
    case 'read-only':
      return { verdict: 'UPDATE', why: `${name} was changed` };
    case 'unknown':
    case undefined:
      return { verdict: 'REVIEW', why: `${name} was changed, and what that means is not known` };
  }
}

/** Whether all that was there is there still: another address beside the old ones tells nothing of the machine. */
const onlyAdds = ({ before, after }: ChangedAttribute): boolean =>
  Array.isArray(before) &&
  Array.isArray(after) &&
  before.every((each) => after.some((other) => same(each, other)));
