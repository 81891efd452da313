import { rmSync } from 'node:fs';
import { hostKeyAlias, knownHostsFile } from '../../../cli/host-access';
import { settingsToSync, type SyncAsked } from '../../../cli/sync-settings';
import { writePins } from '../../../deploy/host/pins';
import { failureOf } from '../../failure-of';
import { ecdsa, ed25519 } from '../deploy/host/keys';
import { record } from '../stacks/example';
import { Machine } from './machine';

const address = '203.0.113.7';
const mockRecord = record({ host: { kind: 'existing', name: 'preview-cogni', address } });
jest.mock('../../../stacks/here', () => ({
  ...jest.requireActual<object>('../../../stacks/here'),
  findRecord: () => mockRecord,
}));

/** Terraform has no state of it: what a workflow needs to get there is in its record, and pinned here. */
describe('the way to a host that somebody else made', () => {
  let machine: Machine;
  beforeEach(() => (machine = new Machine()));
  afterEach(() => rmSync(machine.folder, { recursive: true }));

  const pin = (keys: readonly (typeof ed25519)[]) =>
    machine.on(() => {
      writePins(knownHostsFile('preview'), hostKeyAlias('preview'), { keys, machine: undefined }, new Date());
      return Promise.resolve();
    });
  const sync = (asked: SyncAsked) =>
    machine.on(async () =>
      Object.fromEntries(
        (await settingsToSync('preview', asked)).entries.map(({ name, value }) => [name, value]),
      ),
    );

  it.each([true, false])(
    'is its address with the key that is pinned, for the nightly look: %s',
    async (look) => {
      await pin([ecdsa, ed25519]);
      expect(await sync({ host: true, look })).toEqual({
        VM_HOST: address,
        VM_HOST_KEY: `${ed25519.type} ${ed25519.base64}`,
      });
      await pin([ecdsa]);
      expect(await sync({ host: true, look })).toMatchObject({
        VM_HOST_KEY: `${ecdsa.type} ${ecdsa.base64}`,
      });
    },
  );

  it('is not sent by half where no key is pinned, since a workflow refuses that', async () => {
    expect((await failureOf(sync({ host: true, look: true }))).faults).toEqual([
      `VM_HOST_KEY is not known: no key of ${address} is pinned here. ./cogni host pin preview pins it; --no-host leaves out both`,
    ]);
    expect(await sync({ host: false, look: true })).toEqual({});
  });
});
