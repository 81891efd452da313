import {
  declarationOf,
  isOfShellAlone,
  isSettingName,
  settingAreas,
  settingsFor,
  type SettingName,
} from './catalogue';
import { markdownTable } from './markdown';
import { requirementText } from './requirement';
import type { Scope } from './setting';

/** What every generated document says of itself. */
const remake =
  'Generated from services/settings/catalogue; do not edit. Make it again: ./cogni settings docs';

const places: Readonly<Record<Scope, string>> = {
  'repository-secret': 'secret of the repository',
  'repository-variable': 'variable of the repository',
  'environment-secret': 'secret of the environment',
  'environment-variable': 'variable of the environment',
  'environment-record': '`stacks/environments.ts`',
  release: 'found out by each deploy',
  derived: 'composed by each deploy',
  operator: 'shell of whoever runs the command',
  ci: 'set by GitHub Actions',
};

/** Areas with something in them, and the names in each. */
const areas = (): readonly (readonly [string, readonly SettingName[]])[] =>
  Object.entries(settingAreas)
    .map(([title, settings]) => [title, Object.keys(settings).filter(isSettingName)] as const)
    .filter(([, names]) => names.length > 0);

/** `infra/.env.schema.md`: the authoritative list of all configuration (spec, dreichor-deployment-model). */
export function renderSchemaPage(): string {
  const tables = areas().flatMap(([title, names]) => [
    `## ${title}`,
    '',
    markdownTable(
      ['Name', 'Kind', 'Required', 'Where it comes from', 'Allowed', 'Read by', 'Meaning'],
      names.map((name) => {
        const { kind, required, scope, format, consumers, description } = declarationOf(name);
        return [
          `\`${name}\``,
          kind,
          requirementText(required),
          places[scope],
          format.description ?? 'text',
          consumers.join(', '),
          description,
        ];
      }),
    ),
    '',
  ]);
  return [
    `<!-- ${remake} -->`,
    '',
    '# Settings',
    '',
    'Every variable and secret of the system. A setting that is not required and not set is absent: an empty value is a fault. What is',
    'composed or found out by a deploy is stored nowhere; the one DSN here is PG_CONN_STR, which Terraform reads as a whole.',
    '',
    'Names under "secret of" and "variable of" are those of GitHub; on one machine, they stand in `.cogni/<env>/settings.env`. What belongs',
    'to a shell (but CHERRY_AUTH_KEY), what GitHub Actions sets, and how workflows reach a host is read from the shell alone, and is a',
    'fault in that file.',
    'What is read by cherry-provider and terraform-state is exported in the shell as well: Terraform reads no file of settings',
    '(`./cogni plan`, `apply` and `rebuild` take what the shell has not from it). What the records read is taken from that file by all',
    'commands and by `cdktf`, where the shell has it not.',
    'What is missing or wrong: `./cogni settings check <env>`.',
    '',
    ...tables,
  ]
    .join('\n')
    .replace(/\n+$/, '\n');
}

/**
 * `.env.example`: what a person puts into an environment's settings file. Values are empty, so that a copy which is not
 * filled in says so by itself; what is optional is a comment, so that it is absent.
 */
export function renderExampleFile(): string {
  const handed: readonly Scope[] = [
    'repository-secret',
    'repository-variable',
    'environment-secret',
    'environment-variable',
  ];
  const lines = areas().flatMap(([title, names]) => {
    const here = names.filter((name) => handed.includes(declarationOf(name).scope) && !isOfShellAlone(name));
    if (here.length === 0) return [];
    return [`# ${title}`, ...here.flatMap((name) => [...exampleLines(name)]), ''];
  });
  return [
    `# ${remake}`,
    '#',
    '# The settings file of an environment: .cogni/<env>/settings.env, mode 0600, never committed.',
    '# A copy of this is how it begins: ./cogni settings generate <env> fills in what is marked with (generated), in its place;',
    '# ./cogni settings check <env> says what is missing, and whether a variable of this shell takes the place of a line.',
    '# What Terraform reads (Hosting) is exported in the shell as well: Terraform reads no file of settings.',
    '',
    ...lines,
  ]
    .join('\n')
    .replace(/\n+$/, '\n');
}

/** What no environment needs that does not run SourceCred: an empty line would be a fault there. */
const onlyForSourcecred = (name: SettingName): boolean =>
  (['provision', 'edge', 'deploy'] as const).every((purpose) => !settingsFor(purpose).includes(name));

function* exampleLines(name: SettingName): Generator<string> {
  const { description, format, required, generate } = declarationOf(name);
  const isAlways = required === true && !onlyForSourcecred(name);
  const needed =
    required === true
      ? 'required where the environment runs SourceCred'
      : required === false
        ? 'optional'
        : `required ${requirementText(required)}`;
  const note = `${isAlways ? '' : `; ${needed}`}${generate ? ' (generated)' : ''}`;
  yield `# ${description}: ${format.description ?? 'text'}${note}`;
  yield isAlways ? `${name}=` : `# ${name}=`;
}
