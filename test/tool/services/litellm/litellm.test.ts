import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../../foundation/clock';
import { silent } from '../../../../foundation/progress';
import type { Docker } from '../../../../sandbox/docker';
import { ensureEngine } from '../../../../sandbox/engine';
import { litellmImage } from '../../../../sandbox/images/litellm';
import { modelStubImage } from '../../../../sandbox/images/model-stub';
import { renderLitellmConfig } from '../../../../services/litellm/config';
import { litellm } from '../../../../services/litellm/litellm';
import { models } from '../../../../services/litellm/models';

/** Milliseconds: it loads for ten seconds of one processor's time, and the processors are shared. */
const startDeadline = 180_000;

/** The rendered configuration, read by the real program, in front of the stub that plays OpenRouter. */
describe('LiteLLM, started with the file that is rendered for it', () => {
  const name = `cogni-litellm-test-${randomBytes(4).toString('hex')}`;
  const key = `sk-${randomBytes(24).toString('hex')}`;
  const folder = mkdtempSync(join(tmpdir(), 'cogni-litellm-'));
  let docker: Docker;
  let image: string;
  let base: string;

  /** As the service runs it: nothing to write to but /tmp, no rights. */
  const run = (container: string, environment: Readonly<Record<string, string>>): Promise<string> =>
    docker.docker([
      'run',
      '--detach',
      `--name=${container}`,
      `--network=${name}`,
      '--read-only',
      '--cap-drop=ALL',
      '--user=nobody',
      '--tmpfs=/tmp',
      `--mount=type=bind,source=${folder},target=/etc/litellm,readonly`,
      ...Object.entries(environment).map(([variable, value]) => `--env=${variable}=${value}`),
      '--env=LITELLM_LOCAL_MODEL_COST_MAP=True',
      '--env=DISABLE_ADMIN_UI=True',
      image,
      '--config',
      '/etc/litellm/config.yaml',
      '--port',
      String(litellm.port),
    ]);

  const addressOf = async (container: string): Promise<string> => {
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    return (await docker.docker(['inspect', `--format=${format}`, container])).trim();
  };

  const untilReady = async (): Promise<void> => {
    const until = systemClock.monotonic() + startDeadline;
    for (;;) {
      const status = await fetch(base + litellm.paths.ready).then(
        (response) => response.status,
        () => 0,
      );
      if (status === 200) return;
      if (systemClock.monotonic() > until) throw new Error(await docker.docker(['logs', `${name}-proxy`]));
      await systemClock.sleep(250);
    }
  };

  const ask = (path: string, body?: object, secret = key): Promise<Response> =>
    fetch(base + path, {
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    });
  const complete = (content: string, more: object = {}): Promise<Response> =>
    ask('/v1/chat/completions', { model: 'nova-2-lite', messages: [{ role: 'user', content }], ...more });

  beforeAll(async () => {
    ({ docker } = await ensureEngine(silent));
    image = (await litellmImage(docker, silent)).reference;
    const stub = (await modelStubImage(docker, silent)).reference;
    writeFileSync(join(folder, 'config.yaml'), renderLitellmConfig({ models, database: false }));
    chmodSync(folder, 0o755);
    await docker.docker(['network', 'create', name]);
    await docker.docker(['run', '--detach', `--name=${name}-models`, `--network=${name}`, stub]);
    // Both at once: the loading is what takes the time.
    await run(`${name}-keyless`, { OPENROUTER_API_KEY: 'sk-or-0123456789abcdef' });
    await run(`${name}-proxy`, {
      LITELLM_MASTER_KEY: key,
      OPENROUTER_API_KEY: 'sk-or-0123456789abcdef',
      OPENROUTER_API_BASE: `http://${await addressOf(`${name}-models`)}:8080/api/v1`,
    });
    base = `http://${await addressOf(`${name}-proxy`)}:${litellm.port}`;
    await untilReady();
  }, 25 * 60_000);
  afterAll(async () => {
    for (const container of ['models', 'keyless', 'proxy'])
      await docker.tryDocker(['rm', '--force', `${name}-${container}`]);
    await docker.tryDocker(['network', 'rm', name]);
    rmSync(folder, { recursive: true });
  });

  it('is alive', async () => expect((await fetch(base + litellm.paths.live)).status).toBe(200));

  it('offers every model of the list, in its order, with what the application shows', async () => {
    const { data } = (await (await ask('/model/info')).json()) as {
      data: { model_name: string; model_info: Record<string, unknown> }[];
    };
    expect(data.map(({ model_name }) => model_name)).toEqual(models.map((model) => model.name));
    expect(data[0]?.model_info).toMatchObject({
      display_name: 'Amazon Nova 2 Lite',
      is_free: true,
      metadata: { cogni: { default_free: true } },
    });
  });

  it('lets the provider answer under the provider’s own name of the model', async () => {
    const response = await complete('Are you there?');
    expect(response.status).toBe(200);
    await expect(response.json()).resolves.toMatchObject({
      choices: [{ message: { content: 'The stub of amazon/nova-2-lite-v1:free was asked: Are you there?' } }],
    });
  });

  it('streams the answer', async () => {
    const response = await complete('Go', { stream: true });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    const text = await response.text();
    expect(text.match(/^data: /gm)?.length).toBeGreaterThan(5);
    expect(text.trimEnd()).toMatch(/data: \[DONE\]$/);
  });

  it('passes on that a provider is asked too often', async () => {
    expect((await complete('[stub:rate-limit]')).status).toBe(429);
  });

  it('answers nobody who does not show its key', async () => {
    const response = await ask('/v1/models', undefined, 'sk-wrong');
    // Without a database it cannot look a key up, and says that instead of 401.
    expect([400, 401]).toContain(response.status);
    expect(await response.text()).not.toContain('nova-2-lite');
  });

  it('writes neither its key nor what people ask into its log', async () => {
    await (await complete('a private matter')).text();
    const { stdout, stderr } = await docker.tryDocker(['logs', `${name}-proxy`]);
    expect(`${stdout}${stderr}`).toContain('/v1/chat/completions');
    expect(`${stdout}${stderr}`).not.toMatch(/private matter|sk-or-0123/);
    expect(`${stdout}${stderr}`).not.toContain(key);
  });

  it('does not start when the variable that the file refers to is not there, and says which', async () => {
    const { stdout: code } = await docker.tryDocker(['wait', `${name}-keyless`], { deadline: startDeadline });
    expect(Number(code)).not.toBe(0);
    const { stdout, stderr } = await docker.tryDocker(['logs', `${name}-keyless`]);
    expect(`${stdout}${stderr}`).toMatch(/refused to start: no master key is set[\s\S]*LITELLM_MASTER_KEY/);
  });
});
