import { generatedBy } from '../defaults';
import type { SettingName } from '../settings/catalogue';
import { redacted, redactions } from './redaction';
import { exported, FromEnvironment, renderAlloy, type Block, type Component } from './syntax';

/** A service whose logs are kept. */
export interface Collected {
  /** Compose project: `cogni-runtime`. */
  readonly project: string;
  readonly service: string;
}

export interface PipelineProps {
  /** Name of the environment: the label `env` of everything that is sent. */
  readonly environment: string;
  /** Logs of nothing else leave the host. */
  readonly collect: readonly Collected[];
  /** Paths whose successful requests say nothing: probes, scrapes. */
  readonly noise: readonly string[];
  /** Where the application gives its metrics, on a network that Alloy is on. */
  readonly metrics: { readonly host: string; readonly port: number; readonly path: string };
}

/** Of the Docker engine, in Alloy's own container. */
export const engineSocket = '/var/run/docker.sock';

const setting = (name: SettingName): FromEnvironment => new FromEnvironment(name);

/**
 * Alloy's configuration: logs of the services that are named, by way of Docker, without noise and secrets, to Loki; and
 * the application's metrics to Prometheus. Labels are few and of few values, as Loki wants them: `app`, `env`, `service`
 * and `stream`. It holds no secret: addresses and logins are read from Alloy's environment.
 *
 * @throws RangeError when nothing is collected: without a list everything would be
 */
export function renderPipeline(props: PipelineProps): string {
  if (props.collect.length === 0) throw new RangeError('no service is named whose logs are collected');
  return renderAlloy(generatedBy, [logging, ...logs(props), ...metrics(props)]);
}

const logging: Block = { name: 'logging', attributes: { level: 'warn', format: 'json' } };

const composeLabel = (name: 'project' | 'service'): string =>
  `__meta_docker_container_label_com_docker_compose_${name}`;

function logs({ environment, collect, noise }: PipelineProps): readonly Component[] {
  const host = `unix://${engineSocket}`;
  const write: Component = {
    name: 'loki.write',
    label: 'cloud',
    blocks: [
      {
        name: 'endpoint',
        attributes: { url: setting('GRAFANA_CLOUD_LOKI_URL') },
        blocks: [login('GRAFANA_CLOUD_LOKI_USER', 'GRAFANA_CLOUD_LOKI_API_KEY')],
      },
    ],
  };
  const process: Component = {
    name: 'loki.process',
    label: 'clean',
    attributes: { forward_to: [exported(write, 'receiver')] },
    blocks: [...drops(noise), ...redactions.map(replacement)],
  };
  const containers: Component = {
    name: 'discovery.docker',
    label: 'containers',
    attributes: { host, refresh_interval: '10s' },
  };
  const kept: Component = {
    name: 'discovery.relabel',
    label: 'kept',
    attributes: { targets: exported(containers, 'targets') },
    blocks: [
      {
        name: 'rule',
        attributes: {
          action: 'keep',
          source_labels: [composeLabel('project'), composeLabel('service')],
          separator: '/',
          regex: collect.map(({ project, service }) => literal(`${project}/${service}`)).join('|'),
        },
      },
      {
        name: 'rule',
        attributes: { source_labels: [composeLabel('service')], target_label: 'service' },
      },
    ],
  };
  const stream: Component = {
    name: 'loki.relabel',
    label: 'stream',
    attributes: { forward_to: [] },
    blocks: [
      {
        name: 'rule',
        attributes: { source_labels: ['__meta_docker_container_log_stream'], target_label: 'stream' },
      },
    ],
  };
  const source: Component = {
    name: 'loki.source.docker',
    label: 'containers',
    attributes: {
      host,
      targets: exported(kept, 'output'),
      labels: labelsOf(environment),
      relabel_rules: exported(stream, 'rules'),
      forward_to: [exported(process, 'receiver')],
    },
  };
  return [containers, kept, stream, source, process, write];
}

/**
 * Forms in which services tell of a request that was answered well, and of nothing else: each begins with its line, and says
 * where its path and its status stand. What a visitor wrote into such a line is in a string of JSON, where no quote is without
 * a backslash, or behind the status. So a visitor makes a line look like one of these only where a service begins a line with
 * what it was sent.
 */
function successes(noise: readonly string[]): readonly string[] {
  const paths = `(?:${noise.map(literal).join('|')})`;
  const status = '(?:200|204|304)';
  const inJson = `${paths}(?:\\?[^"\\\\]*)?"`;
  const string = '"(?:[^"\\\\]|\\\\.)*"';
  // Up to a field of the same object: strings as a whole, and nothing that has fields of its own.
  const fields = `\\{(?:[^"{}[\\]]|${string})*`;
  const client = '[\\da-fA-F.:]+ - ';
  return [
    // Caddy's record of an access: the request and what may be in it behind its address, then the answer (modules/caddyhttp).
    `^${fields}"request":${fields}"method":"(?:GET|HEAD)","host":${string},"uri":"${inJson}(?:,"tls":\\{[^{}]*\\})?\\},"bytes_read":[^{}]*"status":${status}\\b`,
    // Ours; nothing between the two that could have a status of its own.
    `^${fields}"path":"${inJson}[^{}[\\]]*"status":${status}\\b`,
    `^${fields}"status":${status}\\b[^{}[\\]]*"path":"${inJson}`,
    // The access log of uvicorn; others write the request alone.
    `^(?:(?:INFO:\\s+)?${client})?"(?:GET|HEAD) ${paths}(?:\\?[^"\\s]*)? HTTP/[\\d.]+" ${status}\\b`,
    // The same in JSON, as LiteLLM has it written.
    `^\\{"message": ?"${client}\\\\"(?:GET|HEAD) ${paths}(?:\\?[^"\\\\\\s]*)? HTTP/[\\d.]+\\\\" ${status}"`,
  ];
}

function drops(noise: readonly string[]): readonly Block[] {
  return [
    {
      name: 'stage.drop',
      attributes: { expression: successes(noise).join('|'), drop_counter_reason: 'probe' },
    },
    // Grafana Cloud refuses the whole batch otherwise (its documentation, "Usage limits").
    { name: 'stage.drop', attributes: { older_than: '167h', drop_counter_reason: 'too_old' } },
    { name: 'stage.drop', attributes: { longer_than: '256KB', drop_counter_reason: 'too_long' } },
  ];
}

const replacement = ({ expression }: (typeof redactions)[number]): Block => ({
  name: 'stage.replace',
  attributes: { expression, replace: redacted },
});

function metrics({ environment, metrics: { host, port, path } }: PipelineProps): readonly Component[] {
  const write: Component = {
    name: 'prometheus.remote_write',
    label: 'cloud',
    attributes: { external_labels: labelsOf(environment) },
    blocks: [
      {
        name: 'endpoint',
        attributes: { url: setting('PROMETHEUS_REMOTE_WRITE_URL') },
        blocks: [login('PROMETHEUS_USERNAME', 'PROMETHEUS_PASSWORD')],
      },
    ],
  };
  const scrape: Component = {
    name: 'prometheus.scrape',
    label: 'app',
    attributes: {
      targets: [{ __address__: `${host}:${port}`, service: 'app' }],
      metrics_path: path,
      scrape_interval: '15s',
      scrape_timeout: '10s',
      forward_to: [exported(write, 'receiver')],
    },
    blocks: [
      {
        name: 'authorization',
        attributes: { type: 'Bearer', credentials: setting('METRICS_TOKEN') },
      },
    ],
  };
  return [scrape, write];
}

const login = (username: SettingName, password: SettingName): Block => ({
  name: 'basic_auth',
  attributes: { username: setting(username), password: setting(password) },
});

const labelsOf = (environment: string): Readonly<Record<string, string>> => ({
  app: 'cogni',
  env: environment,
});

/** For RE2, whose special signs are JavaScript's. */
const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
