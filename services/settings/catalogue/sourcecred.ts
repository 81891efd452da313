import { z } from 'zod';
import type { Setting } from '../setting';

/** SourceCred, a project of its own: its settings never hold a deploy of the application up. */
export const sourcecredSettings = {
  SOURCECRED_GITHUB_TOKEN: {
    description:
      'Classic GitHub token with which SourceCred reads the repositories; it needs no scope for public ones',
    kind: 'secret',
    required: true,
    scope: 'environment-secret',
    // SourceCred 0.11.2 takes no fine-grained token (github_pat_…), and prints what it does not take.
    format: z
      .string()
      .regex(
        /^(?:gh[pousr]_[A-Za-z0-9_]{16,255}|[A-Fa-f0-9]{40})$/,
        'is not a GitHub token that SourceCred takes: ghp_ and the like, and no fine-grained one',
      )
      .describe('classic GitHub token'),
    consumers: ['sourcecred/sourcecred'],
  },
} as const satisfies Readonly<Record<string, Setting>>;
