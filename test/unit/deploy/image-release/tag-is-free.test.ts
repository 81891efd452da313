import { run, type Output } from '../../../../foundation/process';
import { commandOf, PlayedDocker } from './played-docker';

const image = 'ghcr.test/cogni/runner:sc0.11.2-node18-2026-11-21';

describe('whether a tag of the runner is free', () => {
  let docker: PlayedDocker;
  beforeEach(() => (docker = new PlayedDocker()));
  afterEach(() => docker.remove());

  const look = (says: string, code = 1): Promise<Output> =>
    docker.answers(commandOf('tag', image), says, code);

  it.each([
    `Error response from daemon: manifest for ${image} not found: manifest unknown: manifest unknown`,
    'Error response from daemon: manifest unknown',
    'Error response from daemon: name unknown: repository name not known to registry',
    `Error response from daemon: failed to resolve reference "${image}": ${image}: not found`,
  ])('is known where the registry says that it has none: %s', async (says) => {
    expect(await look(says)).toMatchObject({ code: 0, stderr: '' });
  });

  it('is refused where the tag can be pulled', async () => {
    const { code, stderr } = await look('', 0);
    expect(code).toBe(3);
    expect(stderr).toBe(`${image} is there already: a released tag never changes\n`);
  });

  it.each([
    'Error response from daemon: no matching manifest for linux/amd64 in the manifest list entries: not found',
    'Error response from daemon: no matching manifest for linux/arm64/v8 in the manifest list entries: no match for platform in manifest: not found',
    `Error response from daemon: image with reference ${image} was found but does not match the specified platform: wanted linux/amd64, actual: linux/arm64`,
  ])('is refused where the tag is there for another platform: %s', async (says) => {
    const { code, stderr } = await look(says);
    expect(code).toBe(3);
    expect(stderr).toContain('is there already, for other platforms');
  });

  it.each([
    'error getting credentials - err: exec: "docker-credential-desktop": executable file not found in $PATH, out: ``',
    'Error response from daemon: Get "https://ghcr.test/v2/": dial tcp: lookup ghcr.test: host not found',
    'Error response from daemon: denied: requested access to the resource is denied',
    'docker: command not found',
    'Error response from daemon: other.test/cogni/runner:1: not found',
  ])('cannot be known from anything else, and is said as it came: %s', async (says) => {
    expect(await look(says)).toMatchObject({ code: 4, stderr: `${says}\n` });
  });

  it('is asked for the platform of the hosts, not of the machine that builds', async () => {
    await look('manifest unknown');
    const called = await run({ argv: ['cat', docker.called], deadline: 8_000 });
    expect(called.stdout.split('\n')).toEqual(['pull', '--quiet', '--platform=linux/amd64', image, '']);
  });
});
