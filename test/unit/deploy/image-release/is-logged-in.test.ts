import type { Output } from '../../../../foundation/process';
import { commandOf, PlayedDocker } from './played-docker';

describe('whether docker is logged in to the registry of the runner', () => {
  let docker: PlayedDocker;
  beforeEach(() => (docker = new PlayedDocker()));
  afterEach(() => docker.remove());

  const look = (says: string, code = 1): Promise<Output> =>
    docker.answers(commandOf('login', 'ghcr.test/cogni/runner:sc0.11.2-node18-2026-11-21'), says, code);

  it('is so where docker says so', async () => {
    expect(await look('Login Succeeded', 0)).toMatchObject({ code: 0, stderr: '' });
  });

  it.each([
    'Error: Cannot perform an interactive login from a non TTY device',
    'error: cannot perform an interactive login from a non-TTY device',
    'Stored credentials invalid or expired\nError: Cannot perform an interactive login from a non TTY device',
    'Error response from daemon: Get "https://ghcr.test/v2/": denied: denied',
    'Error response from daemon: Get "https://ghcr.test/v2/": unauthorized: incorrect username or password',
    'Error response from daemon: login attempt to https://ghcr.test/v2/ failed with status: 401 Unauthorized',
    'Error response from daemon: login attempt to https://ghcr.test/v2/ failed with status: 403 Forbidden',
  ])('is refused where it has no login, or one that does not count: %j', async (says) => {
    expect(await look(says)).toMatchObject({ code: 3, stderr: `${says}\n` });
  });

  it.each([
    'Login did not succeed, error: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\nError: Cannot perform an interactive login from a non TTY device',
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: dial unix /var/run/docker.sock: connect: permission denied',
    'Error response from daemon: Get "https://ghcr.test/v2/": dial tcp: lookup ghcr.test: no such host',
    'Error response from daemon: login attempt to https://ghcr.test/v2/ failed with status: 503 Service Unavailable',
    'error getting credentials - err: exec: "docker-credential-desktop": executable file not found in $PATH, out: ``',
  ])(
    'cannot be known where the registry or the daemon does not answer, and is said as it came: %j',
    async (says) => {
      expect(await look(says)).toMatchObject({ code: 4, stderr: `${says}\n` });
    },
  );
});
