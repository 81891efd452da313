/**
 * The second layer of the emulator: what a rented machine *is*, as opposed to what the API *says* about it
 * (docs/architecture.md, "Sandbox"). The API layer calls this interface; system containers implement it for the
 * sandbox, and an in-memory one for contract tests.
 */
export interface Machines {
  /**
   * Boots a new machine with an empty disk and returns once it has started (its cloud-init may still be running).
   * Creating a machine whose name exists already replaces it.
   */
  create(machine: MachineSpec): Promise<void>;
  /** Wipes the disk and boots again with new user-data, keys and host key; the address stays. */
  reinstall(machine: MachineSpec): Promise<void>;
  /** Ends it and deletes its disk. Removing one that is not there is no fault. */
  remove(serverId: number): Promise<void>;
  power(serverId: number, action: 'on' | 'off' | 'reboot'): Promise<void>;
  /** What the machine itself would say: undefined when there is none behind that id. */
  tryInspect(serverId: number): Promise<MachineFacts | undefined>;
}

export interface MachineSpec {
  readonly serverId: number;
  /** RFC 1123 host name. */
  readonly hostname: string;
  /** Image slug of the API's list; the double boots the same system for each and says so. */
  readonly image: string;
  /** Primary IPv4 address, from the sandbox network's range. */
  readonly address: string;
  /** Public keys in authorized_keys format, for root. */
  readonly authorizedKeys: readonly string[];
  /** Decoded user-data; undefined when none was given. */
  readonly userData: string | undefined;
  /** Faults of the machine itself, for tests of a bootstrap that fails. */
  readonly faults: readonly MachineFault[];
}

/** Something wrong with the machine that user-data will run on; armed through the control API before a create. */
export type MachineFault =
  /** A package that the bootstrap installs cannot be installed. */
  | 'broken-package'
  /** The disk is full before the bootstrap begins. */
  | 'full-disk'
  /** Something else already listens on ports 80 and 443. */
  | 'ports-taken';

export interface MachineFacts {
  readonly serverId: number;
  readonly hostname: string;
  readonly address: string;
  readonly running: boolean;
  /** Changes with each reinstall: what tells an emptied disk from the one before. */
  readonly diskGeneration: number;
}
