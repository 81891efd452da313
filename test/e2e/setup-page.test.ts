import { dockerAt } from '../../sandbox/docker';
import { domainOf } from '../../sandbox/up';
import { FollowedSetup } from './followed-setup';
import { cogni, textOf } from './sandbox-cli';

/**
 * The commands of docs/setup.md that speak to accounts, hosts and registries, as they stand on the page and in its order,
 * on the sandbox: from its account to a production that serves, and then each that only its recovery has. Those of preview are run in the
 * story of the first machine (`spine.test.ts`), after it was destroyed; a recovery in its own order, after a loss, is followed in
 * `test/nightly/recovery/setup-page.test.ts`; `test/setup-page.ts` says who runs which.
 */
describe('docs/setup.md, followed for production', () => {
  const docker = dockerAt(process.env['DOCKER_HOST']);
  const setup = new FollowedSetup('production');
  const domain = domainOf('production');
  const sha = 'b'.repeat(40);

  beforeAll(() => setup.begin(sha));
  afterAll(async () => {
    await cogni('sandbox', 'down');
  });

  it.each(setup.all)('%s', async (line) => {
    const output = await setup.follow(docker, line, sha);
    expect({ code: output.code, said: output.code === 0 ? '' : textOf(output) }).toEqual({
      code: 0,
      said: '',
    });
  });

  it('ends with a site that serves the release, and leads www there', async () => {
    const version = await setup.follow(docker, `curl --fail --silent https://${domain}/version`, sha);
    expect(version.stdout).toContain(sha);
    const www = await setup.follow(docker, `curl --silent --head https://www.${domain}/`, sha);
    expect(www.stdout).toMatch(/^HTTP\/\S+ 308/);
    expect(www.stdout.toLowerCase()).toContain(`location: https://${domain}/`);
  });
});
