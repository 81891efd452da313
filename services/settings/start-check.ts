import { z } from 'zod';
import type { EnvironmentValue } from '../../compose';
import { declarationOf, isSettingName, type SettingName } from './catalogue';
import { extendedExpression } from './extended-expression';

/**
 * The start of a program that is a script in a container: it holds what it is told against the catalogue, says everything that is
 * wrong at once and no value, and ends. A deploy has checked the same before; a container is also started by Docker, years later, from
 * files that somebody may have touched.
 */

/** Exit code of a program whose settings are not fit. */
export const settingsExit = 2;

/** Functions for any shell of POSIX: `fault TEXT` notes one, `fit PROGRAM NEXT` ends the program where there are any. */
export const faultFunctions = `unfit=''
fault() { unfit="$unfit$1
"; }
fit() { # program, what to do
  [ -n "$unfit" ] || return 0
  printf '%s' "$unfit" | while IFS= read -r line; do printf '%s: %s\\n' "$1" "$line"; done >&2
  printf '%s: %s\\n' "$1" "$2" >&2
  exit ${settingsExit}
}`;

/** The function `setting`, which looks at one variable; it needs {@link faultFunctions}. */
export const settingFunction = `setting() { # its name, the variable here, least length, form, what is allowed, "optional" where it may be absent
  value=$(eval "printf '%s.' \\"\\\${$2-}\\"")
  value=\${value%.}
  here=''
  [ "$1" = "$2" ] || here=" (here $2)"
  case $value in
    '') [ "\${6-}" = optional ] || fault "$1 is not set$here" ;;
    *[[:cntrl:]]*) fault "$1 holds a line break or another control character$here" ;;
    *)
      if [ "\${#value}" -lt "$3" ]; then
        fault "$1 is shorter than $3 characters$here"
      elif [ -n "$4" ] && ! printf '%s\\n' "$value" | LC_ALL=C grep -E -e "$4" >/dev/null; then
        fault "$1 is malformed$here; allowed: $5"
      fi
      ;;
  esac
}`;

/** A variable of a program, and the setting that it gets its value from; of itself where it is no setting of the catalogue. */
export interface ToldVariable {
  readonly variable: string;
  readonly setting: string;
  /** Whether it may be absent. @default false */
  readonly optional?: boolean;
}

/** The variables of a container whose values are settings. */
export const settingsIn = (
  environment: Readonly<Record<string, EnvironmentValue>>,
): readonly (ToldVariable & { readonly setting: SettingName })[] =>
  Object.entries(environment).flatMap(([variable, value]) => {
    const { variable: setting, message } = Object(value) as { variable?: string; message?: string };
    return setting !== undefined && message !== undefined && isSettingName(setting)
      ? [{ variable, setting }]
      : [];
  });

/**
 * The function `told` of a program that runs in a container with this environment: it ends the program unless each setting is there
 * and has the form that the catalogue asks for. What no pattern says (a name that PostgreSQL keeps for itself) is the check's of a
 * deploy.
 *
 * @param program what it calls itself in its log
 */
export const startCheck = (
  program: string,
  environment: Readonly<Record<string, EnvironmentValue>>,
): string => `${faultFunctions}
${settingFunction}

# What it is told, held against the settings catalogue.
told() {
${settingsIn(environment)
  .map((each) => `  ${formLine(each)}\n`)
  .join('')}  fit ${program} 'nothing was begun; ./cogni settings check <env> explains each setting'
}`;

/** The call for a variable, with the form of its setting; one that is no setting of the catalogue has to be there. */
export function formLine({ variable, setting, optional = false }: ToldVariable): string {
  const { least, form, allowed } = isSettingName(setting)
    ? formOf(setting)
    : { least: 1, form: '', allowed: '' };
  return `setting ${setting} ${variable} ${least} ${quoted(form)} ${quoted(allowed)}${optional ? ' optional' : ''}`;
}

/** What the catalogue's schema says of a value, as far as a pattern can. */
function formOf(name: SettingName): {
  readonly least: number;
  readonly form: string;
  readonly allowed: string;
} {
  const { format } = declarationOf(name);
  const { minLength = 1, pattern, description } = z.toJSONSchema(format);
  if (pattern === undefined)
    throw new Error(`the format of ${name} has no pattern that a script could look at`);
  return { least: Math.max(1, minLength), form: extendedExpression(pattern), allowed: description ?? 'text' };
}

/** For a shell (POSIX, 2.2.2): everything inside single quotes is itself. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
