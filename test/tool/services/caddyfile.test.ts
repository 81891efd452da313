import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { caddyBinary } from '../../../sandbox/images/caddy';
import { adapt, domain, edgeProps, writeEdge } from './running-edge';

const caddy = async (...argv: readonly string[]) =>
  run({ argv: [await caddyBinary(silent), ...argv], deadline: 60_000 });

interface Apps {
  readonly http: { readonly servers: Readonly<Record<string, Site>> };
  readonly tls: { readonly automation: { readonly policies: readonly unknown[] } };
}

interface Site {
  readonly routes: readonly Route[];
  readonly automatic_https?: unknown;
}

interface Route {
  readonly match: readonly { readonly host: readonly string[] }[];
}

describe('the rendered Caddyfile', () => {
  const variants = [
    ['with www and an email', { ...edgeProps, acme: { ...edgeProps.acme, email: 'ops@cogni.test' } }],
    ['without either', { ...edgeProps, www: false }],
  ] as const;

  it.each(variants)('is valid to Caddy, and as Caddy would format it, %s', async (_, props) => {
    const folder = writeEdge(props);
    const file = join(folder, 'caddy/Caddyfile');
    expect(await caddy('validate', '--config', file)).toMatchObject({ code: 0 });
    const formatted = await caddy('fmt', file);
    expect(formatted.stdout).toBe(readFileSync(file, 'utf8'));
    rmSync(folder, { recursive: true });
  });

  it('asks the given authority and no other for the names that it has', async () => {
    const folder = writeEdge(edgeProps);
    const { http, tls } = (JSON.parse(await adapt(folder)) as { apps: Apps }).apps;
    const sites = http.servers['srv0']?.routes.flatMap(({ match }) => match.flatMap(({ host }) => host));
    expect(sites?.sort()).toEqual([domain, `www.${domain}`]);
    expect(tls.automation.policies).toEqual([
      { issuers: [{ module: 'acme', ca: edgeProps.acme.directory }] },
    ]);
    rmSync(folder, { recursive: true });
  });

  it('leaves no redirect to Caddy, which would begin before there is a certificate', async () => {
    const folder = writeEdge(edgeProps);
    const { http } = (JSON.parse(await adapt(folder)) as { apps: Apps }).apps;
    expect(http.servers['srv0']?.automatic_https).toEqual({ disable_redirects: true });
    rmSync(folder, { recursive: true });
  });

  it('ends idle connections to the application before Node does, at 5 s', async () => {
    const folder = writeEdge(edgeProps);
    const idle = [...(await adapt(folder)).matchAll(/"keep_alive":\{"idle_timeout":(\d+)\}/g)];
    expect(idle.map(([, nanoseconds]) => Number(nanoseconds) / 1e9)).toEqual([3, 3]);
    rmSync(folder, { recursive: true });
  });
});
