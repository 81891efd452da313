import type { IConstruct } from 'constructs';
import type { ProjectView, ServiceView } from '../inspection';
import { containersOf } from './amounts';
import { isTrue, networksOf, partOf, textOf } from './entry';
import { portsOf, TakenPorts, type PortEntry } from './ports';
import { duplicates, perService, type Rule } from './rule';

export const networkRules: readonly Rule[] = [
  {
    code: 'COMPOSE-301',
    rule: 'a port of the host is published once, over all projects of that host',
    why: 'the second container does not start: the address is already in use',
    check: function* ({ projects }) {
      const taken = new TakenPorts<IConstruct>();
      for (const { at, entry } of projects.flatMap(({ services }) => services)) {
        for (const port of portsOf(entry)) {
          for (const other of taken.take(port, at)) {
            const what = `port ${inWords(port)} of the host`;
            yield { at, message: `${what} is published by ${other.node.path} already` };
          }
        }
      }
    },
  },
  {
    code: 'COMPOSE-302',
    rule: 'a name means one service on a network, also where several projects share it',
    why: "Docker's DNS answers with all of them in turn: requests reach the wrong one now and then",
    check: function* ({ projects }) {
      const owners = new Map<string, Map<string, ServiceView>>();
      for (const view of projects) {
        for (const service of view.services) {
          for (const { network, aliases } of networksOf(service.entry)) {
            const key = nameOnHost(view, network);
            const names = owners.get(key) ?? new Map<string, ServiceView>();
            owners.set(key, names);
            // Docker answers the name of a container too.
            const own = textOf(service.entry['container_name']) ?? service.name;
            for (const name of new Set([service.name, own, ...aliases])) {
              const owner = names.get(name);
              if (owner === undefined) names.set(name, service);
              else if (owner !== service) {
                const message = `on the network ${network}, ${owner.name} and ${service.name} are both called "${name}"`;
                yield { at: service.at, message };
              }
            }
          }
        }
      }
    },
  },
  {
    code: 'COMPOSE-303',
    rule: 'a service joins a network once',
    why: 'the file holds one entry a network; the aliases of the other would be lost',
    check: perService(function* ({ workload }) {
      const names = (workload?.attachments ?? []).map(({ network }) => network.name);
      for (const name of duplicates(names)) yield `it joins ${name} more than once`;
    }),
  },
  {
    code: 'COMPOSE-304',
    rule: 'a container name is used once, over all projects of the host',
    why: 'Docker refuses the second container: the name is in use',
    check: function* ({ projects }) {
      const taken = new Map<string, IConstruct>();
      for (const { at, entry } of projects.flatMap(({ services }) => services)) {
        const name = textOf(entry['container_name']);
        const other = name === undefined ? undefined : taken.get(name);
        if (name === undefined) continue;
        if (other === undefined) taken.set(name, at);
        else yield { at, message: `the container name ${name} is that of ${other.node.path} already` };
      }
    },
  },
  {
    code: 'COMPOSE-305',
    rule: 'a service of several containers has neither a container name nor a fixed port of the host',
    why: 'only one container can have it; the second does not start',
    check: perService(function* ({ entry }) {
      const containers = containersOf(entry);
      if (!Number.isInteger(containers) || containers < 0) yield `its number of containers is ${containers}`;
      if (!(containers > 1)) return;
      if (entry['container_name'] !== undefined)
        yield `it has ${containers} containers and one container name`;
      for (const port of portsOf(entry)) {
        const { range } = port;
        const ports = range === undefined ? 1 : range.to - range.from + 1;
        if (ports < containers) {
          yield `it has ${containers} containers and publishes ${inWords(port)} of the host`;
        }
      }
    }),
  },
];

/** `443/tcp`. */
const inWords = ({ published, protocol }: PortEntry): string =>
  /^(?:tcp|udp|sctp)$/.test(protocol) ? `${published}/${protocol}` : published;

/** What Docker calls a project's network: two projects that name the same one share it. */
function nameOnHost({ project, document }: ProjectView, network: string): string {
  const { name, external } = partOf(document, 'networks', network);
  return textOf(name) ?? (isTrue(external) ? network : `${project.name}_${network}`);
}
