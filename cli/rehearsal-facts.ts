import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { requireArchive } from '../deploy/backup/report';
import { systemClock } from '../foundation/clock';
import { ExitCode, Failure, messageOf } from '../foundation/failure';
import type { Progress } from '../foundation/progress';
import { lookupFrom } from '../foundation/resolve';
import { accountFacts } from '../infra/cherry/account-facts';
import { judgePreflight, type AccountFacts } from '../infra/cherry/preflight';
import { hourlyPrice } from '../infra/cherry/price';
import { stackFolder } from '../infra/stack-folder';
import type { RebuildBegun } from '../recovery/rebuild/journal';
import type { OffHostFacts } from '../recovery/rebuild/off-host';
import { certificateFaults, removeCommand } from '../recovery/rebuild/rehearsal';
import { certificateOf } from '../recovery/watch/certificate';
import type { Environment, ResolvedCherryHost } from '../stacks/environment';
import { environmentFolder, findEnvironment, outputFolder } from '../stacks/here';
import { rehearsalMarker, rehearsalName, rehearsalOf } from '../stacks/rehearsal';
import { cancelledBySignals } from './cancel';
import { cherryApiHere, wantedOf } from './cherry-account';
import { missingSettings } from './export-settings';
import { machineFaults, offHostHere, releaseOf } from './rebuild-facts';
import type { RehearsalOptions } from './rehearse';
import { settingsSource } from './settings-source';

/** What a rehearsal would begin with, and everything that speaks against it. */
export interface RehearsalFacts {
  readonly environment: RehearsedEnvironment;
  readonly offHost: OffHostFacts;
  readonly release: RebuildBegun['release'] | undefined;
  /** What its machine costs by the hour, in words. */
  readonly price: string;
  readonly faults: readonly string[];
  readonly notes: readonly string[];
}

/** An environment on a server of the provider. */
export type RehearsedEnvironment = Environment & { readonly host: ResolvedCherryHost };

/** @throws Failure for an environment whose host nobody can order another one of */
export function findRehearsed(name: string): RehearsedEnvironment {
  const environment = findEnvironment(name);
  requireArchive(name, environment.archive);
  const { host } = environment;
  if (host.kind !== 'existing') return { ...environment, host };
  throw new Failure({
    what: `the host of ${name} was made by somebody else: no other one can be ordered to rehearse on`,
    next: `./cogni drill ${name} proves its backups without a host`,
    exitCode: ExitCode.refused,
  });
}

/** Whether a rehearsal of an environment stands on this machine, as far as it got. */
export const rehearsalStands = (name: string): boolean =>
  existsSync(join(environmentFolder(rehearsalName(name)), rehearsalMarker));

/**
 * Looks at everything that a rehearsal begins from; of the living host at its certificate alone, as any visitor may. Changes nothing; every fault is told at once.
 *
 * @throws Failure as {@link findRehearsed} does
 */
export async function rehearsalFacts(
  name: string,
  given: RehearsalOptions,
  again: string,
  progress: Progress,
): Promise<RehearsalFacts> {
  const environment = findRehearsed(name);
  const source = settingsSource(name, given.settings);
  const rehearsal = rehearsalOf(environment);
  const offHost = await progress.step(
    'look at the archive and the copies off the host',
    () => offHostHere(environment, source, given, again),
    { why: 'a rebuild has nothing else to begin from' },
  );
  const release = await releaseOf(environment, source, given, offHost, again);
  const account = await accountOf(rehearsal);
  const certificate = await certificateOf(environment.domain, lookupFrom(process.env['COGNI_DNS']));
  return {
    environment,
    offHost,
    release: release.value,
    price: account.price,
    faults: [
      ...new Set([
        ...(rehearsalStands(name)
          ? [`a rehearsal of ${name} stands already, and is paid for: ${removeCommand(name)} removes it`]
          : []),
        ...missingSettings(environment, source),
        ...offHost.faults,
        ...certificateFaults(environment.domain, certificate, systemClock.now()),
        ...release.faults,
        // Keys for its plan are made when it begins.
        ...(await machineFaults(rehearsal, { dryRun: true })),
        ...account.faults,
      ]),
    ],
    notes: offHost.notes,
  };
}

/** What the account could not give, and what it would cost: asked as before the plan of any new host. */
async function accountOf(
  environment: RehearsedEnvironment,
): Promise<{ readonly faults: readonly string[]; readonly price: string }> {
  const { name, host } = environment;
  const unknown = `not known here: see plan ${host.plan} in the portal`;
  const wanted = {
    ...wantedOf({
      environment,
      host,
      stack: name,
      at: { folder: stackFolder(outputFolder(), name) },
    }),
    state: { version: null, ids: {} },
    imports: [],
  };
  try {
    const facts = await accountFacts(cherryApiHere(cancelledBySignals()), wanted);
    return { faults: judgePreflight(wanted, facts).faults, price: priceIn(facts) ?? unknown };
  } catch (thrown) {
    const [why = ''] = messageOf(thrown).split('\n', 1);
    return { faults: [`the account cannot be asked: ${why}`], price: unknown };
  }
}

const priceIn = ({ plan }: AccountFacts): string | undefined =>
  'value' in plan && plan.value !== undefined ? hourlyPrice(plan.value) : undefined;
