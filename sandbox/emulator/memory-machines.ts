import { createHash } from 'node:crypto';
import type { MachineFacts, Machines, MachineSpec } from './machines';

/** A machine that only exists in memory: enough of one to see what was done to it. */
export interface MemoryMachine extends MachineFacts {
  readonly image: string;
  readonly authorizedKeys: readonly string[];
  readonly userData: string | undefined;
  readonly faults: MachineSpec['faults'];
  /** Fingerprint of its SSH host key: another one after each wipe. */
  readonly hostKey: string;
  /** Changes with each boot. */
  readonly boot: number;
}

type Operation = 'create' | 'reinstall' | 'remove' | 'power';

/** Machines for contract tests: nothing is booted, everything is at once unless a test holds it up. */
export class MemoryMachines implements Machines {
  readonly #machines = new Map<number, MemoryMachine>();
  readonly #failures = new Map<Operation, string>();
  readonly #gates = new Map<Operation, Promise<void>>();
  #installations = 0;

  /** All machines that there are. */
  get all(): readonly MemoryMachine[] {
    return [...this.#machines.values()];
  }

  /** Lets the next such operation fail with this message. */
  failNext(operation: Operation, message: string): void {
    this.#failures.set(operation, message);
  }

  /** Lets every such operation wait until the returned function is called. */
  hold(operation: Operation): () => void {
    let open = (): void => undefined;
    this.#gates.set(operation, new Promise((resolve) => (open = resolve)));
    return () => {
      this.#gates.delete(operation);
      open();
    };
  }

  async create(machine: MachineSpec): Promise<void> {
    await this.#pass('create');
    this.#install(machine, 1);
  }

  async reinstall(machine: MachineSpec): Promise<void> {
    await this.#pass('reinstall');
    this.#install(machine, this.#existing(machine.serverId).diskGeneration + 1);
  }

  async remove(serverId: number): Promise<void> {
    await this.#pass('remove');
    this.#machines.delete(serverId);
  }

  async power(serverId: number, action: 'on' | 'off' | 'reboot'): Promise<void> {
    await this.#pass('power');
    const machine = this.#existing(serverId);
    const boots = action !== 'off' && (action === 'reboot' || !machine.running);
    this.#machines.set(serverId, {
      ...machine,
      running: action !== 'off',
      boot: machine.boot + (boots ? 1 : 0),
    });
  }

  tryInspect(serverId: number): Promise<MemoryMachine | undefined> {
    return Promise.resolve(this.#machines.get(serverId));
  }

  async #pass(operation: Operation): Promise<void> {
    await this.#gates.get(operation);
    const failure = this.#failures.get(operation);
    this.#failures.delete(operation);
    if (failure !== undefined) throw new Error(failure);
  }

  #existing(serverId: number): MemoryMachine {
    const machine = this.#machines.get(serverId);
    if (!machine) throw new Error(`there is no machine behind server ${serverId}`);
    return machine;
  }

  #install(spec: MachineSpec, diskGeneration: number): void {
    this.#installations += 1;
    const hostKey = createHash('sha256').update(`${spec.serverId} ${this.#installations}`).digest('base64');
    this.#machines.set(spec.serverId, {
      ...spec,
      running: true,
      diskGeneration,
      hostKey: `SHA256:${hostKey.replace(/=+$/, '')}`,
      boot: 1,
    });
  }
}
