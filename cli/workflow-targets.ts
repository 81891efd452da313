import type { EnvironmentRecord } from '../stacks/environment';
import { environments } from '../stacks/environments';
import type { TargetEnvironment } from '../workflows';

/** The environments as workflows see them. */
export const workflowTargets = (
  records: readonly EnvironmentRecord[] = environments,
): readonly TargetEnvironment[] =>
  records.map(({ name, imageTagPrefix, policies, host, state, delivery }) => ({
    name,
    imageTagPrefix,
    manual: policies.manual,
    provisioned: host.kind === 'cherry',
    floatingAddress: host.kind === 'cherry' && host.floatingAddress,
    state: state.kind,
    ...(delivery ? { delivery } : {}),
  }));
