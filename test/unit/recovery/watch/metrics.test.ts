import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { metricsText } from '../../../../recovery/watch/metrics';
import { serveMetrics } from '../../../../recovery/watch/serve-metrics';
import { check, evidence } from '../identity/examples';
import { glance, look, noAnswer } from './looks';

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

describe('the metrics of a watch', () => {
  it('all stand in the page of operations', () => {
    const text = (file: string): string => readFileSync(join(__dirname, '../../../..', file), 'utf8');
    const page = text('docs/operations.md');
    // Those without a sample are not announced, so the source is asked.
    const names = [...text('recovery/watch/metrics.ts').matchAll(/name: '(cogni_\w+)'/g)].map(
      ([, name]) => name,
    );
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('are samples of known form, each family announced once', () => {
    const text = metricsText([
      { look: look(), open: [], marked: true },
      { look: look({ environment: 'production', glance: noAnswer }), open: ['host'], marked: true },
    ]);
    const sample = /^[a-z_]+\{environment="[a-z]+"(,[a-z]+="[a-z ]+")?\} -?\d+(\.\d+)?$/;
    const announced = lines(text).filter((line) => line.startsWith('# TYPE'));
    expect(new Set(announced).size).toBe(announced.length);
    for (const line of lines(text).filter((each) => !each.startsWith('#'))) expect(line).toMatch(sample);
    expect(text).toContain(
      'cogni_host_up{environment="preview"} 1\ncogni_host_up{environment="production"} 0\n',
    );
    expect(text).toContain('cogni_watch_alert{environment="production",condition="host"} 1');
    expect(text).toContain('cogni_host_verdict{environment="production",word="silent"} 1');
  });

  it('leave out what is not known, instead of a 0 that would be a value', () => {
    const text = metricsText([
      { look: look({ glance: glance({ inside: undefined }) }), open: [], marked: true },
    ]);
    expect(text).not.toMatch(
      /_disk_|backup_newest|cogni_wal|cogni_receiver|cogni_drill|certificate_expiry|deploy_under_way/,
    );
  });

  it('say of a receiver of the log whether it is there, how far it is behind, and whether commits wait for it', () => {
    const textOf = (receiver: { there: boolean; behind: number | undefined; waited: boolean }): string =>
      metricsText([
        {
          look: look({
            slow: {
              backups: {
                alarms: [],
                newestGood: undefined,
                logAge: undefined,
                waitingMebibytes: undefined,
                receiver,
              },
            },
          }),
          open: [],
          marked: true,
        },
      ]);
    const there = textOf({ there: true, behind: 512, waited: true });
    expect(there).toContain('cogni_receiver_up{environment="preview"} 1\n');
    expect(there).toContain('cogni_receiver_behind_bytes{environment="preview"} 512\n');
    expect(there).toContain('cogni_receiver_waited{environment="preview"} 1\n');
    const away = textOf({ there: false, behind: undefined, waited: false });
    expect(away).toContain('cogni_receiver_up{environment="preview"} 0\n');
    expect(away).not.toContain('cogni_receiver_behind_bytes');
  });

  it('say when the last drill was, how it ended, and whether its signature is trusted here', () => {
    const backups = {
      ...{ alarms: [], newestGood: undefined, logAge: undefined, waitingMebibytes: undefined },
      drill: { at: new Date(1_795_248_000_000), passed: false, trusted: true },
    };
    const text = metricsText([{ look: look({ slow: { backups } }), open: [], marked: true }]);
    expect(text).toContain(
      'cogni_drill_last_timestamp_seconds{environment="preview",trusted="true"} 1795248000\n',
    );
    expect(text).toContain('cogni_drill_last_passed{environment="preview",trusted="true"} 0\n');
  });

  it('say how old the newest good backup is, how far the log is behind, and when the certificate ends', () => {
    const slow = {
      backups: {
        alarms: [],
        newestGood: new Date('2026-11-21T08:00:00Z'),
        logAge: 31_500,
        waitingMebibytes: 2,
      },
      certificate: { from: new Date('2026-10-01T00:00:00Z'), until: new Date('2026-12-30T00:00:00Z') },
    };
    const text = metricsText([{ look: look({ slow }), open: [], marked: true }]);
    expect(text).toContain('cogni_backup_newest_good_timestamp_seconds{environment="preview"} 1795248000');
    expect(text).toContain('cogni_wal_lag_seconds{environment="preview"} 31.5');
    expect(text).toContain('cogni_wal_waiting_bytes{environment="preview"} 2097152');
    expect(text).toContain('cogni_certificate_expiry_timestamp_seconds{environment="preview"} 1798588800');
  });

  it('are served at /metrics, to those who read, and nothing else is', async () => {
    const served = await serveMetrics({ host: '127.0.0.1', port: 0 }, () => [
      { look: look(), open: [], marked: true },
    ]);
    const ask = (path: string, method = 'GET'): Promise<number | undefined> =>
      new Promise((resolve, reject) => {
        get(`http://${served.address}${path}`, { method }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        }).once('error', reject);
      });
    try {
      expect(await ask('/metrics')).toBe(200);
      expect(await ask('/')).toBe(404);
      expect(await ask('/metrics', 'DELETE')).toBe(405);
      const [host, port] = served.address.split(':');
      await expect(serveMetrics({ host: host!, port: Number(port) }, () => [])).rejects.toThrow(
        /cannot be served/,
      );
    } finally {
      served.close();
    }
  });
});

describe('the metric of what a host shows', () => {
  const verdictOf = (marked: boolean): string =>
    metricsText([
      {
        look: look({
          glance: glance({ check: check({ evidence: evidence({ marker: 'none', release: undefined }) }) }),
        }),
        open: [],
        marked,
      },
    ]);

  it('tells a host that lost its data from one that is new', () => {
    expect(verdictOf(false)).toContain('word="fresh"} 1');
    expect(verdictOf(true)).toContain('word="emptied"} 1');
  });
});
