import { runPlan } from '../../../../deploy/run-plan';
import type { Plan } from '../../../../deploy/step';
import { silent } from '../../../../foundation/progress';
import { Secret } from '../../../../foundation/secret';
import { archiveKeys } from '../../../../recovery/drill/containers';
import { planRestore, restoreFaults } from '../../../../recovery/restore/plan';
import type { RestoreRequest, UndoRequest } from '../../../../recovery/restore/request';
import { surveyHostData, surveyRestore } from '../../../../recovery/restore/survey';
import { planUndo, undoFaults } from '../../../../recovery/restore/undo';
import { fakeClock } from '../../deploy/fake-clock';
import { archive } from '../../services/archive/archive';
import type { FakeHost } from './fake-host';

export const request: RestoreRequest = {
  environment: 'preview',
  domain: 'preview.cogni.test',
  machine: 'preview-cogni',
  place: { environment: 'preview', archive, administrator: 'cogni_root' },
  by: { who: 'ada', from: 'laptop' },
  at: new Date('2026-11-21T12:30:00Z'),
  target: { kind: 'time', at: new Date('2026-11-21T10:00:00Z') },
  keys: archiveKeys('KEY1', Secret.of('ARCHIVE_SECRET', 'p1anted-secret'), Secret.of('PASS', 'p1anted-pass')),
  replace: 'preview-cogni@2026-11-21T10:00:00.000Z',
};
export const undoRequest = (id: string): UndoRequest => ({
  environment: request.environment,
  domain: request.domain,
  machine: request.machine,
  place: request.place,
  by: request.by,
  at: new Date('2026-11-21T13:00:00Z'),
  id,
  replace: `preview-cogni@${id}`,
});

/** Runs a plan on a played host. */
export const carryOut = async (host: FakeHost, plan: Plan): Promise<void> => {
  await runPlan(plan, {
    transport: host.transport,
    https: host.https,
    clock: fakeClock(),
    progress: silent,
    redact: (text) => text,
  });
};

/** Restores on a played host, as `./cogni restore` does. */
export async function restoreOn(host: FakeHost, asked: RestoreRequest = request): Promise<string> {
  const facts = await surveyRestore(host.transport, asked);
  const faults = restoreFaults(asked, facts);
  if (faults.length > 0) throw new Error(faults.join('; '));
  const plan = planRestore(asked, facts);
  await carryOut(host, plan);
  return plan.id;
}

/** Takes it back; false where nothing of it is known. */
export async function undoOn(host: FakeHost, id: string): Promise<boolean> {
  const asked = undoRequest(id);
  const facts = await surveyHostData(host.transport, asked);
  if (undoFaults(asked, facts).length > 0) return false;
  await carryOut(host, planUndo(asked, facts));
  return true;
}
