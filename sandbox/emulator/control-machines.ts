import type { z } from 'zod';
import { tryNextAddress } from './address-pool';
import type { Pools } from './addresses';
import { parsed, present, Rejected, serverOf, type ControlProps, type Controls } from './control-call';
import * as inputs from './control-inputs';
import type { MachineSpec } from './machines';
import { withoutSecrets } from './request-log';
import { addressesOf, listOf, type Server, type State } from './state';

/** What happens to machines behind the back of the API: the record never hears of it. */
export const machineControls: Controls = {
  'GET /_emu/machines': async ({ props }) =>
    Promise.all(listOf(present(props).servers).map((server) => hostView(props, server))),
  'GET /_emu/machines/{}': ({ props, id }) => hostView(props, serverOf(props, id)),
  'POST /_emu/machines/{}/power': ({ props, id, body }) => {
    const { action } = parsed(inputs.powerBody, body);
    return behindTheApi(props, id, (server) => props.machines.power(server.id, action));
  },
  'POST /_emu/machines/{}/reinstall': ({ props, id, body }) => {
    const given = parsed(inputs.reinstallBody, body);
    return behindTheApi(props, id, (server) => props.machines.reinstall(specOf(props, server, given)));
  },
  'DELETE /_emu/machines/{}': ({ props, id }) =>
    behindTheApi(props, id, (server) => props.machines.remove(server.id)),
};

/** What the machine itself says, beside what the API says of it. */
async function hostView({ machines, store }: ControlProps, server: Server): Promise<object> {
  const address = addressesOf(store.state, server.id, 'primary-ip')[0]?.address;
  const { id, hostname, state, status, power } = server;
  const machine = (await machines.tryInspect(id)) ?? null;
  return { api: { id, hostname, state, status, power, address }, machine: withoutSecrets(machine) };
}

/** Does something to a machine that the API's record never hears of. */
async function behindTheApi(
  props: ControlProps,
  id: string,
  work: (server: Server) => Promise<void>,
): Promise<object> {
  const server = serverOf(props, id);
  await props.jobs.exclusively(server.id, () => work(server));
  return hostView(props, server);
}

function specOf(
  { store, pools }: ControlProps,
  server: Server,
  given: z.infer<typeof inputs.reinstallBody>,
): MachineSpec {
  const known = addressesOf(store.state, server.id, 'primary-ip')[0]!.address;
  return {
    serverId: server.id,
    hostname: server.hostname,
    image: server.image.slug,
    address: given.address === 'kept' ? known : otherAddress(store.state, pools),
    authorizedKeys: given.authorizedKeys,
    userData: given.userData,
    faults: [],
  };
}

function otherAddress(state: State, { primary }: Pools): string {
  const taken = new Set(listOf(state.addresses).map(({ address }) => address));
  const free = tryNextAddress(primary, taken);
  if (free === undefined)
    throw new Rejected(409, `no address is free from ${primary.first} to ${primary.last}`);
  return free;
}
