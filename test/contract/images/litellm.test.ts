import { silent } from '../../../foundation/progress';
import { litellmImage } from '../../../sandbox/images/litellm';
import { buildDeadline, docker, exec, imageConfig, Scratch } from './harness';

/**
 * The contract of the official image for users without rights, as far as it is stated in its Dockerfile
 * (BerriAI/litellm, docker/Dockerfile.non_root). Run against the real one with
 * LITELLM_IMAGE=ghcr.io/berriai/litellm-non_root:<tag>. How it serves is tried in test/tool/services/litellm.
 */
const contract = {
  config: {
    Cmd: ['--port', '4000'],
    Entrypoint: ['/app/docker/prod_entrypoint.sh'],
    ExposedPorts: { '4000/tcp': {} },
    User: 'nobody',
    Volumes: null,
    WorkingDir: '/app',
  },
  env: ['HOME=/app', 'LITELLM_NON_ROOT=true'],
  prints: [
    ['it runs as a user without rights', ['id', '-u'], /^65534$/],
    ['there is a python3 for health checks', ['python3', '--version'], /^Python 3\./],
    ['there is a python as well', ['python', '--version'], /^Python 3\./],
    ['litellm is on PATH', ['which', 'litellm'], /litellm$/],
    [
      'nothing of the server has to be compiled at a start that cannot write anything',
      [
        'sh',
        '-c',
        `python3 -v -c 'import litellm.proxy.proxy_server as it; print(it.__name__)' 2>/tmp/said && { grep -c 'is stale\\|code object from .*[.]py$' /tmp/said || :; }`,
      ],
      /litellm\.proxy\.proxy_server\n0$/,
    ],
  ] as [string, string[], RegExp][],
};

describe('the LiteLLM image', () => {
  const scratch = new Scratch();
  let image: string;
  let container: string;

  beforeAll(async () => {
    image = process.env['LITELLM_IMAGE'] ?? (await litellmImage(docker, silent)).reference;
    container = await scratch.start('tools', ['--network=none', '--entrypoint=sleep', image, '300']);
  }, buildDeadline);
  afterAll(() => scratch.removeAll());

  it('is started as the official one', async () => {
    const config = await imageConfig(image);
    expect(config).toMatchObject(contract.config);
    expect(config.Env).toEqual(expect.arrayContaining(contract.env));
  });

  // All of the server is imported once, and each module named: most of a minute where the processors have other work.
  it.each(contract.prints)(
    'holds what others rely on: %s',
    async (_, argv, pattern) => {
      const { code, stdout } = await exec(container, ...argv);
      expect(stdout.trim()).toMatch(pattern);
      expect(code).toBe(0);
    },
    4 * 60_000,
  );
});
