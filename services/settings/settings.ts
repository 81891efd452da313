import { Failure } from '../../foundation/failure';
import { Secret } from '../../foundation/secret';
import { declarationOf, settingNames, type PlainName, type SecretName, type SettingName } from './catalogue';
import { examine, faultText, type SettingFault, type SettingsSource } from './check';
import type { Purpose, Random } from './setting';

/** Settings that were read and found sound. Secrets are {@link Secret}s: they show their names, never their values. */
export class Settings {
  constructor(private readonly values: ReadonlyMap<SettingName, string | Secret>) {}

  /** @throws Error when it was not read: asked for by a purpose that it does not belong to, or optional and unset */
  plain(name: PlainName): string {
    return required(this.tryPlain(name), name);
  }

  tryPlain(name: PlainName): string | undefined {
    const value = this.values.get(name);
    return value instanceof Secret ? undefined : value;
  }

  /** @throws Error when it was not read, like {@link plain} */
  secret(name: SecretName): Secret {
    return required(this.trySecret(name), name);
  }

  trySecret(name: SecretName): Secret | undefined {
    const value = this.values.get(name);
    return value instanceof Secret ? value : undefined;
  }

  /** What is set, in the catalogue's order. */
  entries(): readonly (readonly [SettingName, string | Secret])[] {
    return [...this.values];
  }
}

/**
 * Reads what a purpose needs from an environment, a parsed file, or both spread into one.
 *
 * @param needed what must be there besides: {@link examine}
 * @throws Failure that lists every setting that is missing, empty or malformed: by name, never with its value
 */
export function readSettings(
  source: SettingsSource,
  purpose: Purpose,
  needed: readonly SettingName[] = [],
): Settings {
  const { values, faults } = examine(source, purpose, needed);
  if (faults.length > 0) throw unusable(purpose, faults);
  return new Settings(
    new Map(
      [...values].map(([name, value]) => [
        name,
        declarationOf(name).kind === 'secret' ? Secret.of(name, value) : value,
      ]),
    ),
  );
}

const unusable = (purpose: Purpose, faults: readonly SettingFault[]): Failure =>
  new Failure({
    what: `the settings cannot be used to ${purpose}: ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}`,
    faults: faults.map(faultText),
    next: 'set them in the environment, then ./cogni settings check <env>',
  });

/** Makes every setting that can be made. @returns name to value, in the catalogue's order */
export function generateSettings(random: Random): ReadonlyMap<SettingName, string | Secret> {
  return new Map(
    settingNames.flatMap((name) => {
      const { generate, kind } = declarationOf(name);
      if (generate === undefined) return [];
      const value = generate(random);
      return [[name, kind === 'secret' ? Secret.of(name, value) : value] as const];
    }),
  );
}

function required<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new Error(`the setting ${name} was not read`);
  return value;
}
