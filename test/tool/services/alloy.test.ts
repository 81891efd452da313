import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { run } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { ensureEngine } from '../../../sandbox/engine';
import { modelStubImage } from '../../../sandbox/images/model-stub';
import { engineSocket, renderPipeline } from '../../../services/alloy/pipeline';
import { redacted } from '../../../services/alloy/redaction';
import { eventually, Scratch } from '../../contract/images/harness';
import { harmlessLines, leaks, noisyLines, secretLines } from '../../unit/services/alloy/log-lines';
import { TelemetrySink } from './telemetry/sink';

/** Alloy's own programs, where there is one: it cannot be had everywhere (test/skips.json says why). */
const alloyIsHere = (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
  try {
    accessSync(join(folder, 'alloy'), constants.X_OK);
    return true;
  } catch {
    return false;
  }
});

describe('the configuration of Alloy', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-alloy-'));
    file = join(folder, 'config.alloy');
    const pipeline = renderPipeline({
      environment: 'preview',
      collect: [{ project: 'cogni-runtime', service: 'app-a' }],
      noise: ['/livez'],
      metrics: { host: 'app', port: 3000, path: '/api/metrics' },
    });
    writeFileSync(file, pipeline);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const alloy = (...words: string[]) => run({ argv: ['alloy', ...words], deadline: 60_000 });

  (alloyIsHere ? it : it.skip)('is valid, and formatted as Alloy itself would format it', async () => {
    expect(await alloy('validate', file)).toMatchObject({ code: 0 });
    expect(await alloy('fmt', '--test', file)).toMatchObject({ code: 0 });
  });
});

/** The metrics of an application that lets in who has its token. */
async function metricsOf(token: string): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = createServer(({ headers: { authorization } }, response) => {
    if (authorization !== `Bearer ${token}`) response.writeHead(401).end();
    else response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end('asked_total 42\n');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}

/** Prints what it finds in LINES, one a line, and stays. */
const printing =
  'for (const line of JSON.parse(process.env.LINES)) console.log(line); setInterval(() => {}, 1e6)';

describe('Alloy, started with the configuration that is rendered for it', () => {
  const scratch = new Scratch();
  const folder = mkdtempSync(join(tmpdir(), 'cogni-alloy-run-'));
  const cleanUp: (() => unknown)[] = [];
  afterAll(async () => {
    for (const each of cleanUp.reverse()) await each();
    await scratch.removeAll();
    rmSync(folder, { recursive: true, force: true });
  });

  (alloyIsHere ? it : it.skip)(
    'sends the logs of the named services with their labels and without secrets, and the metrics',
    async () => {
      const token = 'f'.repeat(64);
      const sink = await TelemetrySink.start();
      cleanUp.push(() => sink.stop());
      const metrics = await metricsOf(token);
      cleanUp.push(metrics.close);
      const { docker } = await ensureEngine(silent);
      const { reference } = await modelStubImage(docker, silent);
      const service = (project: string, name: string, lines: readonly string[]): Promise<string> =>
        scratch.start(name, [
          '--network=none',
          `--label=com.docker.compose.project=${project}`,
          `--label=com.docker.compose.service=${name}`,
          `--env=LINES=${JSON.stringify(lines)}`,
          '--entrypoint=node',
          reference,
          ...['-e', printing],
        ]);
      // The service that is not named is there first: what comes of the other one comes after it.
      await service('elsewhere', 'other', ['of another service']);
      await service('cogni-runtime', 'app-a', [...secretLines, ...noisyLines, ...harmlessLines]);

      const rendered = renderPipeline({
        environment: 'preview',
        collect: [{ project: 'cogni-runtime', service: 'app-a' }],
        noise: ['/livez', '/api/metrics'],
        metrics: { host: '127.0.0.1', port: metrics.port, path: '/api/metrics' },
      });
      const socket = (docker.host ?? `unix://${engineSocket}`).replace('unix://', '');
      const file = join(folder, 'config.alloy');
      writeFileSync(file, rendered.replaceAll(engineSocket, socket));
      const listen = '--server.http.listen-addr=127.0.0.1:0';
      const alloy = spawn(
        'alloy',
        ['run', listen, `--storage.path=${join(folder, 'data')}`, '--disable-reporting', file],
        {
          stdio: ['ignore', 'ignore', 'inherit'],
          env: {
            ...process.env,
            GRAFANA_CLOUD_LOKI_URL: sink.lokiUrl,
            GRAFANA_CLOUD_LOKI_USER: 'logs',
            GRAFANA_CLOUD_LOKI_API_KEY: 'logs-key',
            PROMETHEUS_REMOTE_WRITE_URL: sink.prometheusUrl,
            PROMETHEUS_USERNAME: 'metrics',
            PROMETHEUS_PASSWORD: 'metrics-key',
            METRICS_TOKEN: token,
          },
        },
      );
      cleanUp.push(async () => {
        if (alloy.exitCode !== null) return;
        alloy.kill();
        await once(alloy, 'exit');
      });

      const wanted = secretLines.length + harmlessLines.length;
      await eventually(async () => {
        expect(alloy.exitCode).toBeNull();
        expect(sink.lines.length).toBeGreaterThanOrEqual(wanted);
        expect(sink.series.map(({ labels }) => labels['__name__'])).toContain('asked_total');
        return Promise.resolve();
      }, 90);
      const labels = { app: 'cogni', env: 'preview', service: 'app-a', stream: 'stdout' };
      for (const line of sink.lines) expect(line.labels).toEqual(labels);
      const texts = sink.lines.map(({ line }) => line);
      expect(texts.slice(secretLines.length)).toEqual(harmlessLines);
      for (const line of texts.slice(0, secretLines.length)) {
        expect(line).toContain(redacted);
        expect(leaks(line)).toBe(false);
      }
      expect(sink.series).toContainEqual({
        labels: expect.objectContaining({ __name__: 'asked_total', app: 'cogni', env: 'preview' }) as unknown,
        value: 42,
      });
      expect([...sink.logins].sort()).toEqual(['logs:logs-key', 'metrics:metrics-key']);
      expect(sink.refused).toEqual([]);
    },
    180_000,
  );
});
