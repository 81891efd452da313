import { validateAgainstSchema } from '../specification/validate';
import { rawUses } from '../report';
import { perProject, type Rule } from './rule';

export const specificationRules: readonly Rule[] = [
  {
    code: 'COMPOSE-801',
    rule: 'what is rendered is what the Compose specification allows',
    why: 'Compose refuses the file; only `raw` can bring something else in',
    check: perProject(function* ({ project, document, services }) {
      const byName = new Map(services.map(({ name, at }) => [name, at]));
      for (const { keys, path, what } of validateAgainstSchema(document)) {
        const service = keys[0] === 'services' ? byName.get(String(keys[1])) : undefined;
        yield { at: service ?? project, message: path === '' ? what : `${path}: ${what}` };
      }
    }),
  },
  {
    code: 'COMPOSE-802',
    rule: 'what goes around the types has a reason',
    why: 'the next reader cannot tell a need from a shortcut',
    check: perProject(function* ({ project }) {
      for (const { at, reason } of rawUses(project)) {
        if (reason.trim() === '') yield { at, message: 'its raw entries have no reason' };
      }
    }),
  },
];
