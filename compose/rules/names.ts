import type { IConstruct } from 'constructs';
import type { Handle } from '../handle';
import type { Project } from '../project';
import { perProject, perService, type Breach, type Rule } from './rule';
import { PassThrough } from '../reference';
import { namesOf } from './entry';
import { hidesMissing, type Plain, type VariableUse } from '../tree';

/** Compose specification, "name top-level element". */
const projectName = /^[a-z0-9][a-z0-9_-]*$/;
/** Compose specification's schema, "patternProperties" of services, networks and volumes. */
const partName = /^[a-zA-Z0-9._-]+$/;
/**
 * Docker's rule for volume and network names (Docker source, volume/local, "restrictedNameChars"), and Compose's for profiles
 * (Compose specification, "profiles").
 */
const hostName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
/** What Compose's interpolation takes for a variable (compose-go, template.go, "substitutionNamed"). */
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

const unmatched = (what: string, name: string, pattern: RegExp): readonly string[] =>
  pattern.test(name) ? [] : [`the ${what} "${name}" does not match ${pattern.source}`];

const broken = (text: string): boolean => /[{}$\p{Cc}]/u.test(text);

/** What Compose would read otherwise in a reference than its author meant. */
const brokenReference = ({ variable, message, fallback }: VariableUse): readonly string[] => [
  ...unmatched('variable name', variable, variableName),
  ...(message !== undefined && (message === '' || broken(message))
    ? [
        `the message of ${variable} is "${message}": it must not be empty nor hold {, }, $ or control characters`,
      ]
    : []),
  ...(fallback !== undefined && broken(fallback)
    ? [`the fallback of ${variable} is "${fallback}": it must not hold {, }, $ or control characters`]
    : []),
];

/** Variables below a key that are written so that a missing one becomes empty text; what else stands there is not shown. */
function hiding(value: Plain, path = ''): readonly string[] {
  if (typeof value === 'string') {
    const form =
      'in another form than ${NAME:?message} or ${NAME:-fallback}: an unset one would become empty text';
    return hidesMissing(value) ? [`${path} holds a variable ${form}`] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]: [string, Plain]) =>
    hiding(inner, path === '' ? key : `${path}/${key}`),
  );
}

export const nameRules: readonly Rule[] = [
  {
    code: 'COMPOSE-101',
    rule: 'names are of the form that Compose and Docker take',
    why: 'Compose refuses the file, or two tools disagree on what something is called',
    check: perProject(function* ({ project }) {
      const found = (at: IConstruct, ...wrong: Parameters<typeof unmatched>): readonly Breach[] =>
        unmatched(...wrong).map((message) => ({ at, message }));
      yield* found(project, 'project name', project.name, projectName);
      const { services, networks, volumes, configs, secrets, models } = project;
      for (const handles of [services, networks, volumes, configs, secrets, models]) {
        for (const at of handles) yield* found(at, 'name', at.name, partName);
      }
      for (const [what, handles] of [
        ['volume', volumes],
        ['network', networks],
      ] as const) {
        for (const at of handles) {
          const { name } = at.props;
          if (typeof name === 'string') yield* found(at, `${what} name on the host`, name, hostName);
        }
      }
      for (const at of project.profiles) yield* found(at, 'profile', at.name, hostName);
      for (const at of services) {
        const { containerName } = at.props;
        if (containerName !== undefined) yield* found(at, 'container name', containerName, hostName);
      }
    }),
  },
  {
    code: 'COMPOSE-102',
    rule: 'the name of an environment entry is a variable name',
    why: 'keys are not interpolated, and programs cannot read a variable of another form',
    check: perService(function* ({ entry }) {
      const { environment } = entry;
      // The list's `NAME=value` without what may be a secret.
      const names = namesOf(environment).map((name) =>
        Array.isArray(environment) ? name.replace(/=.*$/s, '') : name,
      );
      for (const name of names) {
        yield* unmatched('environment name', name, variableName);
      }
    }),
  },
  {
    code: 'COMPOSE-103',
    rule: 'a referenced variable has a variable name, and its message or fallback stands inside ${NAME:?…} unbroken',
    why: 'Compose ends it at the first }, and reads $ in it as another reference: they cannot be nested',
    check: perProject(function* ({ project, readers, rendered, document, services }) {
      for (const { at, uses } of readers) {
        for (const message of uses.flatMap(brokenReference)) yield { at, message };
      }
      // What the constructs write has one form; what other files bring may have any.
      if (document === rendered) return;
      for (const { at, entry } of services) {
        for (const message of hiding(entry)) yield { at, message };
      }
      for (const [section, part] of Object.entries(document)) {
        if (section === 'services') continue;
        for (const message of hiding(part, section)) yield { at: project, message };
      }
    }),
  },
  {
    code: 'COMPOSE-104',
    rule: 'a pass-through hands a variable on under its own name',
    why: 'an environment entry without a value takes the variable of the same name',
    check: perService(function* ({ workload }) {
      for (const [name, value] of Object.entries(workload?.props.environment ?? {})) {
        if (value instanceof PassThrough && value.variable !== name) {
          yield `the environment entry ${name} passes ${value.variable} through`;
        }
      }
    }),
  },
  {
    code: 'COMPOSE-105',
    rule: 'the line that says what made a file is one line',
    why: 'it becomes a comment, and everything behind a line break would become content',
    check: perProject(function* ({ project }) {
      // U+2028 and U+2029 end a line for Compose's reader, U+0085 is among the control characters.
      if (project.generatedBy === '' || /[\p{Cc}\u2028\u2029]/u.test(project.generatedBy)) {
        yield { at: project, message: 'generatedBy is empty or holds control characters or line breaks' };
      }
    }),
  },
  {
    code: 'COMPOSE-106',
    rule: 'every key and value can be written so that all readers take it for the same',
    why: 'half of a surrogate pair is no UTF-8, a $ in a key is never replaced, and readers differ on exponents and on what is too large',
    check: perProject(function* ({ project, document, services }) {
      const rest = Object.entries(document).filter(([key]) => key !== 'services');
      for (const [key, value] of rest) {
        for (const message of unwritable(value, key)) yield { at: project, message };
      }
      for (const { at, name, entry } of services) {
        for (const message of unwritable(entry, name)) yield { at, message };
      }
    }),
  },
  {
    code: 'COMPOSE-109',
    rule: 'what is of one kind has a name each',
    why: 'the file holds one entry a name: the last one would win, silently',
    check: perProject(function* ({ project }) {
      for (const [kind, handles] of kindsOf(project)) {
        const taken = new Set<string>();
        for (const at of handles) {
          if (taken.has(at.name))
            yield { at, message: `there is another ${kind} "${at.name}" in the project` };
          taken.add(at.name);
        }
      }
    }),
  },
];

/** What a project declares, by a word for it. */
const kindsOf = (project: Project): readonly (readonly [string, readonly Handle<string>[]])[] => [
  ['service', project.services],
  ['network', project.networks],
  ['volume', project.volumes],
  ['folder', project.folders],
  ['config', project.configs],
  ['secret', project.secrets],
  ['model', project.models],
  ['profile', project.profiles],
];

/** A key on one line with its colon may be 1024 characters long (YAML 1.2, "Implicit keys"), escapes included. */
const longestKey = 100;

const writtenNumber = /^-?\d+(?:\.\d+)?$/;

/** What cannot be written below a key; values are not shown, one of them may be a secret. */
function unwritable(value: Plain, key: string, found: string[] = []): readonly string[] {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) found.push(`the text under ${show(key)} holds half of a surrogate pair`);
  } else if (typeof value === 'number') {
    if (!writtenNumber.test(String(value)) || Math.abs(value) > Number.MAX_SAFE_INTEGER) {
      found.push(`the number under ${show(key)} is ${value}: write it as text`);
    }
  } else if (Array.isArray(value)) {
    for (const item of value as readonly Plain[]) unwritable(item, key, found);
  } else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      if (name.includes('$'))
        found.push(`the key ${show(name)} holds a $, which Compose does not replace in keys`);
      if (name.length > longestKey)
        found.push(`the key ${show(name)} has ${name.length} characters: ${longestKey} are allowed`);
      if (!name.isWellFormed()) found.push(`the key ${show(name)} holds half of a surrogate pair`);
      unwritable(inner, name, found);
    }
  }
  return found;
}

/** A key for people: short, and printable whatever it is. */
const show = (key: string): string => JSON.stringify(key.length > 40 ? `${key.slice(0, 40)}…` : key);
