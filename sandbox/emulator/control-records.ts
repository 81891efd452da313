import { createKey } from './accounts';
import { parsed, present, Rejected, serverOf, type Controls } from './control-call';
import * as inputs from './control-inputs';
import { deleteServer } from './servers';
import { addressesOf, drop, own, put } from './state';
import { keyView, serverView } from './views';

/** What the vendor, or somebody else of the team, does to the API's records without a call of ours. */
export const recordControls: Controls = {
  'PATCH /_emu/servers/{}': async ({ props, id, body }) => {
    const { address, keys } = parsed(inputs.recordBody, body);
    const server = serverOf(props, id);
    const unknown = (keys ?? []).filter((key) => own(props.store.state.keys, key) === undefined);
    if (unknown.length > 0) throw new Rejected(404, `there is no key ${unknown.join(', ')}`);
    const machine = await props.machines.tryInspect(server.id);
    if (address !== undefined && !machine)
      throw new Rejected(409, `there is no machine behind server ${server.id}, so it has no address`);
    const state = props.store.change((before) => {
      const changed = put(before, 'servers', { ...server, keys: keys ?? server.keys });
      const primary = addressesOf(before, server.id, 'primary-ip')[0];
      return address === undefined || !machine || !primary
        ? changed
        : put(changed, 'addresses', { ...primary, address: machine.address });
    });
    return serverView(state, state.servers[server.id]!);
  },
  'DELETE /_emu/servers/{}': async ({ props, id }) => {
    const server = serverOf(props, id);
    if (server.state === 'terminating') throw new Rejected(409, `server ${server.id} is terminating already`);
    props.store.change((state) => deleteServer(state, server, { now: props.now(), pools: props.pools }));
    props.jobs.startAll();
    await props.jobs.settled(server.id);
    return own(present(props).servers, server.id) ?? null;
  },
  'DELETE /_emu/addresses/{}': ({ props, id }) => {
    const address = own(present(props).addresses, id);
    if (address?.type !== 'floating-ip') throw new Rejected(404, `there is no floating address ${id}`);
    props.store.change((state) => drop(state, 'addresses', id));
    return address;
  },
  'POST /_emu/keys': ({ props, body }) => {
    const { team, label, key } = parsed(inputs.keyBody, body);
    if (own(props.store.state.teams, team) === undefined) throw new Rejected(404, `there is no team ${team}`);
    let id = 0;
    const state = props.store.change((before) => {
      const made = createKey(before, team, { label, key }, props.now());
      id = made.key.id;
      return made.state;
    });
    return keyView(state.keys[id]!);
  },
};
