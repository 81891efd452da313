import type { PlanManifest } from './manifest';

/** What is true at the moment when a plan is to be applied: the same facts that its manifest has of the moment it was made. */
export interface Present extends Pick<
  PlanManifest,
  'environment' | 'stack' | 'commit' | 'clean' | 'tool' | 'state' | 'configuration' | 'providerLock'
> {
  readonly now: Date;
  /** Whether a plan that was made from files which are in no commit is refused, whatever they were. */
  readonly onlyCommitted: boolean;
}

/** Milliseconds by which two machines' clocks may differ. */
const clockSkew = 5 * 60_000;

/**
 * Why a plan is not the one to be applied now: every reason, since nobody mends them one run at a time. Nothing in here
 * trusts the plan itself: whether the manifest is genuine is looked at before.
 */
export function refusals(manifest: PlanManifest, present: Present): readonly string[] {
  return [
    ...when(manifest.environment !== present.environment || manifest.stack !== present.stack, () =>
      manifest.environment === present.environment
        ? `it is a plan for the stack ${manifest.stack}, not for ${present.stack}`
        : `it is a plan for ${manifest.environment}, not for ${present.environment}`,
    ),
    ...when(
      manifest.commit !== present.commit,
      () => `it was made from commit ${short(manifest.commit)}; this checkout is ${short(present.commit)}`,
    ),
    ...when(
      present.onlyCommitted && !manifest.clean,
      () => 'it was made from files that are in no commit, so nobody can have reviewed them',
    ),
    ...when(
      present.onlyCommitted && !present.clean,
      () => 'this checkout has files that are in no commit: commit or stash them',
    ),
    ...when(
      manifest.configuration !== present.configuration,
      () =>
        'the configuration that this checkout gives is another one: other files, or other variables such as CHERRY_PROJECT_ID',
    ),
    ...stateRefusal(manifest.state, present.state),
    ...when(
      manifest.tool.name !== present.tool.name || manifest.tool.version !== present.tool.version,
      () => `it was made by ${toolText(manifest.tool)}; here is ${toolText(present.tool)}`,
    ),
    ...when(
      manifest.providerLock !== present.providerLock,
      () => 'the providers are locked to other hashes than when it was made (.terraform.lock.hcl)',
    ),
    ...when(
      present.now.getTime() >= Date.parse(manifest.expiresAt),
      () => `it expired at ${manifest.expiresAt}; now it is ${present.now.toISOString()}`,
    ),
    ...when(
      Date.parse(manifest.madeAt) > present.now.getTime() + clockSkew,
      () =>
        `it was made at ${manifest.madeAt}, which is still to come: one of the two machines' clocks is wrong`,
    ),
  ];
}

const when = (wrong: boolean, reason: () => string): readonly string[] => (wrong ? [reason()] : []);

function stateRefusal(planned: PlanManifest['state'], present: PlanManifest['state']): readonly string[] {
  if (planned === null && present === null) return [];
  if (planned === null)
    return ['it was made when there was no state; now there is one: something was applied since'];
  if (present === null)
    return [
      `it was made from a state with serial ${planned.serial}; now there is none: another backend, or a lost state`,
    ];
  if (planned.lineage !== present.lineage)
    return [
      `it was made from another state (lineage ${planned.lineage}) than the one that is there now (${present.lineage})`,
    ];
  if (planned.serial !== present.serial)
    return [`the state has changed since: its serial was ${planned.serial} and is ${present.serial}`];
  return [];
}

const short = (commit: string | null): string => commit?.slice(0, 12) ?? 'none that git knows';
const toolText = ({ name, version }: PlanManifest['tool']): string =>
  `${name === 'terraform' ? 'Terraform' : 'OpenTofu'} ${version}`;
