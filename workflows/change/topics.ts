/** Something about how deployments behave, and the pages that say how (dreichor-deployment-model, "Closing Rule"). */
export interface Topic {
  /** One word, for the trailer of a commit: `No-document: edge: …`. */
  readonly name: string;
  /** Files and folders (these end with /) of the checkout. The longest one that fits a path decides whose it is. */
  readonly sources: readonly string[];
  /** Pages that tell it. A change of the sources changes one of them, at least. */
  readonly documents: readonly string[];
}

/** Which sources belong to which pages. A test holds both against the checkout. */
export const topics: readonly Topic[] = [
  {
    name: 'deploy',
    // What no other topic claims of these folders is about deploys: a new strategy or agent is never without a page.
    sources: ['deploy/', 'services/runtime/', 'services/deploy-hooks.ts', 'services/app-contract.ts'],
    documents: ['docs/deploy.md', 'docs/operations.md'],
  },
  {
    name: 'policies',
    sources: ['stacks/environment.ts', 'stacks/environments.ts', 'stacks/rules.ts'],
    documents: ['docs/deploy.md', 'docs/workflows.md', 'docs/architecture.md'],
  },
  {
    name: 'operations',
    sources: [
      'deploy/identity/',
      'deploy/journal/',
      'deploy/lock/',
      'deploy/status/',
      'deploy/timeline/',
      'deploy/exec.ts',
      'deploy/hooks.ts',
      'deploy/logs.ts',
      'deploy/maintenance.ts',
    ],
    documents: ['docs/operations.md'],
  },
  { name: 'images', sources: ['deploy/artifact/'], documents: ['docs/workflows.md'] },
  {
    name: 'backup',
    sources: [
      'deploy/backup/',
      'services/archive/',
      'services/database/image/',
      'services/database/image-version.ts',
    ],
    documents: ['docs/backup.md'],
  },
  // What is released by itself, beside the application: the image of the database, and SourceCred's runner.
  {
    name: 'releases',
    sources: ['deploy/image-release/'],
    documents: ['docs/backup.md', 'docs/sourcecred.md'],
  },
  { name: 'recovery', sources: ['recovery/'], documents: ['docs/recovery.md', 'docs/operations.md'] },
  { name: 'edge', sources: ['deploy/edge/', 'services/edge/'], documents: ['docs/edge.md'] },
  { name: 'diff', sources: ['deploy/diff/'], documents: ['docs/render.md'] },
  {
    name: 'sourcecred',
    sources: ['services/sourcecred/'],
    documents: ['docs/sourcecred.md'],
  },
  { name: 'database', sources: ['services/database/'], documents: ['docs/database.md'] },
  {
    name: 'hosts',
    sources: ['bootstrap/', 'deploy/host/', 'services/host-layout.ts'],
    documents: ['docs/bootstrap.md', 'docs/hosts.md', 'docs/architecture.md'],
  },
  { name: 'plan', sources: ['infra/plan/', 'infra/cherry/'], documents: ['docs/plan.md'] },
  { name: 'review', sources: ['review/'], documents: ['docs/review.md'] },
  { name: 'workflows', sources: ['workflows/', '.github/workflows/'], documents: ['docs/workflows.md'] },
];

/** Whose a path is; undefined for what no page is about. */
export function topicOf(path: string): Topic | undefined {
  const claims = topics.flatMap((topic) =>
    topic.sources.filter((source) => fits(path, source)).map((source) => ({ topic, source })),
  );
  return claims.sort((one, other) => other.source.length - one.source.length)[0]?.topic;
}

const fits = (path: string, source: string): boolean =>
  source.endsWith('/') ? path.startsWith(source) : path === source;
