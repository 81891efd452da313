import { checks } from './checks';
import { databaseImageWorkflow } from './database-image';
import { serveDelivery, testDelivery, type Delivered } from './delivery';
import { deployWorkflow, rollbackWorkflow } from './deploy';
import { drift } from './drift';
import { infraApply, infraPlan } from './infra';
import type { Workflow } from './model';
import type { TargetEnvironment } from './target';

/** Every workflow for these environments. Adding an environment is adding its record. */
export const allWorkflows = (environments: readonly TargetEnvironment[]): readonly Workflow[] => [
  checks(environments),
  infraPlan(environments),
  infraApply(environments),
  ...environments.filter(isDelivered).map(delivery),
  ...environments.flatMap((environment) => [deployWorkflow(environment), rollbackWorkflow(environment)]),
  databaseImageWorkflow(environments),
  drift(environments),
];

const isDelivered = (environment: TargetEnvironment): environment is Delivered =>
  environment.delivery !== undefined;

const delivery = (environment: Delivered): Workflow =>
  environment.delivery.kind === 'test' ? testDelivery(environment) : serveDelivery(environment);
