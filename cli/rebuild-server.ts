import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { tryReadPins } from '../deploy/host/pins';
import { waitForBootstrap } from '../deploy/host/wait';
import { systemClock } from '../foundation/clock';
import { ExitCode, Failure } from '../foundation/failure';
import type { Progress } from '../foundation/progress';
import { addressesOf, lookupFrom } from '../foundation/resolve';
import { fenceServer, lookAtFence, type FenceProps } from '../infra/cherry/fence';
import { serverAddress } from '../infra/cherry/orphans';
import { forgetResources } from '../infra/plan/forget';
import { withMemoryFolder } from '../infra/plan/memory-folder';
import { initAt, planAt, stateAt } from '../infra/plan/terraform-run';
import { begunIn, doneIn } from '../recovery/rebuild/journal';
import type { StageId } from '../recovery/rebuild/plan';
import type { StageWork } from '../recovery/rebuild/run';
import type { Environment } from '../stacks/environment';
import { applyKept } from './apply-plan';
import { bootstrapTarget } from './bootstrap-target';
import { cherryApiHere, cherryChangesHere } from './cherry-account';
import { findHost, givenUpKeysFile, hostKeyAlias, knownHostsFile } from './host-access';
import { alone, planKeysOf, planTarget, synthesizeHere } from './plan-target';
import { planEnvironment } from './plan-stack';
import type { WorkProps } from './rebuild-work';
import { whileLocked } from './while-locked';

/** Milliseconds. */
const bootTime = 20 * 60_000;
const dnsTime = 10 * 60_000;

/** What takes the lost server out of the way, out of the state, and out of what is trusted. */
export function oldServerWork({
  environment,
  given,
  story,
  files,
  progress,
  signal,
}: WorkProps): Pick<Record<StageId, StageWork>, 'fence' | 'forget' | 'aside'> {
  const { name, host } = environment;
  const { begun } = story;
  const { server } = begun.givenUp;
  const fenced = (): FenceProps => ({
    api: cherryApiHere(signal),
    changes: cherryChangesHere(signal),
    environment: name,
    hostName: host.name,
    projectId: host.kind === 'existing' ? 0 : host.projectId,
    server: server ?? 0,
    signal,
  });
  const resources = [serverAddress, 'null_resource.bootstrap', 'terraform_data.host_key_pin'];
  return {
    fence: {
      isDone: async () => {
        const { server: there, acts } = await lookAtFence(fenced());
        if (acts.length > 0) return undefined;
        return there === undefined ? 'the provider does not list it any more' : `it is ${there.state}`;
      },
      run: async () => (await fenceServer(fenced())).join('; '),
    },
    forget: {
      run: () =>
        whileLocked(progress, signal, () =>
          alone(`cogni rebuild ${name}`, async () => {
            const { at } = planTarget(name);
            await synthesizeHere();
            await initAt(at);
            const { ids } = await stateAt(at);
            const known = ids[serverAddress];
            if (known !== undefined && known !== String(server))
              return `the state has server ${known} by now`;
            const { recipients } = await planKeysOf(environment, given.settings);
            const backup = `${files}-state.age`;
            const taken = await forgetResources({ at, addresses: resources, backup, recipients });
            return taken.length === 0
              ? 'the state has no server'
              : `${taken.join(', ')}; the state of before: ${backup}`;
          }),
        ),
    },
    aside: {
      isDone: () => {
        const file = knownHostsFile(name);
        const pins = existsSync(file) ? tryReadPins(file, hostKeyAlias(name)) : undefined;
        const since = pins?.machine !== undefined && pins.machine !== String(server);
        return Promise.resolve(
          !existsSync(file)
            ? 'no key is pinned'
            : doneIn(story, 'aside') || since
              ? 'a key was pinned since'
              : undefined,
        );
      },
      run: () => {
        const kept = givenUpKeysFile(name, begun.id);
        renameSync(knownHostsFile(name), kept);
        return Promise.resolve(kept);
      },
    },
  };
}

/** What makes another one, up to a machine that has proven itself and has the name of the site. */
export function newServerWork(
  props: WorkProps,
): Pick<Record<StageId, StageWork>, 'plan' | 'provision' | 'bootstrap' | 'dns'> {
  const { environment, given, story, progress, signal } = props;
  const { name } = environment;
  const settingsOnly = given.settings === undefined ? {} : { settings: given.settings };
  const ordered = begunIn(story, 'provision');
  /** A plan that changes something, between the two stages that it is made and applied in. */
  let planned: string | undefined;
  return {
    plan: {
      run: async () => {
        const comment = `${props.files}-plan.md`;
        const request = { import: [], validFor: 24, comment, ...settingsOnly };
        // A killed run leaves Terraform to order the server by itself: until that has ended, the state does not know it.
        if (ordered) await stateIsFree(environment, progress, signal);
        const { document, exitCode } = await whileLocked(progress, signal, () =>
          planEnvironment(name, request, progress),
        );
        planned = undefined;
        if (exitCode === 0) return 'it changes nothing';
        const { file, apply } = document.plan;
        if (exitCode !== 10) throw needsAPerson(name, document.report.verdict, apply, comment);
        planned = file;
        return `${document.report.verdict}: ${comment}`;
      },
    },
    provision: {
      isDone: () => Promise.resolve(planned === undefined ? 'the plan changes nothing' : undefined),
      run: async () => {
        const words = { wipe: [], withoutBackup: [], ...settingsOnly };
        const { document } = await applyKept(name, planned ?? '', words, progress);
        return `server ${String(document.outputs['server_id'])} at ${String(document.outputs['address'])}`;
      },
    },
    bootstrap: {
      run: async () => {
        const target = await bootstrapTarget(name, {});
        await waitForBootstrap({ ...target.props, deadline: bootTime, progress });
        target.passed();
        const { address } = target.props.host;
        if (environment.rehearses !== undefined) return address;
        for (const domain of domainsOf(environment))
          progress.note(
            `point the A record of ${domain} at ${address}, where it does not follow by itself: the deploy waits for it`,
          );
        return address;
      },
    },
    dns: {
      isDone: () => leadsThere(environment),
      run: () => waitForNames(environment, props),
    },
  };
}

const needsAPerson = (name: string, verdict: string, apply: string, report: string): Failure =>
  new Failure({
    what: `the plan of ${name} does more than make a host (${verdict})`,
    state: `nothing was applied; its report is ${report}`,
    next: `read the report; when that is what is wanted: ${apply}`,
    exitCode: ExitCode.refused,
  });

/** Waits until no other run of Terraform holds the state: a plan of its own, which is thrown away, gets its lock. */
const stateIsFree = ({ name }: Environment, progress: Progress, signal: AbortSignal): Promise<void> =>
  whileLocked(progress, signal, () =>
    alone(`cogni rebuild ${name}`, async () => {
      const { at } = planTarget(name);
      await synthesizeHere();
      await initAt(at);
      await withMemoryFolder((folder) => planAt(at, join(folder, 'plan')));
    }),
  );

const domainsOf = ({ domain, www }: Environment): readonly string[] =>
  www ? [domain, `www.${domain}`] : [domain];

async function namesNow(
  environment: Environment,
): Promise<{ readonly wanted: string; readonly wrong: readonly string[] }> {
  const { address } = await findHost(environment);
  const lookup = lookupFrom(process.env['COGNI_DNS']);
  const asked = await Promise.all(
    domainsOf(environment).map(async (domain) => {
      const found = await addressesOf(domain, lookup).catch((): string[] => []);
      return found.length > 0 && found.every((each) => each === address)
        ? []
        : [`${domain} A ${address}    (now ${found.join(', ') || 'none'})`];
    }),
  );
  return { wanted: address, wrong: asked.flat() };
}

async function leadsThere(environment: Environment): Promise<string | undefined> {
  const { wanted, wrong } = await namesNow(environment);
  return wrong.length === 0 ? wanted : undefined;
}

async function waitForNames(environment: Environment, { progress, signal }: WorkProps): Promise<string> {
  const until = systemClock.monotonic() + dnsTime;
  for (let said = false; ; said = true) {
    const { wanted, wrong } = await namesNow(environment);
    if (wrong.length === 0) return wanted;
    if (!said) for (const record of wrong) progress.note(`waiting for the record: ${record}`);
    if (systemClock.monotonic() > until) {
      throw new Failure({
        what: `${environment.domain} does not lead to the new host`,
        faults: wrong,
        state: 'everything is on the new host but the release',
        next: 'set these records where the domain is looked after, and wait until the old ones have run out',
        exitCode: ExitCode.refused,
      });
    }
    await systemClock.sleep(5_000, signal);
  }
}
