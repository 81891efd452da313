import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Output } from '../../../../foundation/process';
import { silent } from '../../../../foundation/progress';
import type { Docker } from '../../../../sandbox/docker';
import { ensureNetwork } from '../../../../sandbox/parts/network';
import { worldOf } from '../../../../sandbox/world';

/** An engine with networks only; what `refuse` says of a subnet is its answer to a wish for it. */
function engine(refuse: (subnet: string) => string | undefined = () => undefined): {
  docker: Docker;
  asked: string[];
} {
  const asked: string[] = [];
  let made:
    { Id: string; Labels: Record<string, string>; IPAM: { Config: { Subnet: string }[] } } | undefined;
  const tryDocker = (args: readonly string[]): Promise<Output> => {
    const answer = (code: number, stdout = '', stderr = ''): Promise<Output> =>
      Promise.resolve({ code, signal: null, stdout, stderr, timedOut: false, milliseconds: 1 });
    const valueOf = (option: string): string =>
      args.find((arg) => arg.startsWith(`${option}=`))?.slice(option.length + 1) ?? '';
    if (args[1] === 'ls') return answer(0, 'other\n');
    if (args[2]?.startsWith('--format')) return answer(0, '172.17.0.0/16 \n');
    if (args[1] === 'inspect') {
      return made ? answer(0, JSON.stringify([made])) : answer(1, '[]', 'Error: No such network: x');
    }
    const subnet = valueOf('--subnet');
    asked.push(subnet);
    const refused = refuse(subnet);
    if (refused !== undefined) return answer(1, '', refused);
    const [label, id] = valueOf('--label').split('=') as [string, string];
    made = { Id: 'abc', Labels: { [label]: id }, IPAM: { Config: [{ Subnet: subnet }] } };
    return answer(0, 'abc\n');
  };
  return {
    docker: { host: undefined, tryDocker, docker: async (args) => (await tryDocker(args)).stdout },
    asked,
  };
}

describe("the sandbox's network", () => {
  let checkout: string;
  beforeEach(() => {
    checkout = mkdtempSync(join(tmpdir(), 'cogni-network-'));
  });
  afterEach(() => rmSync(checkout, { recursive: true, force: true }));

  it('is created once, and then found', async () => {
    const { docker, asked } = engine();
    const made = await ensureNetwork(docker, worldOf(checkout), silent);
    expect(made).toMatchObject({ name: worldOf(checkout).network, id: 'abc', subnet: asked[0] });
    await expect(ensureNetwork(docker, worldOf(checkout), silent)).resolves.toEqual(made);
    expect(asked).toHaveLength(1);
  });

  it('gets the subnet that it had before when it is made again', async () => {
    const before = await ensureNetwork(engine().docker, worldOf(checkout), silent);
    const again = await ensureNetwork(engine().docker, worldOf(checkout), silent);
    expect(again.subnet).toBe(before.subnet);
  });

  it('takes the next subnet when another sandbox snatches the chosen one', async () => {
    let first = '';
    const { docker, asked } = engine((subnet) => {
      first ||= subnet;
      return subnet === first ? 'Error: Pool overlaps with other one on this address space' : undefined;
    });
    const { subnet } = await ensureNetwork(docker, worldOf(checkout), silent);
    expect(asked).toHaveLength(2);
    expect(subnet).toBe(asked[1]);
    expect(subnet).not.toBe(first);
  });

  it('gives up with the words of the engine when it refuses for another reason', async () => {
    const { docker, asked } = engine(() => 'Error: could not find an available bridge');
    await expect(ensureNetwork(docker, worldOf(checkout), silent)).rejects.toThrow(
      /could not find an available bridge/,
    );
    expect(asked).toHaveLength(1);
  });
});
