import { dockerAt } from '../../../sandbox/docker';
import { domainOf } from '../../../sandbox/up';
import { FollowedSetup } from '../../e2e/followed-setup';
import { cdktf, cogni, control, textOf } from '../../e2e/sandbox-cli';

interface Inventory {
  readonly servers: Readonly<Record<string, { readonly id: number; readonly hostname: string }>>;
  readonly addresses: Readonly<
    Record<string, { readonly type: string; readonly address: string; readonly server: number | null }>
  >;
}

/**
 * docs/setup.md from one end to the other, for production on the sandbox: followed to a site that serves, then the provider ends its server and
 * the machine that it was operated from is gone as well, and the page is followed back. One story, in order.
 */
describe('docs/setup.md, followed for production and back after a loss', () => {
  const docker = dockerAt(process.env['DOCKER_HOST']);
  const setup = new FollowedSetup('production');
  const domain = domainOf('production');
  const sha = 'c'.repeat(40);
  let before: Awaited<ReturnType<typeof inventory>>;

  beforeAll(() => setup.begin(sha));
  afterAll(async () => {
    await cogni('sandbox', 'down');
  });

  const follow = async (line: string): Promise<string> => {
    const output = await setup.follow(docker, line, sha);
    expect({ code: output.code, said: output.code === 0 ? '' : textOf(output) }).toEqual({
      code: 0,
      said: '',
    });
    return output.stdout;
  };
  /** What the account has of production. */
  const inventory = async () => {
    const { servers, addresses } = (await control('GET', '/state')) as Inventory;
    return {
      server: Object.values(servers).find(({ hostname }) => hostname === 'production-cogni')?.id,
      floating: Object.values(addresses).find(({ type }) => type === 'floating-ip'),
    };
  };

  it.each(setup.setUp)('leads there: %s', async (line) => {
    await follow(line);
  });

  it('has everything exported once more when the host stands, as the page says', async () => {
    for (const line of setup.onlyToSetUp) expect(await follow(line)).toContain('known_hosts');
  });

  it('loses its server at the provider, and the machine that it was operated from', async () => {
    before = await inventory();
    expect(before.floating).toMatchObject({ server: before.server });
    await control('DELETE', `/servers/${before.server}`);
    await setup.loseMachine();
    expect(await inventory()).toMatchObject({ server: undefined, floating: { server: null } });
  });

  it.each(setup.recovery.map((line, at) => [line, at] as const))('leads back: %s', async (line, at) => {
    if (at !== setup.asksWhatIsLost) {
      await follow(line);
      return;
    }
    const output = await setup.follow(docker, line, sha);
    expect(output).toMatchObject({ code: 5, stdout: expect.stringMatching(/^ +verdict +lost/m) });
  });

  it('ends with another server that serves the release, and the floating address of before attached to it', async () => {
    expect(await follow(`curl --fail --silent https://${domain}/version`)).toContain(sha);
    const { server, floating } = await inventory();
    expect(server).not.toBe(before.server);
    expect(floating).toEqual({ ...before.floating, server });
  });

  it('leaves nothing to change', async () => {
    for (const stack of ['production-address', 'production'])
      expect(textOf(await cdktf('diff', stack))).toContain('No changes');
  });
});
