import { posix } from 'node:path';
import { app } from '../app-contract';
import { generatedBy } from '../defaults';
import { hostLayout, noUpstream } from '../host-layout';
import { block, line, renderStatements, word, type Part, type Statement } from './caddyfile-text';
import {
  clientLimits,
  hiddenHeaders,
  publicInterface,
  securityHeaders,
  shutdownGrace,
  siteLimits,
  strictTransport,
  upstreamPolicy,
  type RouteLimits,
} from './policy';
import type { EdgeProps } from './props';

/** What people see when there is nothing to see. Distinct texts: a gate or a person can tell the cases apart. */
export const edgePages = {
  /** Until the first deploy: the active upstream is `none`, empty or missing. */
  noRelease: 'No release is deployed here yet.',
  /** A release is deployed, and it does not answer. */
  notAnswering: 'The application does not answer at the moment. Please try again in a minute.',
  /** For as long as the file of the maintenance is there. */
  maintenance: 'Down for maintenance. Please try again in a few minutes.',
  /** A bare address or a foreign name. */
  noSite: 'No site is served under this address.',
} as const;

/** Seconds after which a client may ask again. */
const retryAfter = 30;

/** Where the edge's folder is in its container. */
export const caddyFolder = '/etc/caddy';

const inContainer = (path: string): string => `${caddyFolder}/${path.replace(/^caddy\//, '')}`;

/** The file that names the app, in the folder that is mounted there. */
const activeFile = inContainer(hostLayout.activeUpstream);

/** The file that is there during maintenance. */
const maintenanceFile = posix.parse(inContainer(hostLayout.maintenance));

/**
 * The edge's configuration (Caddy documentation, "Caddyfile"). No deploy changes it: a changed one makes Caddy start new
 * servers and close the idle connections of the old ones, and a request that is on its way on such a connection is
 * lost. So the upstream is read from a file for each request, and so is whether there is a certificate to redirect to, and
 * whether there is maintenance.
 *
 * @throws RangeError for a value that a Caddyfile cannot hold
 */
export function renderCaddyfile(props: EdgeProps): string {
  const statements = [
    globalOptions(props),
    plainAnswer,
    caution(props),
    common,
    failed,
    proxy,
    site(props),
    ...httpsSites(props),
    ...plainSites(props),
    noSite,
  ];
  return `# ${generatedBy}\n${renderStatements(statements)}\n`;
}

/**
 * `auto_https disable_redirects`: Caddy's own redirect would begin before there is a certificate. The challenges over
 * plain HTTP are answered before any site is looked at, so they need no route.
 */
const globalOptions = ({ acme, trustedProxies = [] }: EdgeProps): Statement =>
  block(
    [],
    line('admin', '127.0.0.1:2019'),
    line('auto_https', 'disable_redirects'),
    // What is refused is refused before a redirect repeats it.
    line('order', 'respond', 'before', 'redir'),
    line('acme_ca', acme.directory),
    acme.email === undefined ? undefined : line('email', acme.email),
    line('grace_period', shutdownGrace),
    log,
    block(
      ['servers'],
      line('max_header_size', word`${clientLimits.header.toBytes()}B`),
      ...(trustedProxies.length === 0
        ? []
        : // From the right: of a chain, what the last trusted proxy says is believed and what the client wrote is not.
          [line('trusted_proxies', 'static', ...trustedProxies), line('trusted_proxies_strict')]),
      block(
        ['timeouts'],
        line('read_header', clientLimits.readHeader),
        line('read_body', clientLimits.readBody),
        line('read_body_idle', clientLimits.readBodyIdle),
        line('write', clientLimits.write),
        line('write_idle', clientLimits.writeIdle),
        line('idle', clientLimits.idle),
      ),
    ),
  );

/**
 * One log for everything, requests and their errors alike. Headers and the values after `?` are left out altogether: which
 * of them are secret is known to nobody for sure.
 */
const log: Statement = block(
  ['log'],
  line('output', 'stdout'),
  block(
    ['format', 'filter'],
    line('request>headers', 'delete'),
    line('request>uri', 'regexp', word`\?.*`, '?-'),
    line('resp_headers', 'delete'),
    line('wrap', 'json'),
  ),
);

const plainAnswer: Statement = block(
  ['(plain)'],
  line('header', 'Cache-Control', 'no-store'),
  line('header', 'Retry-After', retryAfter),
  line('respond', word`{args[0]}`, word`{args[1]}`),
);

const respondPlainly = (page: string, status: Part): Statement => line('import', 'plain', page, status);

/** `?` sets a header only where the application has not. Over plain HTTP browsers are told nothing of HTTPS. */
const caution = ({ headers = securityHeaders }: EdgeProps): Statement =>
  block(
    ['(caution)'],
    line(
      'header',
      '@tls',
      '?Strict-Transport-Security',
      word`max-age=${strictTransport.toMilliseconds() / 1000}`,
    ),
    block(
      ['header'],
      ...hiddenHeaders.map((name) => line(`-${name}`)),
      ...Object.entries(headers)
        .sort()
        .map(([name, value]) => line(`?${name}`, value)),
    ),
  );

/**
 * Caddy chooses a route by the path that it makes of what was asked for, and hands on what was asked for. Who reads that as
 * the web does (WHATWG, "URL") takes the first part of `//x/a` for a host, and of `x:http://x/a` Caddy knows no path: either
 * would get to `/a` by another way than `/a` does. No browser asks like this.
 */
const refuseOdd: readonly Statement[] = [
  line('@odd', 'not', 'vars_regexp', word`{uri}`, word`^/([^/]|$)`),
  line('respond', '@odd', 400),
];

const common: Statement = block(
  ['(common)'],
  // Here, because the pages of errors know the matchers of their site and may not define them again.
  line('@tls', 'protocol', 'https'),
  line('log'),
  line('log_append', 'user_agent', word`{header.User-Agent}`),
  line('import', 'caution'),
  ...refuseOdd,
);

/** What failed has lost its headers, and Caddy itself logs only errors that are handled nowhere. */
const failed: Statement = block(
  ['(failed)'],
  line('log_append', 'error', word`{err.message}`),
  line('import', 'caution'),
);

/**
 * What cannot be connected to has not got the request: it waits while a container starts, whatever its method. What
 * broke off may have got it: then only what is safe to repeat is sent again.
 */
const proxy: Statement = block(
  ['(proxy)'],
  block(['request_body'], line('max_size', word`{args[1]}`)),
  block(
    ['reverse_proxy', word`{args[0]}`],
    line('header_up', 'X-Real-IP', word`{client_ip}`),
    line('lb_try_duration', upstreamPolicy.tries),
    block(['lb_retry_match'], line('method', ...upstreamPolicy.repeatable)),
    block(
      ['transport', 'http'],
      line('dial_timeout', upstreamPolicy.dial),
      line('keepalive', upstreamPolicy.keepalive),
      line('response_header_timeout', word`{args[2]}`),
    ),
  ),
);

const proxyTo = (upstream: Part, limits: RouteLimits): Statement =>
  line('import', 'proxy', upstream, word`${limits.body.toBytes()}B`, limits.answer ?? '0');

/** The application that a deploy has named last. */
const activeApp = word`{vars.active}:${app.port}`;

const site = ({ sourcecred }: EdgeProps): Statement =>
  block(
    ['(site)'],
    line('import', 'common'),
    line('encode', 'zstd', 'gzip'),
    line('vars', 'active', word`{file.${activeFile}}`),
    line('@none', 'vars_regexp', 'active', word`^(${noUpstream})?\s*$`),
    line('@closed', 'path', app.paths.metrics, `${app.paths.metrics}/*`),
    // Looked for on each request, like the upstream. A deploy passes its gate all the same, and whoever watches sees the app.
    line('root', '*', `${maintenanceFile.dir}/`),
    block(
      ['@down'],
      line('not', 'path', app.paths.live, app.paths.ready, app.paths.version),
      line('file', maintenanceFile.base),
    ),
    block(
      ['route'],
      line('respond', '@closed', 404),
      block(['handle', '@down'], respondPlainly(edgePages.maintenance, 503)),
      ...(sourcecred === undefined
        ? []
        : [
            line('redir', '/sourcecred', '/sourcecred/', 308),
            block(
              ['handle_path', '/sourcecred/*'],
              proxyTo(`${sourcecred.host}:${sourcecred.port}`, siteLimits),
            ),
          ]),
      block(['handle', '@none'], respondPlainly(edgePages.noRelease, 503)),
      block(['handle', publicInterface.path], proxyTo(activeApp, publicInterface.limits)),
      block(['handle'], proxyTo(activeApp, siteLimits)),
    ),
    block(
      ['handle_errors', 502, 503, 504],
      line('import', 'failed'),
      respondPlainly(edgePages.notAnswering, word`{err.status_code}`),
    ),
    block(
      ['handle_errors'],
      line('import', 'failed'),
      line('respond', word`{err.status_code} {err.status_text}`),
    ),
  );

const httpsSites = ({ domain, www }: EdgeProps): readonly (Statement | undefined)[] => [
  block([domain], line('import', 'site')),
  www
    ? block([`www.${domain}`], line('import', 'common'), line('redir', word`https://${domain}{uri}`, 308))
    : undefined,
];

/**
 * Caddy keeps certificates in `certificates/<authority>/<name>/<name>.crt` of its data folder: the file that appears
 * is the moment from which plain HTTP redirects.
 */
const plainSites = ({ domain, www }: EdgeProps): readonly (Statement | undefined)[] => [
  block(
    ['(secured)'],
    block(
      ['@secured', 'file'],
      line('root', '/data/caddy/certificates'),
      line('try_files', `*/${domain}/${domain}.crt`),
    ),
    line('redir', '@secured', word`https://${domain}{uri}`, 308),
  ),
  block([`http://${domain}`], line('import', 'secured'), line('import', 'site')),
  www
    ? block(
        [`http://www.${domain}`],
        line('import', 'common'),
        line('import', 'secured'),
        line('redir', word`http://${domain}{uri}`, 307),
      )
    : undefined,
];

/**
 * Every other name. Over HTTPS that is who connected under a name of ours and then asks for another one: a site without a name
 * asks for no certificate.
 */
const noSite = block(
  ['http://,', 'https://'],
  line('import', 'common'),
  respondPlainly(edgePages.noSite, 503),
);
