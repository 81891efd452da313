import { load } from 'js-yaml';
import { app, edgePages, hostLayout, renderEdge, type EdgeProps } from '../../../../services';
import { renderUserData } from '../../../../bootstrap';
import { fixedNeeds } from '../../bootstrap/fixed-needs';
import { digest } from '../example';
import { sourcecredProbe } from './probe-services';

/** As many ranges, and as long ones, as a large content network publishes. */
const contentNetwork = [
  ...Array.from({ length: 15 }, (_, index) => `203.0.${100 + index}.0/22`),
  ...Array.from({ length: 7 }, (_, index) => `2001:db8:${index}::/48`),
];

const props: EdgeProps = {
  domain: 'preview.cogni.test',
  www: false,
  acme: { directory: 'https://acme-v02.api.letsencrypt.org/directory' },
  image: `docker.io/library/caddy@${digest('a')}`,
};
const file = (path: string, more: Partial<EdgeProps> = {}): string =>
  renderEdge({ ...props, ...more }).find((rendered) => rendered.path === path)?.content ?? '';

describe('the edge', () => {
  it('is a compose file, a Caddyfile, and the first content of the active upstream', () => {
    expect(renderEdge(props).map(({ path, mode, seed }) => [path, mode, seed])).toEqual([
      ['compose.yaml', 0o644, undefined],
      ['caddy/Caddyfile', 0o644, undefined],
      [hostLayout.activeUpstream, 0o644, true],
    ]);
    expect(file(hostLayout.activeUpstream)).toBe('none\n');
  });

  it('leaves room in 16 KiB of user-data, with all that an environment may ask of it', () => {
    const large = {
      ...props,
      www: true,
      domain: 'preview-of-everything.some-department.example.org',
      acme: { ...props.acme, email: 'operations@example.org' },
      trustedProxies: contentNetwork,
      sourcecred: sourcecredProbe(),
    };
    const sizeWith = (edge: EdgeProps): number =>
      Buffer.byteLength(
        renderUserData({ ...fixedNeeds, edge: { domain: edge.domain, files: renderEdge(edge) } }),
      );
    expect(sizeWith(props)).toBeLessThan(15_000);
    expect(sizeWith(large)).toBeLessThan(16_000);
  });

  it('is the same to the byte on every run', () => {
    expect(renderEdge(props)).toEqual(renderEdge({ ...props }));
  });

  it('is not recreated by whoever starts it next with another configuration', () => {
    const other = file('compose.yaml', { acme: { directory: 'https://acme.cogni.test/directory' } });
    expect(other).toBe(file('compose.yaml'));
  });

  it('publishes 80, 443 and 443 for HTTP/3, on the network that it shares with the runtime', () => {
    const { name, services, networks } = load(file('compose.yaml')) as {
      name: string;
      services: Record<string, Record<string, unknown>>;
      networks: unknown;
    };
    expect(name).toBe('cogni-edge');
    expect(Object.keys(services)).toEqual(['caddy']);
    expect(services['caddy']).toMatchObject({
      image: props.image,
      restart: 'always',
      ports: ['80:80', '443:443', '443:443/udp'],
    });
    expect(networks).toEqual({ edge: { name: hostLayout.network, external: true } });
  });

  it('is given more time to stop than it gives to requests under way', () => {
    const [, seconds] = /\n\tgrace_period (\d+)s\n/.exec(file('caddy/Caddyfile')) ?? [];
    const { services } = load(file('compose.yaml')) as {
      services: { caddy: { stop_grace_period: string } };
    };
    expect(services.caddy.stop_grace_period).toMatch(/^\d+s$/);
    expect(Number(seconds)).toBeLessThan(parseInt(services.caddy.stop_grace_period, 10));
  });

  it('needs no variable: it starts before anybody has deployed anything', () => {
    expect(file('compose.yaml')).not.toContain('$');
  });

  it('mounts folders and named volumes only: a replaced file in them is seen at once', () => {
    const { services, volumes } = load(file('compose.yaml')) as {
      services: { caddy: { volumes: readonly { type: string; source: string; target: string }[] } };
      volumes: unknown;
    };
    expect(services.caddy.volumes.map(({ type, source, target }) => [type, source, target])).toEqual([
      ['bind', './caddy', '/etc/caddy'],
      ['bind', '/etc/ssl/certs', '/etc/ssl/certs'],
      ['volume', 'caddy_data', '/data'],
      ['volume', 'caddy_config', '/config'],
    ]);
    expect(volumes).toEqual({
      caddy_config: { name: 'cogni-edge_caddy_config' },
      caddy_data: { name: 'cogni-edge_caddy_data' },
    });
  });

  it('takes the name, port and paths of the application from where they are declared', () => {
    const caddyfile = file('caddy/Caddyfile');
    expect(caddyfile).toContain(`\t\thandle {\n\t\t\timport proxy {vars.active}:${app.port} `);
    expect(caddyfile).toContain(`@closed path ${app.paths.metrics} ${app.paths.metrics}/*`);
    expect(caddyfile).toContain(
      `vars active {file./etc/caddy/${hostLayout.activeUpstream.replace('caddy/', '')}`,
    );
  });

  it('looks for the file of the maintenance in the folder of the active upstream, which deploys write to', () => {
    expect(hostLayout.maintenance.replace('maintenance', 'active')).toBe(hostLayout.activeUpstream);
    expect(file('caddy/Caddyfile')).toContain(
      '\troot * /etc/caddy/upstream/\n\t@down {\n\t\tnot path /livez /readyz /version\n\t\tfile maintenance\n\t}\n',
    );
  });

  it('asks for a certificate of www only where there is such a name', () => {
    expect(file('caddy/Caddyfile')).not.toContain('www.');
    expect(file('caddy/Caddyfile', { www: true })).toContain(`\nwww.${props.domain} {\n`);
  });

  it('trusts no proxy by default, and else those that are named, from the nearest on', () => {
    expect(file('caddy/Caddyfile')).not.toContain('trusted_proxies');
    expect(file('caddy/Caddyfile', { trustedProxies: ['192.0.2.0/24', '2001:db8::/32'] })).toContain(
      '\t\ttrusted_proxies static 192.0.2.0/24 2001:db8::/32\n\t\ttrusted_proxies_strict\n',
    );
  });

  it('has a route to SourceCred only where there is one, to the name and port that it has', () => {
    expect(file('caddy/Caddyfile')).not.toContain('sourcecred');
    expect(file('caddy/Caddyfile', { sourcecred: sourcecredProbe() })).toContain(
      '\t\thandle_path /sourcecred/* {\n\t\t\timport proxy sourcecred:6006 ',
    );
  });

  it('takes the headers of caution as data, in one order', () => {
    const headers = { 'X-B': 'two words', 'X-A': '1' };
    expect(file('caddy/Caddyfile', { headers })).toContain('\t\t?X-A 1\n\t\t?X-B "two words"\n\t}\n');
  });

  it('takes the certificate authority and the address it may write to as data', () => {
    expect(file('caddy/Caddyfile')).toContain(`\n\tacme_ca ${props.acme.directory}\n`);
    expect(file('caddy/Caddyfile')).not.toContain('email');
    const acme = { directory: 'https://acme.cogni.test:8443/acme/local/directory', email: 'ops@cogni.test' };
    expect(file('caddy/Caddyfile', { acme })).toContain(
      `\tacme_ca ${acme.directory}\n\temail ops@cogni.test\n`,
    );
  });

  it('has distinct pages for the distinct cases', () => {
    expect(new Set(Object.values(edgePages)).size).toBe(Object.keys(edgePages).length);
  });

  it('refuses what would become something else in a Caddyfile, every fault at once', () => {
    const render = (): unknown =>
      renderEdge({
        ...props,
        domain: 'Preview {',
        acme: { directory: 'http://a/b c', email: 'a b' },
        trustedProxies: ['192.0.2.1', '0.0.0.0/0', '192.0.2.0/24', '192.0.2.0/24'],
        headers: { 'X A': 'a', '-X': '{env.HOME}', 'X-C': 'a\nb' },
      });
    expect(render).toThrow(
      [
        'the edge cannot be rendered',
        '  - the domain "Preview {" is not a host name in lower case',
        '  - the ACME directory "http://a/b c" is not an https URL',
        '  - the ACME email "a b" is not an address',
        '  - the trusted proxies "192.0.2.1": not a range of addresses, as in "192.0.2.0/24" or "2001:db8::/32"',
        '  - the trusted proxies "0.0.0.0/0": more than a proxy can have: /8 is the largest',
        '  - the trusted proxies "192.0.2.0/24": is there twice',
        '  - the header "X A" is not a header\'s name',
        '  - the header "-X" is not a header\'s name',
        '  - the value of the header "-X" holds a brace, which makes a placeholder',
        '  - the value of the header "X-C" is not visible ASCII',
        'state: nothing was changed',
        'next:  mend the environment in stacks/environments.ts, then run this again',
      ].join('\n'),
    );
  });

  it.each([
    '192.0.2.0/33',
    '2001:db8::/129',
    '192.0.2.0/08',
    '256.0.0.0/8',
    'fe80::%1/64',
    'example.org/24',
    '',
    '/8',
    ' 192.0.2.0/24',
  ])('takes %j for no range of addresses', (range) => {
    expect(() => renderEdge({ ...props, trustedProxies: [range] })).toThrow('not a range of addresses');
  });
});
