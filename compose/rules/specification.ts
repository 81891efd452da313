import { composeFile } from '../composed';
import type { ReadFault } from '../read/read-fault';
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
  {
    code: 'COMPOSE-803',
    rule: 'what Compose reads from other files is known',
    why: 'no rule could see what comes through `extends` and `include`, and a service in there may be anything',
    check: perProject(function* ({ project, services, unread }) {
      const byName = new Map(services.map(({ name, at }) => [name, at]));
      for (const fault of unread) {
        const [section, name = ''] = fault.file === composeFile ? fault.path.split('/') : [];
        yield {
          at: (section === 'services' ? byName.get(name) : undefined) ?? project,
          message: inWords(fault),
        };
      }
    }),
  },
];

/** A line of the project's own file helps nobody: it is not written yet. */
function inWords({ code, file, line, path, message }: ReadFault): string {
  const place = file === composeFile ? [] : [line === undefined ? file : `${file}:${line}`];
  const where = [...place, path].filter((each) => each !== '').join(' ');
  const mend = 'a folder of the project writes it, or a ForeignFile says its content';
  return [where, code === 'COMPOSE-901' ? `${message}; ${mend}` : message]
    .filter((each) => each !== '')
    .join(': ');
}
