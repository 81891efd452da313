import * as formats from '../formats';
import type { Setting } from '../setting';

/**
 * Logs and metrics, and where they are sent. All of it is optional here: whether Alloy runs is the environment's own
 * record, and a deploy of one where it does refuses to begin without them.
 */
export const alloySettings = {
  GRAFANA_CLOUD_LOKI_URL: {
    description: 'Where logs are pushed to, path included: https://logs-….grafana.net/loki/api/v1/push',
    kind: 'plain',
    required: { whenSet: ['GRAFANA_CLOUD_LOKI_USER', 'GRAFANA_CLOUD_LOKI_API_KEY'] },
    scope: 'environment-variable',
    format: formats.pushUrl,
    consumers: ['runtime/alloy'],
  },
  GRAFANA_CLOUD_LOKI_USER: {
    description: 'User of the log store: the number of the Loki instance',
    kind: 'plain',
    required: { whenSet: ['GRAFANA_CLOUD_LOKI_URL', 'GRAFANA_CLOUD_LOKI_API_KEY'] },
    scope: 'environment-variable',
    format: formats.accountName,
    consumers: ['runtime/alloy'],
  },
  GRAFANA_CLOUD_LOKI_API_KEY: {
    description: 'Token of a Grafana Cloud access policy that may write logs and nothing else',
    kind: 'secret',
    required: { whenSet: ['GRAFANA_CLOUD_LOKI_URL', 'GRAFANA_CLOUD_LOKI_USER'] },
    scope: 'environment-secret',
    format: formats.secret(16),
    consumers: ['runtime/alloy'],
  },
  PROMETHEUS_REMOTE_WRITE_URL: {
    description: 'Where metrics are pushed to, path included: https://prometheus-….grafana.net/api/prom/push',
    kind: 'plain',
    required: { whenSet: ['PROMETHEUS_USERNAME', 'PROMETHEUS_PASSWORD'] },
    scope: 'environment-variable',
    format: formats.pushUrl,
    consumers: ['runtime/alloy'],
  },
  PROMETHEUS_USERNAME: {
    description: 'User of the metrics store: the number of the Prometheus instance',
    kind: 'plain',
    required: { whenSet: ['PROMETHEUS_REMOTE_WRITE_URL', 'PROMETHEUS_PASSWORD'] },
    scope: 'environment-variable',
    format: formats.accountName,
    consumers: ['runtime/alloy'],
  },
  PROMETHEUS_PASSWORD: {
    description: 'Token of a Grafana Cloud access policy that may write metrics and nothing else',
    kind: 'secret',
    required: { whenSet: ['PROMETHEUS_REMOTE_WRITE_URL', 'PROMETHEUS_USERNAME'] },
    scope: 'environment-secret',
    format: formats.secret(16),
    consumers: ['runtime/alloy'],
  },
} as const satisfies Readonly<Record<string, Setting>>;
