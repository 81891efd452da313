import { servingSlot } from '../../../../deploy/diff/serving-slot';
import { fakeTransport } from '../fake-transport';

describe('the slot that a host serves from', () => {
  test.each([
    ['slot b', { stdout: 'cogni-app-b\n' }, 'b'],
    ['no slot before the first deploy', { stdout: 'none\n' }, undefined],
    ['no slot where there is no such file', { code: 1, stderr: 'No such file or directory' }, undefined],
  ])('is read from the file that the edge reads: %s', async (_, answer, slot) => {
    const transport = fakeTransport([['/upstream/active', answer]]);
    expect(await servingSlot(transport)).toBe(slot);
    expect(transport.log).toEqual(['cat -- /opt/cogni/edge/caddy/upstream/active']);
  });
});
