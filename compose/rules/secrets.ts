import { isMapping } from '../raw';
import { PassThrough, SecretReference, Text, VariableName } from '../reference';
import type { Node } from '../tree';
import { perProject, type Rule } from './rule';

/** Where a secret may stand in a service's entry: its environment, and that of a command that runs in its container. */
const environments =
  /^services\/[^/]+\/(?:(?:post_start|pre_stop)\/\d+\/|develop\/watch\/\d+\/exec\/)?environment\/[A-Za-z_][^/]*$/;

/** A secret in a place where others can read it. */
type Shown = readonly [variable: string, path: string];

function* shownIn(node: unknown, path: string): Generator<Shown> {
  if (node instanceof VariableName || typeof node !== 'object' || node === null) return;
  if (node instanceof SecretReference || (node instanceof PassThrough && node.sensitive)) {
    if (!environments.test(path)) yield [node.variable, path];
  } else if (node instanceof Text) {
    // A text cannot be made of a secret; what goes around the types finds no way here either.
    for (const part of node.parts) yield* shownIn(part, path);
  } else if (Array.isArray(node) || isMapping(node as Node)) {
    for (const [key, value] of Object.entries(node)) yield* shownIn(value, `${path}/${key}`);
  }
}

export const secretRules: readonly Rule[] = [
  {
    code: 'COMPOSE-108',
    rule: "a secret stands only in a service's environment, or is the variable of a Secret",
    why: 'a command line is in the list of processes, a label in `docker inspect`, a build argument in the image: for everybody to read',
    check: perProject(function* ({ readers }) {
      for (const { at, keys, node, uses } of readers) {
        if (!uses.some(({ sensitive }) => sensitive)) continue;
        for (const [variable, path] of shownIn(node, keys.join('/'))) {
          yield { at, message: `the secret ${variable} stands at ${path}` };
        }
      }
    }),
  },
];
