/** Where the bootstrap puts things on a host. Changing one of these is a change on every living host. */
export const hostLayout = {
  /** The user that deploys log in as: member of group docker, hence as good as root. */
  user: 'deploy',
  /** The script, its settings and the edge's files as rendered. */
  bootstrap: '/opt/cogni/bootstrap',
  /** Runs the phases: `run`, `check`. */
  script: '/opt/cogni/bootstrap/bootstrap.sh',
  /** Compose project `cogni-edge`, as it runs. */
  edge: '/opt/cogni/edge',
  /** Compose project `cogni-runtime`. */
  runtime: '/opt/cogni/runtime',
  /** What outlives a deploy and belongs to it: journal, lock, records. Writable by the deploy user. */
  deployState: '/var/lib/cogni/deploy',
  /** JSON, written when the bootstrap has done all of it. */
  ok: '/var/lib/cogni/bootstrap.ok',
  /** JSON, written when a phase failed; in {@link hostLayout.memory} where the disk took nothing. */
  fail: '/var/lib/cogni/bootstrap.fail',
  /** Lines `<type> <base64> <hmac>`, one a host key; in {@link hostLayout.memory} where the disk took nothing. */
  proof: '/var/lib/cogni/host-key.proof',
  /** The one-time token, from the first write_files to the first phase. */
  enrollment: '/var/lib/cogni/enrollment',
  log: '/var/log/cogni-bootstrap.log',
  /** A tmpfs: the same log and markers, when the disk is full; the lock that a run holds. */
  memory: '/run/cogni',
  /** Taken by whoever runs the phases or changes them. */
  lock: '/run/cogni/lock',
} as const;
