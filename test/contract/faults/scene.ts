import { join } from 'node:path';
import { readDiagnostics, readPlan, reviewPlan, type Verdict } from '../../../review';
import { tryReadFile } from '../../../foundation/files';
import { World, type Stack } from '../provider/run';
import { key, server, withServer } from '../provider/configuration';
import { keyTexts } from '../emulator/rig';
import { faultModes, namesIn } from '../../../sandbox/emulator/fault-modes';

/** A server as the control API shows it: what the API says, and what the machine is. */
export interface Host {
  readonly api: {
    readonly id: number;
    readonly hostname: string;
    readonly state: string;
    readonly status: string;
    readonly power: string;
    readonly address?: string;
  };
  /** Null when there is none. */
  readonly machine: {
    readonly address: string;
    readonly running: boolean;
    readonly diskGeneration: number;
    readonly hostKey: string;
    readonly authorizedKeys: readonly string[];
  } | null;
}

/** What a plan would do. */
export interface Planned {
  /** By address of the resource; what stays is not there. */
  readonly actions: Readonly<Record<string, readonly string[]>>;
  /** Names of outputs that change. */
  readonly outputs: readonly string[];
  /** Everything that Terraform said, in one line. */
  readonly said: string;
  /** What the review says of it. */
  readonly verdict: Verdict;
}

interface ShownPlan {
  readonly resource_changes?: readonly {
    readonly address: string;
    readonly change: { readonly actions: readonly string[] };
  }[];
  readonly output_changes?: Readonly<Record<string, { readonly actions: readonly string[] }>>;
}

interface StateFile {
  readonly resources: readonly {
    readonly type: string;
    readonly name: string;
    readonly instances: readonly {
      readonly status?: string;
      readonly attributes: Readonly<Record<string, unknown>>;
    }[];
  }[];
  readonly outputs: Readonly<Record<string, { readonly value: unknown }>>;
}

type Named = Readonly<Record<string, unknown>>;

/** What a fault meets. */
export interface Given {
  /** Number of the fault mode, and its variant. */
  readonly mode: number;
  readonly variant: string;
  /** Configuration that is applied before the fault is injected. @default nothing is there */
  readonly applied?: object;
  /** Configuration when the fault is met. @default the applied one, else a key and a server */
  readonly wanted?: object;
}

/** A fault that was injected. */
export interface Met {
  readonly scene: Scene;
  readonly stack: Stack;
  /** The servers before it was. */
  readonly before: readonly Host[];
}

/** Address of the floating address. */
export const edge = 'cherryservers_ip.edge';

/** Terraform and the emulator, and the hands of a test on both. */
export class Scene {
  private constructor(
    readonly world: World,
    private readonly template: Stack,
  ) {}

  /** The stand-in's clock runs a thousand times as fast; the emulator's stands. */
  static async start(): Promise<Scene> {
    const world = await World.start({ COGNI_STAND_IN_CLOCK_SPEED: '1000' });
    return new Scene(world, await world.stack(withServer()));
  }

  /**
   * Makes what an outcome begins with, and injects its fault.
   *
   * @param early done before that, with the configuration that is wanted
   */
  async meet(
    { mode, variant, applied, wanted }: Given,
    early?: (stack: Stack) => Promise<unknown>,
  ): Promise<Met> {
    await this.world.rig.control('POST', 'reset');
    const stack = this.world.stackBeside(this.template, applied ?? wanted ?? withServer());
    if (applied) await stack.apply();
    if (early) {
      if (wanted) stack.write(wanted);
      await early(stack);
    }
    const before = await this.hosts();
    await this.inject(mode, variant, await this.named(stack, variant));
    if (wanted) stack.write(wanted);
    await this.control('DELETE', 'requests');
    return { scene: this, stack, before };
  }

  /** Injects a fault mode as anybody can through the control API. */
  private async inject(number: number, variant: string, named: Named): Promise<void> {
    const orders = faultModes.find((mode) => mode.number === number)?.variants[variant] ?? [];
    const needed = namesIn(orders).map((name) => [name, named[name]]);
    await this.control('POST', `fault-modes/${number}`, { variant, ...Object.fromEntries(needed) });
  }

  /** What a fault mode may be about, by name. */
  private async named(stack: Stack, variant: string): Promise<Named> {
    return {
      server: (await this.hosts())[0]?.api.id,
      address: this.inState(stack, edge)?.values['id'],
      token: 'own',
      team: 94000,
      // A twin has one of both with ours in common.
      label: variant === 'text' ? 'somebody else' : key.name,
      key: variant === 'text' ? key.public_key : keyTexts[1],
      plan: server.plan,
      region: server.region,
      image: server.image,
    };
  }

  control = (method: string, path: string, body?: unknown): Promise<unknown> =>
    this.world.rig.control(method, path, body);

  /** All servers of the account, oldest first. */
  async hosts(): Promise<readonly Host[]> {
    return (await this.control('GET', 'machines')) as readonly Host[];
  }

  /** The one server that there is. */
  async host(): Promise<Host> {
    const hosts = await this.hosts();
    if (hosts.length !== 1) throw new Error(`there are ${hosts.length} servers`);
    return hosts[0]!;
  }

  /** The calls that were made, as `METHOD path`; `asked(/state/)` = those that match. */
  async asked(pattern: RegExp): Promise<readonly string[]> {
    return (await this.world.requests())
      .map(({ method, path }) => `${method} ${path}`)
      .filter((line) => pattern.test(line));
  }

  /** What the state file holds of a resource. */
  inState(
    stack: Stack,
    address: string,
  ): { readonly tainted: boolean; readonly values: Readonly<Record<string, unknown>> } | undefined {
    const found = stateOf(stack)?.resources.find(({ type, name }) => `${type}.${name}` === address);
    const [instance] = found?.instances ?? [];
    return instance && { tainted: instance.status === 'tainted', values: instance.attributes };
  }

  output = (stack: Stack, name: string): unknown => stateOf(stack)?.outputs[name]?.value;

  /** Plans, and reviews the plan. */
  async plan(stack: Stack): Promise<Planned> {
    const messages = await stack.must('plan', '-json', '-input=false', '-out=plan.bin');
    const text = await stack.must('show', '-json', 'plan.bin');
    const shown = JSON.parse(text) as ShownPlan;
    const diagnostics = readDiagnostics(messages);
    const { verdict } = reviewPlan({ plan: readPlan(text), diagnostics, now: 0 });
    const changes = (shown.resource_changes ?? [])
      .map(({ address, change }) => [address, change.actions] as const)
      .filter(([, [action]]) => action !== 'no-op');
    const outputs = Object.entries(shown.output_changes ?? {})
      .filter(([, { actions }]) => actions[0] !== 'no-op')
      .map(([name]) => name);
    const said = diagnostics.map(({ summary, detail }) => `${summary} ${detail}`).join(' ');
    return { actions: Object.fromEntries(changes), outputs, said, verdict };
  }

  /** Applies, which has to fail; gives what was said. */
  failedApply = (stack: Stack): Promise<string> => stack.mustFail('apply', '-auto-approve', '-input=false');

  /** Plans, which has to fail; gives what was said. */
  failedPlan = (stack: Stack, ...words: readonly string[]): Promise<string> =>
    stack.mustFail('plan', '-input=false', ...words);

  remove(): Promise<void> {
    return this.world.remove();
  }
}

function stateOf({ folder }: Stack): StateFile | undefined {
  const text = tryReadFile(join(folder, 'terraform.tfstate'));
  return text === undefined ? undefined : (JSON.parse(text) as StateFile);
}
