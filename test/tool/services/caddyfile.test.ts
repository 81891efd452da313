import fc from 'fast-check';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { caddyBinary } from '../../../sandbox/images/caddy';
import type { EdgeProps } from '../../../services';
import { literalFault } from '../../../services/edge/caddyfile-text';
import { environments } from '../../../stacks/environments';
import { edgeOfRecord } from '../../../stacks/user-data';
import { sourcecredProbe } from '../../unit/services/edge/probe-services';
import { sourcecredProps } from '../../unit/services/everything';
import { record } from '../../unit/stacks/example';
import { adapt, domain, edgeProps, writeEdge } from './running-edge';

const caddy = async (...argv: readonly string[]) =>
  run({ argv: [await caddyBinary(silent), ...argv], deadline: 60_000 });

/** A record that has all that the edge takes from one. */
const wholeRecord = record({
  name: 'a record with proxies and SourceCred',
  www: true,
  trustedProxies: ['192.0.2.0/24', '2001:db8::/32'],
  sourcecred: sourcecredProps.instance,
});

interface Apps {
  readonly http: { readonly servers: Readonly<Record<string, Site>> };
  readonly tls: { readonly automation: { readonly policies: readonly unknown[] } };
}

interface Site {
  readonly routes: readonly Route[];
  readonly automatic_https?: unknown;
}

interface Route {
  readonly match?: readonly { readonly host: readonly string[] }[];
}

describe('the rendered Caddyfile', () => {
  const everything: EdgeProps = {
    ...edgeProps,
    acme: { ...edgeProps.acme, email: 'ops@cogni.test' },
    trustedProxies: ['192.0.2.0/24', '2001:db8::/32'],
    sourcecred: sourcecredProbe(),
    headers: { 'X-A': 'a "quoted" # `value', 'X-B': '\\d$1 <<END' },
  };
  const variants: readonly (readonly [string, EdgeProps])[] = [
    ['with all that can be asked of it', everything],
    ['with as little as can be', { ...edgeProps, www: false, headers: {} }],
    ...[...environments, wholeRecord].map((each): [string, EdgeProps] => [
      `for ${each.name}`,
      edgeOfRecord(each, edgeProps.image),
    ]),
  ];

  it.each(variants)('is valid to Caddy, and as Caddy would format it, %s', async (_, props) => {
    const folder = writeEdge(props);
    const file = join(folder, 'caddy/Caddyfile');
    expect(await caddy('validate', '--config', file)).toMatchObject({ code: 0 });
    const formatted = await caddy('fmt', file);
    expect(formatted.stdout).toBe(readFileSync(file, 'utf8'));
    rmSync(folder, { recursive: true });
  });

  it.each(variants)('means the same whatever variables there are, %s', async (_, props) => {
    const folder = writeEdge(props);
    const argv = [await caddyBinary(silent), 'adapt', '--config', join(folder, 'caddy/Caddyfile')] as const;
    const env = { DOMAIN: 'other.test', HOME: '/nonexistent', PORT: '1', active: 'other' };
    const adapted = await run({ argv, env, deadline: 60_000 });
    expect(adapted).toMatchObject({ code: 0, stdout: await adapt(folder) });
    expect(adapted.stderr).not.toMatch(/"level":"(?:warn|error)"/);
    rmSync(folder, { recursive: true });
  });

  it('has the proxies and the route of a record, as Caddy reads them', async () => {
    const folder = writeEdge(edgeOfRecord(wholeRecord, edgeProps.image));
    const text = await adapt(folder);
    expect(text).toContain('"ranges":["192.0.2.0/24","2001:db8::/32"]');
    expect(text).toContain('"dial":"sourcecred:6006"');
    rmSync(folder, { recursive: true });
  });

  it('hands each value to Caddy as it is, whatever is in it', async () => {
    const visible = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));
    const unit = fc.oneof(fc.constantFrom(...visible), fc.constantFrom(...Array.from('"`\\#$<>@*/?! ;=,')));
    const values = fc
      .sample(fc.string({ unit, minLength: 1, maxLength: 12 }), 2_000)
      .filter((value) => value.trim() === value && literalFault(value) === undefined);
    expect(values.length).toBeGreaterThan(500);
    const headers = Object.fromEntries(values.map((value, index) => [`X-Number-${index}`, value]));
    const folder = writeEdge({ ...edgeProps, headers });
    const handed = new Map<string, string>();
    JSON.parse(await adapt(folder), (name: string, value: unknown) => {
      if (name.startsWith('X-Number-') && Array.isArray(value)) handed.set(name, String(value[0]));
      return value;
    });
    expect(Object.fromEntries(handed)).toEqual(headers);
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['with www where there is such a name', true, [domain, `www.${domain}`]],
    ['and never for www where there is none', false, [domain]],
  ])('asks the given authority and no other, for the site %s', async (_, www, names) => {
    const folder = writeEdge({ ...edgeProps, www });
    const { http, tls } = (JSON.parse(await adapt(folder)) as { apps: Apps }).apps;
    const sites = http.servers['srv0']?.routes.map(({ match }) => match?.flatMap(({ host }) => host));
    // The last is the answer to every other name, which asks for no certificate.
    expect(sites?.pop()).toBeUndefined();
    expect(sites?.flat().sort()).toEqual(names);
    expect(tls).not.toHaveProperty('certificates');
    expect(tls.automation.policies).toEqual([
      { issuers: [{ module: 'acme', ca: edgeProps.acme.directory }] },
    ]);
    rmSync(folder, { recursive: true });
  });

  it('has its administration, which asks for no login, listen where no other container comes', async () => {
    const folder = writeEdge(edgeProps);
    const { admin } = JSON.parse(await adapt(folder)) as { admin: unknown };
    expect(admin).toEqual({ listen: '127.0.0.1:2019' });
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
    expect(idle.map(([, nanoseconds]) => Number(nanoseconds) / 1e9)).toEqual([3, 3, 3, 3]);
    rmSync(folder, { recursive: true });
  });
});
