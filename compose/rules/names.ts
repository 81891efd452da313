import type { Construct } from 'constructs';
import { variablesOf } from '../tree';
import { perProject, type Breach, type Rule } from './rule';

/** Compose specification, "name top-level element". */
const projectName = /^[a-z0-9][a-z0-9_-]*$/;
/** Compose specification's schema, "patternProperties" of services, networks and volumes. */
const partName = /^[a-zA-Z0-9._-]+$/;
/** Docker's rule for volume and network names (Docker source, volume/local, "restrictedNameChars"). */
const hostName = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
/** What Compose's interpolation takes for a variable (compose-go, template.go, "substitutionNamed"). */
const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

function* unmatched(
  entries: Iterable<{ readonly at: Construct; readonly name: string }>,
  what: string,
  pattern: RegExp,
): Generator<Breach> {
  for (const { at, name } of entries) {
    if (!pattern.test(name)) yield { at, message: `the ${what} "${name}" does not match ${pattern.source}` };
  }
}

export const nameRules: readonly Rule[] = [
  {
    code: 'COMPOSE-101',
    rule: 'names are of the form that Compose and Docker take',
    why: 'Compose refuses the file, or two tools disagree on what something is called',
    check: perProject(function* (project) {
      yield* unmatched([{ at: project, name: project.name }], 'project name', projectName);
      for (const handles of [project.services, project.networks, project.volumes]) {
        yield* unmatched(
          handles.map((at) => ({ at, name: at.name })),
          'name',
          partName,
        );
      }
      yield* unmatched(
        project.volumes.map((at) => ({ at, name: at.props.name })),
        'volume name on the host',
        hostName,
      );
    }),
  },
  {
    code: 'COMPOSE-102',
    rule: 'the name of an environment entry is a variable name',
    why: 'keys are not interpolated, and programs cannot read a variable of another form',
    check: perProject(function* (project) {
      for (const at of project.services) {
        const names = Object.keys(at.props.environment ?? {});
        yield* unmatched(
          names.map((name) => ({ at, name })),
          'environment name',
          variableName,
        );
      }
    }),
  },
  {
    code: 'COMPOSE-103',
    rule: 'a referenced variable has a variable name, and its message stands inside ${NAME:?message} unbroken',
    why: 'Compose ends the message at the first }, and reads $ in it as another reference',
    check: perProject(function* (project) {
      for (const at of project.services) {
        for (const { variable, message } of variablesOf(at.render())) {
          yield* unmatched([{ at, name: variable }], 'variable name', variableName);
          if (message === '' || /[{}$\p{Cc}]/u.test(message ?? 'none')) {
            yield {
              at,
              message: `the message of ${variable} is "${message}": it must not be empty nor hold {, }, $ or control characters`,
            };
          }
        }
      }
    }),
  },
  {
    code: 'COMPOSE-104',
    rule: 'a pass-through hands a variable on under its own name',
    why: 'an environment entry without a value takes the variable of the same name',
    check: perProject(function* (project) {
      for (const at of project.services) {
        for (const [name, value] of Object.entries(at.props.environment ?? {})) {
          if (
            typeof value !== 'string' &&
            'variable' in value &&
            !('message' in value) &&
            value.variable !== name
          ) {
            yield { at, message: `the environment entry ${name} passes ${value.variable} through` };
          }
        }
      }
    }),
  },
  {
    code: 'COMPOSE-105',
    rule: 'the line that says what made a file is one line',
    why: 'it becomes a comment, and everything behind a line break would become content',
    check: perProject(function* (project) {
      if (project.generatedBy === '' || /\p{Cc}/u.test(project.generatedBy)) {
        yield { at: project, message: 'generatedBy is empty or holds control characters' };
      }
    }),
  },
];
