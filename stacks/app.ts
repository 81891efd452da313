import { join, relative } from 'node:path';
import { Annotations, App, type TerraformStack } from 'cdktf';
import { Failure } from '../foundation/failure';
import { AddressStack } from '../infra/address-stack';
import { backendBlock, stateKey, type BackendBlock } from '../infra/backend';
import { HostStack } from '../infra/host-stack';
import { RefusedStack } from '../infra/refused-stack';
import { addressStackId, stackFolder } from '../infra/stack-folder';
import type { Environment, ResolvedCherryHost } from './environment';
import { isSound, refusalOf, type Examined, type Surroundings } from './load';

export interface AppProps {
  /** Where CDKTF wants the synthesized stacks: an absolute path. */
  readonly outputFolder: string;
  readonly examined: readonly Examined[];
  readonly surroundings: Surroundings;
  /** The cloud-init document of a host. @throws Failure when it cannot be rendered */
  readonly userData: (environment: Environment, host: ResolvedCherryHost) => string;
  /** Folder of an environment's local files. */
  readonly environmentFolder: (name: string) => string;
  /** Said once where there is a stack that Terraform could work on: a missing token, a missing program. */
  readonly warnings: readonly string[];
}

/** A stack of the synthesized app. */
export interface SynthesizedStack {
  readonly id: string;
  /** Name of its environment. */
  readonly environment: string;
  /** The folder that Terraform runs in. */
  readonly folder: string;
  readonly kind: 'host' | 'address' | 'refused';
}

/**
 * Writes the stacks of all environments: `<env>` for its host, `<env>-address` for its floating address. An environment
 * with a host that exists already has none: nothing is provisioned. One with faults has stacks that refuse everything.
 *
 * Paths in them are relative to the stack's folder, so that the same records give the same bytes in every checkout.
 */
export function synthesize(props: AppProps): readonly SynthesizedStack[] {
  const app = new App({ outdir: props.outputFolder, stackTraces: false });
  const stacks = props.examined.flatMap((examined) => {
    try {
      return addStacks(app, examined, props);
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      return addRefusals(app, examined, thrown.message, props);
    }
  });
  const [first] = stacks.filter(({ kind }) => kind !== 'refused');
  if (first)
    for (const warning of props.warnings) Annotations.of(app.node.findChild(first.id)).addWarning(warning);
  app.synth();
  return stacks;
}

function addStacks(app: App, examined: Examined, props: AppProps): readonly SynthesizedStack[] {
  if (!isSound(examined)) throw refusalOf(examined.name, examined.faults, props.surroundings);
  const { environment } = examined;
  const { host } = environment;
  if (host.kind === 'existing') return [];
  // Before any stack is made, so that one that cannot be rendered leaves none behind.
  const userData = props.userData(environment, host);

  const made: SynthesizedStack[] = [];
  const added = (stack: TerraformStack, kind: 'host' | 'address'): void => {
    const { id } = stack.node;
    made.push({ id, kind, environment: environment.name, folder: stackFolder(props.outputFolder, id) });
  };
  let address: AddressStack | undefined;
  if (host.floatingAddress) {
    address = new AddressStack(app, {
      environment: environment.name,
      backend: backendOf(environment, addressStackId(environment.name), props),
      projectId: host.projectId,
      region: host.region,
      preventDestroy: environment.policies.protected,
    });
    added(address, 'address');
  }
  const folder = stackFolder(props.outputFolder, environment.name);
  const stack = new HostStack(app, {
    environment: environment.name,
    backend: backendOf(environment, environment.name, props),
    host: {
      hostName: host.name,
      projectId: host.projectId,
      plan: host.plan,
      region: host.region,
      image: host.image,
      tags: { environment: environment.name },
    },
    // Cherry takes a key once, and the living host's stack has it; the bootstrap brings it to the host in any case.
    ...(environment.rehearses === undefined ? { deployKey: host.deployKey } : {}),
    userData,
    preventDestroy: environment.policies.protected,
    launcher: relative(folder, join(props.surroundings.checkout, 'cogni')),
    knownHosts: relative(folder, join(props.environmentFolder(environment.name), 'known_hosts')),
    ...(address === undefined ? {} : { floatingAddress: address.floatingAddress }),
  });
  added(stack, 'host');
  return made;
}

function addRefusals(
  app: App,
  { name, record }: Examined,
  refusal: string,
  props: AppProps,
): readonly SynthesizedStack[] {
  const { host } = record;
  if (host.kind === 'existing') return [];
  const ids = host.floatingAddress ? [addressStackId(name), name] : [name];
  return ids.map((id) => {
    new RefusedStack(app, id, refusal, { announce: id === name });
    return { id, kind: 'refused', environment: name, folder: stackFolder(props.outputFolder, id) };
  });
}

function backendOf(environment: Environment, stackId: string, props: AppProps): BackendBlock {
  const folder = stackFolder(props.outputFolder, stackId);
  return backendBlock(environment.state, stateKey(stackId), (local) =>
    // Absolute where the sandbox says so, relative to the checkout in a record.
    relative(folder, join(local.startsWith('/') ? '' : props.surroundings.checkout, local)),
  );
}
