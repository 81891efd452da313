import { defaultHttps } from '../deploy/rolling/deploy';
import {
  planMaintenanceOff,
  planMaintenanceOn,
  readMaintenance,
  type MaintenanceState,
} from '../deploy/maintenance';
import { runPlan } from '../deploy/run-plan';
import type { Plan } from '../deploy/step';
import { systemClock } from '../foundation/clock';
import type { Progress } from '../foundation/progress';
import { onHost } from './on-host';
import { operator } from './operator';

/**
 * Switches the maintenance of an environment.
 *
 * @returns the plan alone where it is a dry run, and how things are afterwards where it is none
 */
export async function switchMaintenance(
  name: string,
  to: 'on' | 'off',
  options: {
    readonly reason?: string | undefined;
    readonly dryRun?: boolean | undefined;
    readonly progress: Progress;
    readonly signal: AbortSignal;
  },
): Promise<{ readonly plan: Plan; readonly after: MaintenanceState | undefined }> {
  const { reason, dryRun, progress, signal } = options;
  return onHost(
    name,
    async (transport, { domain }) => {
      const request = {
        environment: name,
        domain,
        by: operator(),
        at: systemClock.now(),
        ...(reason === undefined ? {} : { reason }),
      };
      const plan =
        to === 'on'
          ? planMaintenanceOn(request, await readMaintenance(transport, name))
          : planMaintenanceOff(request);
      if (dryRun) return { plan, after: undefined };
      const extraCa = process.env['COGNI_CA'];
      const dnsServer = process.env['COGNI_DNS'];
      const https = defaultHttps(
        { ...(extraCa ? { extraCa } : {}), ...(dnsServer ? { dnsServer } : {}) },
        {},
      );
      await runPlan(plan, { transport, https, clock: systemClock, progress, redact: (text) => text, signal });
      return { plan, after: await readMaintenance(transport, name) };
    },
    { signal },
  );
}
