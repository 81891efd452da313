import { setTimeout } from 'node:timers/promises';
import type { DeployedWorld } from '../../e2e/deployed-world';
import { control, textOf } from '../../e2e/sandbox-cli';

/** What becomes of a host, and what a watch has to say of it. */
export interface Loss {
  readonly told: 'host' | 'identity' | 'data';
  readonly fault: (world: DeployedWorld) => Promise<unknown>;
}

/** One that can be taken back, and so happen again. */
interface PassingLoss extends Loss {
  readonly repair: (world: DeployedWorld) => Promise<unknown>;
}

/** The rows, as the engine of the host keeps them; beside that they are put aside. */
const volume = '/var/lib/docker/volumes/cogni-runtime_postgres_data';
const database = 'cogni-runtime-postgres-1';
const onHost =
  (script: string) =>
  (world: DeployedWorld): Promise<string> =>
    world.onHost('sh', '-ec', script);
const serverOf = ({ hostName }: DeployedWorld): string => /-host-(\d+)$/.exec(hostName)?.[1] ?? 'none';

export const passingLosses: Readonly<Record<string, PassingLoss>> = {
  'hung: every process of it stands still, and its address still takes connections': {
    told: 'host',
    fault: ({ docker, hostName }) => docker.docker(['pause', hostName]),
    repair: ({ docker, hostName }) => docker.docker(['unpause', hostName]),
  },
  'without power: nothing is at its address': {
    told: 'host',
    fault: ({ docker, hostName }) => docker.docker(['kill', hostName]),
    repair: ({ docker, hostName }) => docker.docker(['start', hostName]),
  },
  'data-less: the volume of its database was emptied, and the database has begun anew': {
    told: 'data',
    fault: onHost(
      `docker stop ${database}; mkdir ${volume}/aside; find ${volume}/_data -mindepth 1 -maxdepth 1 -exec mv -t ${volume}/aside {} +; docker start ${database}`,
    ),
    repair: onHost(
      `docker stop ${database}; find ${volume}/_data -mindepth 1 -delete; find ${volume}/aside -mindepth 1 -maxdepth 1 -exec mv -t ${volume}/_data {} +; rmdir ${volume}/aside; docker start ${database}`,
    ),
  },
};

/** Each needs a host of its own: nothing brings it back as it was. */
export const lastingLosses: Readonly<Record<string, Loss>> = {
  'replaced in silence: another machine with an empty disk is at its address, the record of the provider as it was':
    {
      told: 'identity',
      fault: (world) => control('POST', `/machines/${serverOf(world)}/reinstall`, { address: 'kept' }),
    },
  'lost: the provider has ended the server': {
    told: 'host',
    fault: (world) => control('DELETE', `/servers/${serverOf(world)}`),
  },
};

/** Seconds that the network is cut for. */
const cut = 10;

/** What must alarm nobody; a look has to see it, or it would show nothing. */
export const harmless: Readonly<
  Record<
    string,
    { readonly seenAs: 'deploying' | 'away'; readonly work: (world: DeployedWorld) => Promise<unknown> }
  >
> = {
  'a deploy of another version': {
    seenAs: 'deploying',
    work: async (world) => {
      const deployed = await world.deploy(await world.publish('preview-2222222'));
      expect({ code: deployed.code, said: deployed.code === 0 ? '' : textOf(deployed) }).toEqual({
        code: 0,
        said: '',
      });
    },
  },
  'a reboot': {
    seenAs: 'away',
    work: (world) => control('POST', `/machines/${serverOf(world)}/power`, { action: 'reboot' }),
  },
  [`a cut of its network, of ${cut} s`]: {
    seenAs: 'away',
    work: async (world) => {
      // What comes in vanishes, for the host and for its containers: as behind a cable that was pulled.
      const rules = (verb: '--insert' | '--delete'): Promise<string> =>
        onHost(
          `out=$(ip route show default | sed 's/.* dev \\([^ ]*\\).*/\\1/'); for chain in INPUT FORWARD; do iptables --wait ${verb} $chain --in-interface "$out" --jump DROP; done`,
        )(world);
      await rules('--insert');
      await setTimeout(cut * 1000);
      await rules('--delete');
    },
  },
};
