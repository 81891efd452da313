import { app } from '../app-contract';
import { generatedBy } from '../defaults';
import { noUpstream } from '../host-layout';
import type { EdgeProps } from './edge';

/** What people see when there is nothing to see. Distinct texts: a gate or a person can tell the cases apart. */
export const edgePages = {
  /** Until the first deploy: the active upstream is `none`, empty or missing. */
  noRelease: 'No release is deployed here yet.',
  /** A release is deployed, and it does not answer. */
  notAnswering: 'The application does not answer at the moment. Please try again in a minute.',
  /** Plain HTTP by a bare address or a foreign name. */
  noSite: 'No site is served under this address.',
} as const;

/** Seconds after which a client may ask again. */
const retryAfter = 30;

/**
 * The edge's configuration (Caddy documentation, "Caddyfile"). No deploy changes it: a changed one makes Caddy start new
 * servers and close the idle connections of the old ones, and a request that is on its way on such a connection is
 * lost. So the upstream is read from a file for each request, and so is whether there is a certificate to redirect to.
 */
export function renderCaddyfile(props: EdgeProps): string {
  return [
    `# ${generatedBy}`,
    globalOptions(props),
    snippets(),
    httpsSites(props),
    plainSites(props),
    '',
  ].join('\n');
}

/**
 * `auto_https disable_redirects`: Caddy's own redirect would begin before there is a certificate. The challenges over
 * plain HTTP are answered before any site is looked at, so they need no route.
 */
const globalOptions = ({ acme }: EdgeProps): string => `{
	admin 127.0.0.1:2019
	auto_https disable_redirects
	acme_ca ${acme.directory}${acme.email === undefined ? '' : `\n\temail ${acme.email}`}
	grace_period 20s
	servers {
		protocols h1 h2 h3
		max_header_size 32KB
		timeouts {
			read_header 10s
			read_body 5m
			idle 2m
		}
	}
}`;

/**
 * `?` sets a header only where the application has not. The upstream's idle connections end before Node's 5 s, so that
 * none is used in the moment in which it closes; what cannot be connected to is tried again while a container starts.
 */
const snippets = (): string => `(plain) {
	header Cache-Control no-store
	header Retry-After ${retryAfter}
	respond {args[0]} {args[1]}
}
(common) {
	log {
		output stdout
		format json
	}
	header {
		-Server
		?Referrer-Policy strict-origin-when-cross-origin
		?X-Content-Type-Options nosniff
		?X-Frame-Options SAMEORIGIN
	}
}
(site) {
	import common
	encode zstd gzip
	request_body {
		max_size 10MB
	}
	vars active {file./etc/caddy/upstream/active}
	@none vars_regexp active ^(${noUpstream})?\\s*$
	@closed path ${app.paths.metrics} ${app.paths.metrics}/*
	route {
		handle @none {
			import plain "${edgePages.noRelease}" 503
		}
		respond @closed 404
		reverse_proxy {vars.active}:${app.port} {
			header_up X-Real-IP {client_ip}
			lb_try_duration 5s
			transport http {
				dial_timeout 2s
				keepalive 3s
			}
		}
	}
	handle_errors 502 503 504 {
		import plain "${edgePages.notAnswering}" {err.status_code}
	}
}`;

const httpsSites = ({ domain, www }: EdgeProps): string => `${domain} {
	header Strict-Transport-Security max-age=31536000
	import site
}${
  www
    ? `
www.${domain} {
	import common
	redir https://${domain}{uri} 308
}`
    : ''
}`;

/**
 * Caddy keeps certificates in \`certificates/<authority>/<name>/<name>.crt\` of its data folder: the file that appears
 * is the moment from which plain HTTP redirects.
 */
const plainSites = ({ domain, www }: EdgeProps): string => `(secured) {
	@secured file {
		root /data/caddy/certificates
		try_files */${domain}/${domain}.crt
	}
	redir @secured https://${domain}{uri} 308
}
http://${domain} {
	import secured
	import site
}${
  www
    ? `
http://www.${domain} {
	import common
	import secured
	redir http://${domain}{uri} 307
}`
    : ''
}
http:// {
	import common
	import plain "${edgePages.noSite}" 503
}`;
