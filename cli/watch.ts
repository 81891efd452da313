import { dirname, join } from 'node:path';
import { drillAlarms, lastDrill } from '../deploy/backup/last-drill';
import { lookAtBackups } from '../deploy/backup/report';
import { glanceAt } from '../deploy/host/glance';
import { tryReadPins } from '../deploy/host/pins';
import { connect, type SshHost } from '../deploy/ssh';
import type { Transport } from '../deploy/transport';
import { siteFault } from '../deploy/verify';
import { systemClock } from '../foundation/clock';
import { ExitCode, Failure } from '../foundation/failure';
import { withFileLock } from '../foundation/file-lock';
import { httpsVia, type Https } from '../foundation/https';
import { httpsThrough, proxyFrom } from '../foundation/proxy';
import { lookupFrom } from '../foundation/resolve';
import { Secret } from '../foundation/secret';
import { trustedAuthorities } from '../foundation/trust';
import { certificateOf } from '../recovery/watch/certificate';
import type { Message } from '../recovery/watch/messages';
import type { Depth, Look, Slow } from '../recovery/watch/observe';
import { serveMetrics, type Listen } from '../recovery/watch/serve-metrics';
import { slowLooks } from '../recovery/watch/slow';
import { runWatch, type WatchStatus } from '../recovery/watch/watch';
import { faultText, valueFaults, type Archive, type SettingName } from '../services';
import type { Environment } from '../stacks/environment';
import { environmentFolder, findEnvironment } from '../stacks/here';
import { postMessage } from '../workflows';
import { cancelledBySignals } from './cancel';
import { findHost } from './host-access';
import { trustedSignersOf } from './plan-target';

export interface WatchRequest {
  readonly environments: readonly string[];
  readonly depth: Depth;
  /** Undefined: no metrics. */
  readonly listen: Listen | undefined;
  readonly log: (line: string) => void;
}

/**
 * `cogni watch`: runs until it is told to end.
 *
 * @throws Failure before it begins: variables that are not fit, all of them at once; a host that cannot be found or is not pinned, a second watch of the same environments
 *   in this checkout (exit code 4), a place that cannot be listened on
 */
export async function watchHere({ environments, depth, listen, log }: WatchRequest): Promise<void> {
  const signal = cancelledBySignals();
  const watched = [...new Set(environments)];
  requireFitVariables(watched.length);
  const webhook = webhookHere();
  const targets = await Promise.all(watched.map(findTarget));
  const names = targets.map(({ environment }) => environment.name);
  const kept = join(
    dirname(environmentFolder(names[0] ?? '')),
    'watch',
    `${[...names].sort().join('+')}.json`,
  );
  await withFileLock(`${kept}.lock`, { purpose: `cogni watch ${names.join(' ')}` }, async () => {
    const statuses = new Map<string, WatchStatus>();
    const served = listen && (await serveMetrics(listen, () => [...statuses.values()]));
    if (served) log(`metrics at http://${served.address}/metrics`);
    if (!webhook) log('COGNI_WATCH_WEBHOOK is not set: nobody is told, alerts are in the metrics and here');
    log(`watching ${names.join(', ')}`);
    const https = reach();
    const looks = new Map(
      targets.map((target) => [target.environment.name, looking(target, depth, https, log)]),
    );
    try {
      await runWatch({
        ...{ environments: names, depth, kept, log, signal, clock: systemClock },
        look: (name) => looks.get(name)!(),
        tell: webhook && ((message) => tell(webhook, message, signal)),
        onLook: (status) => void statuses.set(status.look.environment, status),
      });
    } finally {
      served?.close();
    }
  });
  log('ended');
}

interface Target {
  readonly environment: Environment;
  readonly host: SshHost;
}

async function findTarget(name: string): Promise<Target> {
  const environment = findEnvironment(name);
  const host = await findHost(environment);
  if (tryReadPins(host.knownHosts, host.hostKeyAlias)) return { environment, host };
  throw new Failure({
    what: `no host key is pinned for ${name}: another machine in its place could not be told from it`,
    next: `./cogni host pin ${name}, or bring ${host.knownHosts} from the machine that provisioned it`,
    exitCode: ExitCode.refused,
  });
}

/** What this shell tells a watch. */
const told = ['VM_HOST', 'VM_HOST_KEY', 'COGNI_DNS', 'COGNI_CA', 'COGNI_WATCH_WEBHOOK'] as const;

/**
 * Looks at all of it at once, before any host is asked.
 *
 * @param watched number of environments
 * @throws Failure with everything that is wrong, and no secret
 */
export function requireFitVariables(
  watched: number,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): void {
  const malformed = told.flatMap((name) => valueFaultsOf(name, variables[name]));
  const shared =
    watched > 1 && variables['VM_HOST']
      ? [`VM_HOST names one host, and ${watched} environments are to be watched: run one watch for each`]
      : [];
  const faults = [...malformed, ...shared];
  if (faults.length === 0) return;
  throw new Failure({
    what: `the variables of this shell are not fit for a watch: ${faults.length === 1 ? 'one fault' : `${faults.length} faults`}`,
    faults,
    next: 'set them as infra/.env.schema.md says, or unset them; then run this again',
    exitCode: ExitCode.usage,
  });
}

/** An empty one counts as none, as for whoever reads it. */
const valueFaultsOf = (name: SettingName, value: string | undefined): readonly string[] =>
  value ? valueFaults(name, value).map(faultText) : [];

/** Looks at host and site at the same time; what takes long is looked at beside that, every few minutes. */
function looking(
  { environment, host }: Target,
  depth: Depth,
  https: Https,
  log: (line: string) => void,
): () => Promise<Look> {
  const { name, domain, archive } = environment;
  const inside = depth === 'inside';
  const slow = slowLooks({
    certificate: () => certificateOf(domain, lookupFrom(process.env['COGNI_DNS'])),
    ...(archive !== undefined && inside
      ? {
          backups: {
            connect: () => connect(host),
            look: (transport) => backupsOf(transport, environment, archive),
          },
        }
      : {}),
    clock: systemClock,
    log: (line) => log(`${name}: ${line}`),
  });
  return async () => {
    const begun = Date.now();
    const [glance, fault] = await Promise.all([
      glanceAt({ host, login: inside }),
      siteFault({ environment: name, domain }, https),
    ]);
    const { deploying = false, maintenance = false } = glance.inside ?? {};
    const found = slow(deploying || maintenance);
    return { environment: name, begun, at: Date.now(), glance, siteFault: fault, slow: found };
  };
}

async function backupsOf(
  transport: Transport,
  environment: Environment,
  archive: Archive,
): Promise<NonNullable<Slow['backups']>> {
  const { report, newestLog, allSent } = await lookAtBackups(transport, environment.name, archive);
  const { alarms, newestGood, log, receiver } = report;
  const drill = await lastDrill(transport, environment.name, await trustedSignersOf(environment));
  return {
    alarms: [...alarms, ...drillAlarms(drill)],
    newestGood: newestGood?.at,
    // Two clocks are compared: one that is a little behind makes no log of the future.
    logAge: allSent ? 0 : newestLog && Math.max(0, Date.now() - newestLog.getTime()),
    waitingMebibytes: log?.waitingMebibytes,
    ...(receiver && { receiver }),
    ...(typeof drill === 'object'
      ? { drill: { at: new Date(drill.at), passed: drill.passed, trusted: drill.signedBy !== undefined } }
      : {}),
  };
}

/** As visitors reach the site: without a proxy. */
const reach = (): Https =>
  httpsVia({
    authorities: trustedAuthorities({ extra: process.env['COGNI_CA'] }),
    lookup: lookupFrom(process.env['COGNI_DNS']),
  });

/** It was looked at with the others. */
function webhookHere(): Secret | undefined {
  const value = process.env['COGNI_WATCH_WEBHOOK'];
  return value ? Secret.of('COGNI_WATCH_WEBHOOK', value) : undefined;
}

async function tell(url: Secret, message: Message, signal: AbortSignal): Promise<void> {
  const https = httpsThrough(
    {
      authorities: trustedAuthorities({ extra: process.env['COGNI_CA'] }),
      lookup: lookupFrom(process.env['COGNI_DNS']),
    },
    proxyFrom(process.env),
  );
  await postMessage({ https, url, body: JSON.stringify(message), signal });
}
