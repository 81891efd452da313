import { z } from 'zod';
import type { Review } from '../review';
import { verdicts } from '../verdict';

/** Name and version of the format. A field that is added leaves it; one that goes or changes its meaning does not. */
export const reportFormat = 'cogni-review/1';

const verdict = z.enum(verdicts).describe('worst first in this list');
const shown = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('absent') }),
    z.object({ kind: z.literal('unknown') }),
    z.object({ kind: z.literal('sensitive') }),
    z.object({ kind: z.literal('secret'), name: z.string() }),
    z.object({
      kind: z.literal('value'),
      text: z.string().describe('a string as it is, anything else as JSON; may be cut'),
      characters: z.int().describe('length before it was cut'),
    }),
  ])
  .describe('unknown: only known after apply; secret: under the name of a secret');
const finding = z.object({ verdict, why: z.string() });
const change = z.object({
  verdict,
  address: z.string(),
  previousAddress: z.string().optional(),
  type: z.string(),
  actions: z.array(z.string()).describe('as the plan names them'),
  findings: z.array(finding).describe('worst first; the first one gives the verdict'),
  attributes: z.array(
    z.object({ path: z.string(), before: shown, after: shown, forcesReplacement: z.boolean() }),
  ),
  documents: z
    .array(z.object({ path: z.string(), diff: z.string(), note: z.string().optional() }))
    .describe('documents of machines, decoded and compared line by line'),
  consequence: z.object({
    lost: z.array(z.string()),
    stays: z.array(z.string()),
    first: z.array(z.string()),
  }),
  loss: z
    .object({ name: z.string(), disk: z.boolean() })
    .optional()
    .describe('what is wiped, replaced or destroyed, by the name to allow it by (cogni apply --wipe)'),
});
const price = z.number().nullable().optional().describe('null: nothing is paid; absent: not in the plan');

const report = z
  .object({
    format: z.literal(reportFormat),
    verdict,
    severity: z.enum(['nothing', 'safe', 'needs-review', 'destructive']),
    exitCode: z.int(),
    environment: z.string().optional(),
    commit: z.string().optional(),
    state: z.object({ serial: z.int().optional(), lineage: z.string().optional() }).optional(),
    planHash: z
      .string()
      .optional()
      .describe('SHA-256 in hex: of the plan in JSON (cogni review), or of the plan file (cogni plan)'),
    terraformVersion: z.string().optional(),
    counts: z.record(z.enum(verdicts), z.int()),
    changes: z.array(change).describe('worst first; what does not change is only counted'),
    drift: z.array(change).describe('what was changed outside Terraform'),
    outputs: z.array(
      z.object({ name: z.string(), actions: z.array(z.string()), before: shown, after: shown }),
    ),
    doubts: z.array(z.string()).describe('what makes the whole plan less than safe'),
    diagnostics: z
      .array(
        z.object({
          severity: z.string(),
          summary: z.string(),
          detail: z.string(),
          address: z.string().optional(),
        }),
      )
      .optional()
      .describe('absent: they were not handed in'),
    runtime: z
      .array(
        z.object({
          host: z.string(),
          outcome: z
            .enum(['compared', 'unknown', 'all-new', 'all-gone'])
            .describe('unknown: nothing is said, least of all that nothing changes'),
          why: z.string().optional(),
          changes: z.array(
            z.object({
              of: z.enum(['container', 'image', 'network', 'file', 'setting']),
              name: z.string().describe('of a setting this is all there is: never its value'),
              what: z.string(),
            }),
          ),
        }),
      )
      .optional()
      .describe('what would become of what runs on the hosts; absent: it was not handed in'),
    cost: z.array(
      z.object({
        address: z.string(),
        before: price,
        after: price,
        currency: z.string().optional(),
        cycle: z.string(),
      }),
    ),
    touches: z.array(z.tuple([z.string(), z.string()])).describe('what refers to what changes: from, to'),
  })
  .describe('What a plan will really do, worst first. Nothing in it is secret.');

export type JsonReport = z.infer<typeof report>;

/** The report as data: what is undefined is absent. Inside its parts JSON leaves that out by itself; a copy of all of them would take as long as the review. */
export const jsonReport = (review: Review): JsonReport =>
  Object.fromEntries(
    Object.entries({ format: reportFormat, ...review }).filter(([, part]) => part !== undefined),
  ) as JsonReport;

/** The JSON schema (draft 7) of {@link jsonReport}; published as `review/report.schema.json`. */
export const reportSchema = (): unknown => ({
  $id: 'https://cogni-infra.invalid/review/report.schema.json',
  ...z.toJSONSchema(report, { target: 'draft-7' }),
});
