import { load } from 'js-yaml';
import { z } from 'zod';
import { parseTemplate } from './expressions/template';

/**
 * A file of `.github/workflows` as GitHub reads it (GitHub documentation, "Workflow syntax for GitHub Actions"): every key that
 * ours have, and no other.
 */

/** A text with expressions, of which each can be read. */
const template = z.string().superRefine((text, context) => {
  try {
    parseTemplate(text);
  } catch (thrown) {
    context.addIssue({ code: 'custom', message: thrown instanceof Error ? thrown.message : String(thrown) });
  }
});

const concurrency = z.strictObject({ group: template, 'cancel-in-progress': z.boolean() });
const branches = z.strictObject({ branches: z.array(z.string()).min(1) });
/** As much of GitHub's patterns as ours use: a path as it stands, or all below a folder. */
const path = z.string().regex(/^[^*?+![\]]+(?:\/\*\*)?$/, 'is a pattern that is not known here');
const input = z.strictObject({
  description: z.string(),
  required: z.boolean(),
  type: z.enum(['string', 'choice']),
  options: z.array(z.string()).optional(),
});

const step = z
  .strictObject({
    name: z.string(),
    id: z.string().optional(),
    if: template.optional(),
    uses: z.string().optional(),
    with: z.record(z.string(), z.union([template, z.number(), z.boolean()])).default({}),
    env: z.record(z.string(), template).default({}),
    // Ours hold no expression: rule W06.
    run: z
      .string()
      .refine((text) => !text.includes('${{'), 'an expression stands in a script')
      .optional(),
  })
  .refine(({ uses, run }) => (uses === undefined) !== (run === undefined), 'either uses or run');

const job = z.strictObject({
  name: z.string(),
  needs: z.array(z.string()).default([]),
  if: template.optional(),
  'runs-on': z.literal('ubuntu-24.04'),
  'timeout-minutes': z.int().positive(),
  environment: template.optional(),
  permissions: z.record(z.string(), z.enum(['read', 'write'])),
  concurrency: concurrency.optional(),
  outputs: z.record(z.string(), template).default({}),
  steps: z.array(step).min(1),
});

const workflow = z
  .strictObject({
    name: z.string(),
    on: z.strictObject({
      pull_request: branches.optional(),
      push: branches.extend({ paths: z.array(path).min(1).optional() }).optional(),
      schedule: z.array(z.strictObject({ cron: z.string() })).optional(),
      workflow_dispatch: z.strictObject({ inputs: z.record(z.string(), input).default({}) }).optional(),
    }),
    permissions: z.strictObject({}),
    concurrency: concurrency.optional(),
    defaults: z.strictObject({ run: z.strictObject({ shell: z.literal('bash') }) }),
    jobs: z.record(z.string(), job),
  })
  .superRefine(({ jobs }, context) => {
    for (const [id, { needs }] of Object.entries(jobs)) {
      for (const need of needs)
        if (!Object.hasOwn(jobs, need))
          context.addIssue({ code: 'custom', message: `${id} needs ${need}, which is no job` });
      if (reaches(jobs, id, id)) context.addIssue({ code: 'custom', message: `${id} waits for itself` });
    }
  });

/** Whether a job waits for another one, by way of others too. */
function reaches(
  jobs: Readonly<Record<string, { readonly needs: readonly string[] }>>,
  from: string,
  to: string,
  seen: ReadonlySet<string> = new Set(),
): boolean {
  return (jobs[from]?.needs ?? []).some(
    (need) => need === to || (!seen.has(need) && reaches(jobs, need, to, new Set([...seen, need]))),
  );
}

export type WorkflowFile = z.infer<typeof workflow>;
export type FileJob = WorkflowFile['jobs'][string];
export type FileStep = FileJob['steps'][number];
export type FileConcurrency = z.infer<typeof concurrency>;

/** @throws Error with every key and expression that is not known here */
export function readWorkflowFile(file: string, text: string): WorkflowFile {
  const read = workflow.safeParse(load(text));
  if (read.success) return read.data;
  throw new Error(`${file} is not read here:\n${z.prettifyError(read.error)}`);
}
