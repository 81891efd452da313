import { settingsFor, workflowValues, type SettingName } from '../services';
import { otherStateCredentials } from '../services/settings/state-credentials';

/** As much of an environment's record as workflows need. */
export interface TargetEnvironment {
  readonly name: string;
  readonly imageTagPrefix: string;
  /** Whether a person starts every deploy. */
  readonly manual: boolean;
  /** Whether Terraform rents its host. */
  readonly provisioned: boolean;
  /** Whether it has an address that outlives its host, with a stack of its own. @default false */
  readonly floatingAddress?: boolean;
  /** Where Terraform keeps its state; `local` is out of reach for workflows. */
  readonly state: 'local' | 's3' | 'pg' | 'http';
  readonly delivery?: {
    readonly branch: string;
    readonly kind: 'test' | 'serve';
    /** @default true */
    readonly announce?: boolean;
  };
}

/** Branch whose commits may be deployed to an environment, whatever started it. */
export const branchOf = ({ delivery }: Pick<TargetEnvironment, 'delivery'>): string =>
  delivery?.branch ?? 'main';

/** Id of the stack of an environment's floating address (infra/stack-folder.ts). */
export const addressStackOf = (environment: string): string => `${environment}-address`;

/** What Terraform makes of an environment, each with a plan of its own: the address first, which the host is given. */
export const stacksOf = ({ name, provisioned, floatingAddress }: TargetEnvironment): readonly string[] => [
  ...(provisioned && floatingAddress ? [addressStackOf(name)] : []),
  ...(provisioned ? [name] : []),
];

/**
 * GitHub environment of the jobs that look at a host every night. It has no reviewers, whom nobody would wake for that, and holds the way
 * to the host and nothing else; the one that deploys keeps its own.
 */
export const lookEnvironmentOf = (environment: string): string => `${environment}-look`;

/** All that such an environment holds. */
export const lookSettings: readonly SettingName[] = ['VM_HOST', 'VM_HOST_KEY', 'SSH_DEPLOY_KEY'];

/** What Terraform needs for an environment: the provider's account, and the credentials of the state that it has. */
export function provisionValues({ state }: TargetEnvironment): Readonly<Record<string, string>> {
  const ofOthers = otherStateCredentials(state);
  return workflowValues(settingsFor('provision').filter((name) => !ofOthers.includes(name)));
}

/** What a deploy needs: the services' settings, and the way to the host. */
export const deployValues = (): Readonly<Record<string, string>> =>
  workflowValues([...settingsFor('deploy'), 'VM_HOST', 'VM_HOST_KEY']);
