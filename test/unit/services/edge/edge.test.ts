import { load } from 'js-yaml';
import { app, edgePages, hostLayout, renderEdge, type EdgeProps } from '../../../../services';
import { digest } from '../example';

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

  it('leaves room for everything else in 16 KiB of user-data', () => {
    const large = {
      ...props,
      www: true,
      domain: `${'a'.repeat(60)}.${'b'.repeat(60)}.test`,
      acme: { ...props.acme, email: 'operations@cogni.test' },
    };
    const bytes = renderEdge(large).reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
    expect(bytes).toBeLessThan(5 * 1024);
  });

  it('is the same to the byte on every run', () => {
    expect(renderEdge(props)).toEqual(renderEdge({ ...props }));
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
    expect(caddyfile).toContain(`reverse_proxy {vars.active}:${app.port} {`);
    expect(caddyfile).toContain(`@closed path ${app.paths.metrics} ${app.paths.metrics}/*`);
    expect(caddyfile).toContain(`file./etc/caddy/${hostLayout.activeUpstream.replace('caddy/', '')}`);
  });

  it('asks for a certificate of www only where there is such a name', () => {
    expect(file('caddy/Caddyfile')).not.toContain('www.');
    expect(file('caddy/Caddyfile', { www: true })).toContain(`\nwww.${props.domain} {\n`);
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
      renderEdge({ ...props, domain: 'Preview {', acme: { directory: 'http://a/b c', email: 'a b' } });
    expect(render).toThrow(
      [
        'the edge cannot be rendered',
        '  - the domain "Preview {" is not a host name in lower case',
        '  - the ACME directory "http://a/b c" is not an https URL',
        '  - the ACME email "a b" is not an address',
        'state: nothing was changed',
        'next:  mend the environment in stacks/environments.ts, then run this again',
      ].join('\n'),
    );
  });
});
