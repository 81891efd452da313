import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, type Output } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { findTerraform, type TerraformBinary } from '../../../sandbox/terraform/binary';
import { terraformEnvironment } from '../../../sandbox/terraform/environment';
import { ensureMirror, providerChoice } from '../../../sandbox/terraform/mirror';
import { requirements } from '../../../sandbox/terraform/registry';
import type { LoggedRequest } from '../../../sandbox/emulator/request-log';
import { Rig, tokens } from '../emulator/rig';

/** A state as `show -json` prints it, as far as these tests look at it. */
export interface ShownState {
  readonly values?: {
    readonly root_module: {
      readonly resources?: readonly {
        readonly address: string;
        readonly tainted?: boolean;
        readonly values: Readonly<Record<string, unknown>>;
      }[];
    };
  };
}

/** A plan as `show -json` prints it, as far as these tests look at it. */
interface ShownPlan {
  readonly resource_changes?: readonly {
    readonly address: string;
    readonly change: { readonly actions: readonly string[] };
  }[];
}

/** The program that runs the stacks, in front of an emulator with machines in memory. */
export class World {
  #folders = 0;

  private constructor(
    readonly rig: Rig,
    readonly terraform: TerraformBinary,
    /** What the program needs in its environment to reach the emulator. */
    readonly environment: Readonly<Record<string, string>>,
  ) {}

  /**
   * With the stand-in; with the real provider where COGNI_SANDBOX_PROVIDER asks for it and the registry can be reached.
   *
   * @param more variables beside those of the sandbox
   */
  static async start(more: Readonly<Record<string, string>> = {}): Promise<World> {
    const terraform = await findTerraform(silent);
    const rig = await Rig.start();
    const caFile = join(rig.folder, 'authority.pem');
    writeFileSync(caFile, rig.authority.ca);
    const mirror = await ensureMirror({
      folder: join(rig.folder, 'terraform'),
      progress: silent,
      choice: providerChoice({ COGNI_SANDBOX_PROVIDER: 'stand-in', ...process.env }),
    });
    const environment = terraformEnvironment({
      cliConfig: mirror.cliConfig,
      proxyUrl: `http://127.0.0.1:${rig.emulator.ports.proxy}`,
      caFile,
      token: tokens.own,
      binary: terraform.path,
    });
    return new World(rig, terraform, { ...environment, ...more });
  }

  remove(): Promise<void> {
    return this.rig.remove();
  }

  /** A folder with a state of its own, initialised. */
  async stack(configuration: object): Promise<Stack> {
    const stack = new Stack(this, this.folder());
    stack.write(configuration);
    await stack.must('init', '-input=false');
    return stack;
  }

  /** Another one with the same providers, which spares the initialisation. */
  stackBeside(initialised: Stack, configuration: object): Stack {
    const stack = new Stack(this, this.folder());
    for (const name of ['.terraform', '.terraform.lock.hcl'])
      cpSync(join(initialised.folder, name), join(stack.folder, name), {
        recursive: true,
        verbatimSymlinks: true,
      });
    stack.write(configuration);
    return stack;
  }

  private folder(): string {
    this.#folders += 1;
    const folder = join(this.rig.folder, `stack-${this.#folders}`);
    mkdirSync(folder);
    return folder;
  }

  /** Runs the program in a folder. */
  async command(folder: string, args: readonly string[], signal?: AbortSignal): Promise<Output> {
    return run(
      {
        argv: [this.terraform.path, ...args],
        cwd: folder,
        env: { ...this.environment, TF_DATA_DIR: undefined, TF_CLI_ARGS: undefined, NO_COLOR: '1' },
        deadline: 50_000,
      },
      signal ? { signal } : {},
    );
  }

  /** Does something and gives what the emulator was asked meanwhile. */
  async asked(work: () => Promise<unknown>): Promise<readonly LoggedRequest[]> {
    const before = (await this.requests()).at(-1)?.n ?? 0;
    await work();
    return (await this.requests()).filter(({ n }) => n > before);
  }

  async requests(): Promise<readonly LoggedRequest[]> {
    return (await this.rig.control('GET', 'requests')) as LoggedRequest[];
  }
}

/** One configuration with its state. */
export class Stack {
  constructor(
    private readonly world: World,
    readonly folder: string,
  ) {}

  /** Replaces the configuration: Terraform's JSON, without the required providers. */
  write(configuration: object): void {
    writeFileSync(join(this.folder, 'main.tf.json'), JSON.stringify({ ...requirements, ...configuration }));
  }

  run(...args: readonly string[]): Promise<Output> {
    return this.world.command(this.folder, [args[0]!, '-no-color', ...args.slice(1)]);
  }

  /** Runs a command that has to succeed, and gives its output. */
  async must(...args: readonly string[]): Promise<string> {
    const output = await this.run(...args);
    if (output.code !== 0) throw new Error(`${args.join(' ')}: ${output.stdout}${output.stderr}`);
    return output.stdout;
  }

  apply(): Promise<string> {
    return this.must('apply', '-auto-approve', '-input=false');
  }

  /** Runs a command that has to fail, and gives what it says without the frame that it is printed in. */
  async mustFail(...args: readonly string[]): Promise<string> {
    const output = await this.run(...args);
    if (output.code === 0) throw new Error(`${args.join(' ')} succeeded: ${output.stdout}`);
    return (output.stdout + output.stderr).replace(/[│╷╵\s]+/g, ' ');
  }

  async show(): Promise<ShownState> {
    return JSON.parse(await this.must('show', '-json')) as ShownState;
  }

  /** Values of one resource in the state; undefined when it is not there. */
  async valuesOf(address: string): Promise<Readonly<Record<string, unknown>> | undefined> {
    const resources = (await this.show()).values?.root_module.resources ?? [];
    return resources.find((resource) => resource.address === address)?.values;
  }

  /** What a plan would do, by address; nothing for what stays as it is. And what the plan says. */
  async plan(): Promise<{
    readonly actions: Readonly<Record<string, readonly string[]>>;
    readonly said: string;
  }> {
    const output = await this.run('plan', '-input=false', '-out=plan.bin');
    if (output.code !== 0) throw new Error(output.stdout + output.stderr);
    const shown = JSON.parse(await this.must('show', '-json', 'plan.bin')) as ShownPlan;
    const changes = (shown.resource_changes ?? []).map(
      ({ address, change }) => [address, change.actions] as const,
    );
    return {
      actions: Object.fromEntries(changes.filter(([, actions]) => actions[0] !== 'no-op')),
      said: (output.stdout + output.stderr).replace(/[│╷╵\s]+/g, ' '),
    };
  }
}
