import type { IConstruct } from 'constructs';
import { ExternalNetwork, type Network } from '../network';
import { isWildcard, written } from '../port';
import { portsOf, textOf, type PortEntry } from './entry';
import { duplicates, perService, type Rule } from './rule';

interface Claim extends PortEntry {
  readonly at: IConstruct;
}

const sameAddress = (one: PortEntry, other: PortEntry): boolean =>
  one.address === other.address || isWildcard(one.address) || isWildcard(other.address);

export const networkRules: readonly Rule[] = [
  {
    code: 'COMPOSE-301',
    rule: 'a port of the host is published once, over all projects of that host',
    why: 'the second container does not start: the address is already in use',
    check: function* ({ projects }) {
      const taken = new Map<string, Claim[]>();
      for (const { services } of projects) {
        for (const { at, entry } of services) {
          for (const port of portsOf(entry)) {
            const reported = new Set<Claim>();
            const claim: Claim = { ...port, at };
            for (let number = port.from; number <= port.to; number += 1) {
              const key = `${number}/${port.protocol}`;
              const earlier = taken.get(key) ?? [];
              for (const other of earlier) {
                if (reported.has(other) || !sameAddress(claim, other)) continue;
                reported.add(other);
                const what = `${written(port)}/${port.protocol}`;
                yield {
                  at,
                  message: `port ${what} of the host is published by ${other.at.node.path} already`,
                };
              }
              earlier.push(claim);
              taken.set(key, earlier);
            }
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
      const owners = new Map<unknown, Map<string, IConstruct & { readonly name: string }>>();
      for (const { project } of projects) {
        for (const at of project.services) {
          for (const { network, aliases } of at.attachments) {
            const key = identityOf(network);
            const names = owners.get(key) ?? new Map<string, typeof at>();
            owners.set(key, names);
            for (const name of new Set([at.name, ...aliases])) {
              const owner = names.get(name);
              if (owner === undefined) names.set(name, at);
              else if (owner !== at) {
                yield {
                  at,
                  message: `on the network ${network.name}, ${owner.name} is called "${name}" too`,
                };
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
    check: perService(function* ({ workload, entry }) {
      const replicas = workload?.props.replicas ?? 1;
      if (!Number.isInteger(replicas) || replicas < 0) yield `its number of containers is ${replicas}`;
      if (!(replicas > 1)) return;
      if (entry['container_name'] !== undefined) yield `it has ${replicas} containers and one container name`;
      for (const port of portsOf(entry)) {
        if (port.to - port.from + 1 < replicas) {
          yield `it has ${replicas} containers and publishes ${written(port)}/${port.protocol} of the host`;
        }
      }
    }),
  },
];

/** What a network is on the host: an external one is the same for every project that names it. */
const identityOf = (network: Network): unknown =>
  network instanceof ExternalNetwork && typeof network.external.name === 'string'
    ? network.external.name
    : network;
