import { app as application } from '../app-contract';
import { declarationOf, distinctRoles, isSettingName, settingsFor, type SettingName } from './catalogue';
import type { Purpose, Requirement } from './setting';

/** Name to value, as an environment or a parsed file gives it. */
export type SettingsSource = Readonly<Record<string, string | undefined>>;

export type FaultKind =
  | 'missing'
  | 'empty'
  | 'malformed'
  | 'too short'
  | 'placeholder'
  | 'same role'
  | 'same database'
  /** Named in a file, and not in the catalogue. */
  | 'undeclared'
  /** Kept in a file, although it is made from others. */
  | 'stored';

/** What is wrong with one setting. Neither part ever holds its value. */
export interface SettingFault {
  readonly setting: string;
  readonly kind: FaultKind;
  /** What follows the name: `is shorter than 16 characters`. */
  readonly problem: string;
}

/** As a sentence. */
export const faultText = ({ setting, problem }: SettingFault): string => `${setting} ${problem}`;

export interface Examined {
  /** What is set and sound, in the catalogue's order. */
  readonly values: ReadonlyMap<SettingName, string>;
  readonly faults: readonly SettingFault[];
}

/**
 * Holds a source against what a purpose needs. Everything else that the source has is passed over.
 *
 * @param needed settings of that purpose that must be there as well, although the catalogue calls them optional: which
 *   services run is decided elsewhere
 * @param unused settings of that purpose that nobody will read, whatever they hold: of another kind of state, say
 */
export function examine(
  source: SettingsSource,
  purpose: Purpose,
  needed: readonly SettingName[] = [],
  unused: readonly SettingName[] = [],
): Examined {
  const values = new Map<SettingName, string>();
  const faults: SettingFault[] = [];
  for (const name of settingsFor(purpose).filter((each) => !unused.includes(each))) {
    const value = source[name];
    const found =
      value === undefined || value === '' ? absence(name, value, source, needed) : valueFaults(name, value);
    faults.push(...found);
    if (value && found.length === 0) values.set(name, value);
  }
  return { values, faults: [...faults, ...sharedRoles(values), ...sharedDatabases(values)] };
}

/** What a settings file holds that has no place in one, is empty or is malformed, however complete it may be. */
export function fileFaults(file: SettingsSource): readonly SettingFault[] {
  return Object.entries(file).flatMap(([setting, value]): readonly SettingFault[] => {
    if (!isSettingName(setting)) {
      return [{ setting, kind: 'undeclared', problem: 'is no setting: see ./cogni settings list' }];
    }
    switch (declarationOf(setting).scope) {
      case 'derived':
        return [{ setting, kind: 'stored', problem: 'is composed from other settings: take it out' }];
      case 'release':
        return [{ setting, kind: 'stored', problem: 'is what a deploy finds out by itself: take it out' }];
      case 'environment-record':
        return [{ setting, kind: 'stored', problem: 'stands in stacks/environments.ts: take it out' }];
      default:
        // Whatever it is for: somebody will read it one day, and nobody wrote it to be wrong.
        if (value === '') return [{ setting, kind: 'empty', problem: 'is empty: leave it out instead' }];
        return value === undefined ? [] : valueFaults(setting, value);
    }
  });
}

function absence(
  name: SettingName,
  value: '' | undefined,
  source: SettingsSource,
  needed: readonly SettingName[],
): readonly SettingFault[] {
  const { required, description } = declarationOf(name);
  const { isRequired, because } = requirement(needed.includes(name) ? true : required, source);
  if (value === '') {
    const problem = `is empty${isRequired ? '' : ': leave it out instead'}`;
    return [{ setting: name, kind: 'empty', problem }];
  }
  return isRequired
    ? [{ setting: name, kind: 'missing', problem: `is missing${because}: ${description}` }]
    : [];
}

function requirement(
  required: Requirement,
  source: SettingsSource,
): { readonly isRequired: boolean; readonly because: string } {
  if (typeof required === 'boolean') return { isRequired: required, because: '' };
  if ('whenSet' in required) {
    const counterpart = required.whenSet.find((other) => source[other]);
    return {
      isRequired: counterpart !== undefined,
      because: counterpart === undefined ? '' : `, and ${counterpart} is set`,
    };
  }
  const others = required.unlessSet;
  return {
    isRequired: !others.some((other) => source[other]),
    because: `, and so is ${others.join(' or ')}`,
  };
}

function valueFaults(name: SettingName, value: string): readonly SettingFault[] {
  if (isPlaceholder(value)) {
    return [
      { setting: name, kind: 'placeholder', problem: 'is still a placeholder: put the real value there' },
    ];
  }
  const checked = declarationOf(name).format.safeParse(value);
  if (checked.success) return [];
  return checked.error.issues.map(({ code, message }) => ({
    setting: name,
    kind: code === 'too_small' ? 'too short' : 'malformed',
    problem: message,
  }));
}

/**
 * What people and templates leave for others to replace. Domains of RFC 2606 are among it. No generated value looks
 * like one.
 */
export function isPlaceholder(value: string): boolean {
  return placeholders.some((pattern) => pattern.test(value.trim()));
}

const placeholders: readonly RegExp[] = [
  /^<.*>$/,
  /^\[.*\]$/,
  /^\{\{.*\}\}$/,
  /^\$\{.*\}$/,
  /^(?:x{3,}|\*+|\.{3,}|…|-+|\?+)$/i,
  /^(?:your|my)[-_ ]/i,
  /change[-_ ]?(?:me|this)/i,
  /replace[-_ ]?(?:me|this|with)/i,
  /^(?:todo|fixme|tbd|none|null|undefined|example|placeholder|dummy|password|secret|token)$/i,
  /(?:^|[@./])example(?:\.(?:com|org|net))?(?=$|[/:])/i,
];

function* sharedRoles(values: ReadonlyMap<SettingName, string>): Generator<SettingFault> {
  const app = values.get('APP_DB_USER');
  const suffix = application.slots.b.loginSuffix;
  for (const [index, name] of distinctRoles.entries()) {
    const role = values.get(name);
    if (role === undefined) continue;
    const same = distinctRoles.slice(0, index).find((other) => values.get(other) === role);
    if (same !== undefined) {
      yield { setting: name, kind: 'same role', problem: `is the same role as ${same}: each needs its own` };
    }
    if (app !== undefined && role === `${app}${suffix}`) {
      const problem = `is the second login of APP_DB_USER, its name with ${suffix}: each role needs its own`;
      yield { setting: name, kind: 'same role', problem };
    }
  }
}

function* sharedDatabases(values: ReadonlyMap<SettingName, string>): Generator<SettingFault> {
  const database = values.get('LITELLM_DB_NAME');
  if (database !== undefined && database === values.get('APP_DB_NAME')) {
    const problem = 'is the same database as APP_DB_NAME: each needs its own';
    yield { setting: 'LITELLM_DB_NAME', kind: 'same database', problem };
  }
}
