/** Names on a host that several parts must agree on. A changed one is a move on every living host. */
export const hostLayout = {
  edge: { project: 'cogni-edge', folder: '/opt/cogni/edge' },
  runtime: { project: 'cogni-runtime', folder: '/opt/cogni/runtime' },
  sourcecred: { project: 'cogni-sourcecred', folder: '/opt/cogni/sourcecred' },
  /** What outlives a deploy and belongs to it: journal, lock, records. */
  deployState: '/var/lib/cogni/deploy',
  /** The Docker network that the bootstrap makes and that edge and runtime share. */
  network: 'cogni-edge',
  /** In the edge's folder: the file that names the app that gets the requests. Replaced by rename, never in place. */
  activeUpstream: 'caddy/upstream/active',
  /** Beside it: the site is under maintenance for as long as there is such a file. */
  maintenance: 'caddy/upstream/maintenance',
} as const;

/** What {@link hostLayout.activeUpstream} holds until the first deploy. */
export const noUpstream = 'none';
