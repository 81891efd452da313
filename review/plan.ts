import { z } from 'zod';
import { isObject } from './tree';
import { UnreadablePlan } from './unreadable';

/**
 * A plan as `terraform show -json <planfile>` prints it, as far as a review reads it. Source: HashiCorp, "JSON Output
 * Format" (Terraform 1.11); OpenTofu 1.12 prints the same.
 */
const changeShape = z.looseObject({
  actions: z.array(z.string()).min(1),
  // What is only known after apply is missing from `after`, all of it for an output.
  before: z.unknown().optional(),
  after: z.unknown().optional(),
  after_unknown: z.unknown().optional(),
  before_sensitive: z.unknown().optional(),
  after_sensitive: z.unknown().optional(),
  replace_paths: z.array(z.array(z.union([z.string(), z.number()]))).optional(),
  importing: z.looseObject({ id: z.string().optional() }).nullish(),
});

const resourceChangeShape = z.looseObject({
  address: z.string().min(1),
  previous_address: z.string().optional(),
  mode: z.enum(['managed', 'data']),
  type: z.string().min(1),
  name: z.string(),
  provider_name: z.string().optional(),
  deposed: z.string().optional(),
  action_reason: z.string().optional(),
  change: changeShape,
});

interface Module {
  readonly resources?:
    | readonly {
        readonly address: string;
        readonly expressions?: Readonly<Record<string, unknown>> | undefined;
        readonly provisioners?: readonly { readonly type: string }[] | undefined;
      }[]
    | undefined;
  readonly module_calls?: Readonly<Record<string, { readonly module?: Module | undefined }>> | undefined;
}

const moduleShape: z.ZodType<Module> = z.lazy(() =>
  z.looseObject({
    resources: z
      .array(
        z.looseObject({
          address: z.string(),
          expressions: z.record(z.string(), z.unknown()).optional(),
          provisioners: z.array(z.looseObject({ type: z.string() })).optional(),
        }),
      )
      .optional(),
    module_calls: z.record(z.string(), z.looseObject({ module: moduleShape.optional() })).optional(),
  }),
);

const planShape = z.looseObject({
  format_version: z.string(),
  terraform_version: z.string().optional(),
  resource_changes: z.array(resourceChangeShape).optional(),
  resource_drift: z.array(resourceChangeShape).optional(),
  deferred_changes: z.array(z.looseObject({ reason: z.string().optional() })).optional(),
  // Pairs: a record of zod's leaves out the name `__proto__`, which Terraform allows.
  output_changes: z.preprocess(
    (outputs) => (isObject(outputs) ? Object.entries(outputs) : outputs),
    z.array(z.tuple([z.string(), changeShape])).optional(),
  ),
  configuration: z
    .looseObject({
      provider_config: z
        .record(
          z.string(),
          z.looseObject({ full_name: z.string().optional(), version_constraint: z.string().optional() }),
        )
        .optional(),
      root_module: moduleShape.optional(),
    })
    .optional(),
  // Only the addresses in them are looked at.
  planned_values: z.unknown().optional(),
  prior_state: z.unknown().optional(),
  applyable: z.boolean().optional(),
  errored: z.boolean().optional(),
  complete: z.boolean().optional(),
});

export type Plan = z.infer<typeof planShape>;
export type ResourceChange = z.infer<typeof resourceChangeShape>;
export type Change = z.infer<typeof changeShape>;

/** Formats that this review was written for: major 1, minor up to this. */
const knownMinor = 2;

const show = 'make it with: terraform show -json <planfile> > plan.json';

/** At most this many faults are listed of a file that is not of the shape. */
const mostFaults = 10;

/**
 * Reads a plan.
 *
 * @param text the whole file
 * @throws UnreadablePlan when it is cut off, something else, or of a format that is not known
 */
export function readPlan(text: string): Plan {
  const document = parsed(text.replace(/^\uFEFF/, ''));
  requireShallow(document);
  requireKnownFormat(document);
  const read = planShape.safeParse(document);
  if (!read.success) {
    const faults = read.error.issues.map(
      ({ path, message }) => `${path.join('.') || 'the file'}: ${message}`,
    );
    throw new UnreadablePlan(
      'the file is not a plan as Terraform prints it',
      show,
      faults.length > mostFaults
        ? [...faults.slice(0, mostFaults), `and ${faults.length - mostFaults} more`]
        : faults,
    );
  }
  return read.data;
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  if (text.trim() === '') throw new UnreadablePlan('the plan file is empty', show);
  if (text.startsWith('PK'))
    throw new UnreadablePlan("the file is Terraform's own plan file, not its JSON", show);
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    if (/^\{"@level"/.test(text))
      throw new UnreadablePlan(
        'these are the messages of plan -json, not the plan',
        `hand them in as diagnostics, and the plan as the plan: ${show}`,
      );
    throw new UnreadablePlan(
      `the plan file is not complete JSON (${text.length} characters): cut off, or something else`,
      show,
    );
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw new UnreadablePlan('the plan file holds no JSON object', show);
  return document as Readonly<Record<string, unknown>>;
}

/** Deeper than any plan of Terraform; what walks through values walks no deeper. */
const deepest = 200;

function requireShallow(value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > deepest)
    throw new UnreadablePlan(`the plan file is nested more than ${deepest} levels deep, as no plan is`, show);
  for (const each of Object.values(value)) requireShallow(each, depth + 1);
}

function requireKnownFormat(document: Readonly<Record<string, unknown>>): void {
  const version = document['format_version'];
  if (typeof version !== 'string')
    throw new UnreadablePlan('the file has no format_version, so it is no plan of Terraform', show);
  const [, major, minor] = /^(\d+)\.(\d+)$/.exec(version) ?? [];
  if (major !== '1' || Number(minor) > knownMinor)
    throw new UnreadablePlan(
      `the plan has format ${JSON.stringify(version)}; known are 1.0 to 1.${knownMinor}`,
      'review it with a release that knows this format, or plan with a Terraform that prints a known one (1.1 and later)',
    );
  const parts = ['resource_changes', 'planned_values', 'configuration'];
  if (parts.some((part) => part in document)) return;
  throw new UnreadablePlan(
    'values' in document || 'provider_schemas' in document
      ? "the file is a state or a provider's schema, not a plan"
      : `the file has none of ${parts.join(', ')}, so it is no plan`,
    show,
  );
}

/** A resource of the configuration. */
export interface ConfiguredResource {
  /** By attribute; what is set to nothing is not among them. */
  readonly expressions: Readonly<Record<string, unknown>>;
  readonly provisioners: readonly string[];
}

/** Every resource of the configuration, modules included, by its address without instance keys. */
export function configuredResources(plan: Plan): ReadonlyMap<string, ConfiguredResource> {
  const found = new Map<string, ConfiguredResource>();
  const visit = (module: Module | undefined, prefix: string): void => {
    for (const { address, expressions, provisioners } of module?.resources ?? [])
      found.set(prefix + address, {
        expressions: Object.fromEntries(
          Object.entries(expressions ?? {}).filter(([, each]) => !isNothing(each)),
        ),
        provisioners: (provisioners ?? []).map(({ type }) => type),
      });
    for (const [name, call] of Object.entries(module?.module_calls ?? {}))
      visit(call.module, `${prefix}module.${name}.`);
  };
  visit(plan.configuration?.root_module, '');
  return found;
}

/** `user_data = null`: as if it were not written. */
const isNothing = (expression: unknown): boolean =>
  typeof expression === 'object' &&
  expression !== null &&
  'constant_value' in expression &&
  expression.constant_value === null &&
  !('references' in expression);

/** An address without the keys of `count` and `for_each`, which may hold any text in quotes. */
export const withoutKeys = (address: string): string => address.replace(/\[(?:\d+|"(?:[^"\\]|\\.)*")\]/g, '');
