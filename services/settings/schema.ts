import { z } from 'zod';
import { app as application } from '../app-contract';
import {
  declarationOf,
  distinctRoles,
  isOfShellAlone,
  settingNames,
  settingsFor,
  type SettingName,
} from './catalogue';
import { isPlaceholder } from './placeholder';
import { requirementText, whyRequired } from './requirement';
import type { Format, Purpose, Requirement } from './setting';

/**
 * The catalogue as schemas of zod: of what a purpose reads, and of a file of settings. Both say everything that is wrong at once, and
 * every message is one that goes after the name of its setting and holds no value.
 */

export type FaultKind =
  | 'missing'
  | 'empty'
  | 'malformed'
  | 'too short'
  | 'placeholder'
  | 'same role'
  | 'same database'
  /** One thing under two names, and not the same. */
  | 'two values'
  /** Named in a file, and not in the catalogue. */
  | 'undeclared'
  /** Kept in a file, although it is made from others, or nobody would read it there. */
  | 'stored';

/** What goes with an issue whose code does not tell what is wrong. */
const told = (kind: FaultKind): { readonly kind: FaultKind } => ({ kind });

/** The kind of an issue. */
export function kindOf(issue: z.core.$ZodIssue): FaultKind {
  switch (issue.code) {
    case 'custom':
      return (issue.params as { readonly kind?: FaultKind } | undefined)?.kind ?? 'malformed';
    case 'invalid_type':
      return 'missing';
    case 'too_small':
      return 'too short';
    case 'unrecognized_keys':
      return 'undeclared';
    default:
      return 'malformed';
  }
}

type Field = z.ZodType<string | undefined>;

/** One field a setting, in the order of the names. */
const fieldsOf = (
  names: readonly SettingName[],
  field: (name: SettingName) => Field,
): Readonly<Record<string, Field>> => Object.fromEntries(names.map((name) => [name, field(name)]));

/**
 * What a purpose reads: one field for each setting, with its format, there or absent as the catalogue asks for; and what holds between
 * several: what is required beside another one, and what must differ. What else the source has is left out of the result.
 *
 * @param needed settings of that purpose that must be there as well, although the catalogue calls them optional: which
 *   services run is decided elsewhere
 * @param unused settings of that purpose that nobody will read, whatever they hold: of another kind of state, say
 */
export function settingsSchema(
  purpose: Purpose,
  needed: readonly SettingName[] = [],
  unused: readonly SettingName[] = [],
): ReturnType<typeof makeSchema> {
  const key = [purpose, ...needed, 'without', ...unused].join(' ');
  const schema = schemas.get(key) ?? makeSchema(purpose, needed, unused);
  schemas.set(key, schema);
  return schema;
}

/** Each is made once in the life of a process: of hundreds of parts, it costs more than what is read with it. */
const schemas = new Map<string, ReturnType<typeof makeSchema>>();

function makeSchema(purpose: Purpose, needed: readonly SettingName[], unused: readonly SettingName[]) {
  const names = settingsFor(purpose).filter((name) => !unused.includes(name));
  const requirement = (name: SettingName): Requirement =>
    needed.includes(name) ? true : declarationOf(name).required;
  return z
    .object(fieldsOf(names, (name) => fieldOf(name, requirement(name))))
    .superRefine((values, context) => {
      for (const name of names) {
        const why = whyRequired(requirement(name), values);
        // One that is always required is missed by its own field, and an empty one is there.
        if (why && values[name] === undefined)
          context.addIssue({
            code: 'custom',
            path: [name],
            message: missing(name, why),
            params: told('missing'),
          });
      }
    }, asked)
    .superRefine(addClashes, asked);
}

/** What holds between settings, of those that are sound by themselves. */
function addClashes(values: Readonly<Record<string, string | undefined>>, context: z.RefinementCtx): void {
  const unsound = new Set(context.issues.map(({ path }) => path?.[0]));
  const sound = (name: SettingName): string | undefined => (unsound.has(name) ? undefined : values[name]);
  for (const { setting, kind, problem } of clashes(sound))
    context.addIssue({ code: 'custom', path: [setting], message: problem, params: told(kind) });
}

/** What holds between settings is looked at whatever is wrong with single ones: all faults at once. */
const asked = { when: (): boolean => true };

/**
 * A file of settings, however complete: what stands in it has its format, is declared, and is kept nowhere else.
 */
export const settingsFileSchema = (): ReturnType<typeof makeFileSchema> => (fileSchema ??= makeFileSchema());

let fileSchema: ReturnType<typeof makeFileSchema> | undefined;

const makeFileSchema = () =>
  z.strictObject(fieldsOf(settingNames, fileFieldOf), undeclared).superRefine(addClashes, asked);

const undeclared = 'is no setting: see ./cogni settings list';

function fileFieldOf(name: SettingName): Field {
  if (isOfShellAlone(name)) return stored('is read from the shell alone: take it out, and export it there');
  switch (declarationOf(name).scope) {
    case 'derived':
      return stored('is composed from other settings: take it out');
    case 'release':
      return stored('is what a deploy finds out by itself: take it out');
    case 'environment-record':
      return stored('stands in stacks/environments.ts: take it out');
    default:
      // Whatever it is for: somebody will read it one day, and nobody wrote it to be wrong.
      return fieldOf(name, false);
  }
}

/** A field that no file has. */
const stored = (problem: string): Field =>
  z
    .string()
    .refine(() => false, { error: problem, params: told('stored') })
    .optional();

/** A setting by itself: {@link valueOf}, or absent where it need not be there by itself. */
function fieldOf(name: SettingName, required: Requirement): Field {
  if (required === true) return valueOf(name, 'is empty');
  const outside =
    required === false ? 'leave it out instead' : `required ${requirementText(required)}, left out otherwise`;
  return valueOf(name, `is empty: ${outside}`).optional();
}

/** A value of a setting: not empty, none that was left for somebody to replace, and of its format; the first of these that fails is told. */
export const valueOf = (name: SettingName, empty = 'is empty'): Format =>
  z
    .string(missing(name, ''))
    .refine((value) => value !== '', { error: empty, params: told('empty') })
    .refine((value) => !isPlaceholder(value, declarationOf(name).kind), {
      error: 'is still a placeholder: put the real value there',
      params: told('placeholder'),
    })
    .pipe(declarationOf(name).format);

const missing = (name: SettingName, why: string): string =>
  `is missing${why}: ${declarationOf(name).description}`;

export interface Clash {
  readonly setting: SettingName;
  readonly kind: FaultKind;
  readonly problem: string;
}

/** @param sound the value of a setting; undefined where there is none, or something is wrong with it already */
export function* clashes(sound: (name: SettingName) => string | undefined): Generator<Clash> {
  const app = sound('APP_DB_USER');
  const suffix = application.slots.b.loginSuffix;
  for (const [index, setting] of distinctRoles.entries()) {
    const role = sound(setting);
    if (role === undefined) continue;
    const kind = 'same role';
    const same = distinctRoles.slice(0, index).find((other) => sound(other) === role);
    if (same !== undefined)
      yield { setting, kind, problem: `is the same role as ${same}: each needs its own` };
    if (app !== undefined && role === `${app}${suffix}`)
      yield {
        ...{ setting, kind },
        problem: `is the second login of APP_DB_USER, its name with ${suffix}: each role needs its own`,
      };
  }
  const database = sound('LITELLM_DB_NAME');
  if (database !== undefined && database === sound('APP_DB_NAME'))
    yield {
      setting: 'LITELLM_DB_NAME',
      kind: 'same database',
      problem: 'is the same database as APP_DB_NAME: each needs its own',
    };
  const key = sound('CHERRY_AUTH_KEY');
  const token = sound('CHERRY_AUTH_TOKEN');
  if (key !== undefined && token !== undefined && key !== token)
    yield {
      setting: 'CHERRY_AUTH_KEY',
      kind: 'two values',
      problem:
        'is another token than CHERRY_AUTH_TOKEN, and the provider takes this one: leave one of the two out',
    };
}
