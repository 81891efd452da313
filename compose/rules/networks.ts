import { isService } from '../service';
import type { Workload } from '../workload';
import { pairs, perProject, type Rule } from './rule';

/** Services, jobs or aliases are names in Docker's DNS on a network. */
const namesOn = (service: Workload, network: string): readonly string[] => {
  const attachment = service.attachments.find((candidate) => candidate.network.name === network);
  return attachment === undefined ? [] : [service.name, ...attachment.aliases];
};

export const networkRules: readonly Rule[] = [
  {
    code: 'COMPOSE-301',
    rule: 'a port of the host is published once, over all projects of that host',
    why: 'the second container does not start: the address is already in use',
    check: function* (projects) {
      const published = projects.flatMap((project) =>
        project.services.flatMap((at) => (isService(at) ? at.ports.map((port) => ({ at, port })) : [])),
      );
      for (const [one, other] of pairs(published)) {
        if (one.port.conflictsWith(other.port)) {
          const taken = `${other.port.host}/${other.port.protocol}`;
          yield {
            at: other.at,
            message: `port ${taken} of the host is published by ${one.at.node.path} already`,
          };
        }
      }
    },
  },
  {
    code: 'COMPOSE-302',
    rule: 'a name means one service on a network',
    why: "Docker's DNS answers with all of them in turn: requests reach the wrong one now and then",
    check: perProject(function* (project) {
      for (const network of project.networks) {
        for (const [one, other] of pairs(project.services)) {
          const shared = namesOn(one, network.name).filter((name) =>
            namesOn(other, network.name).includes(name),
          );
          for (const name of new Set(shared)) {
            yield {
              at: other,
              message: `on the network ${network.name}, ${one.name} is called "${name}" too`,
            };
          }
        }
      }
    }),
  },
  {
    code: 'COMPOSE-303',
    rule: 'a service joins a network once',
    why: 'the file holds one entry a network; the aliases of the other would be lost',
    check: perProject(function* (project) {
      for (const at of project.services) {
        for (const [one, other] of pairs(at.attachments)) {
          if (one.network === other.network)
            yield { at, message: `it joins ${one.network.name} more than once` };
        }
      }
    }),
  },
];
