/**
 * The phases of a bootstrap in their order: `phases/<name>.sh` holds the function `phase_<name>` of each. The first
 * boot and `cogni host converge` run the same ones; each finds out what is missing, so that running one again where
 * all is as it should be changes nothing.
 */
export const phases = [
  /** Proves the machine's SSH host keys with the enrollment token, then erases the token. */
  'identity',
  /** Docker, Compose and the few other packages, from the distribution. */
  'packages',
  /** The engine's settings: bounded logs, containers that outlive a restart of the engine. */
  'docker',
  /** The network that the edge shares with whatever it proxies to. */
  'network',
  /** The user `deploy`, with the committed public keys and nothing else. */
  'users',
  /** What the deploys write to. */
  'directories',
  /** No root, no passwords, no forwarding of agents or X11. */
  'ssh',
  /** 22, 80 and 443, for Docker-published ports as well; loaded at each boot before the network is up. */
  'firewall',
  /** Unattended security upgrades, without reboots. */
  'upgrades',
  /** A swap file. */
  'swap',
  /** Bounds of the journal. */
  'journald',
  /** Starts the edge where it is not running; where it is, it is never touched. */
  'edge',
  /** Writes the marker that says so. */
  'finished',
] as const;

export type Phase = (typeof phases)[number];
