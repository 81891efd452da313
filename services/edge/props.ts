import type { ImageDigest } from '../../compose';
import { Failure } from '../../foundation/failure';
import { hostName } from '../settings/formats';
import { literalFault } from './caddyfile-text';
import { proxyFaults } from './trusted-proxies';
import type { Upstream } from './upstream';

/** What differs between the edges of two environments. */
export interface EdgeProps {
  /** Host name of the site, lower case: `preview.example.org`. A changed one needs a new certificate. */
  readonly domain: string;
  /** Also answer `www.<domain>`, by a redirect. Only where DNS has that name: Caddy asks for its certificate. */
  readonly www: boolean;
  readonly acme: {
    /** URL of the certificate authority's directory: Let's Encrypt, or a sandbox's own. */
    readonly directory: string;
    /** Where the authority may write to. @default - none is given */
    readonly email?: string;
  };
  /** Caddy, by digest. A changed one recreates the edge: seconds in which nobody is served. */
  readonly image: ImageDigest;
  /**
   * Address ranges (CIDR) of the proxies in front of this host, such as those that a content network publishes. Only
   * what comes from them is believed about who asks (`X-Forwarded-For`, `-Proto`, `-Host`).
   * @default - none: whoever connects is the client
   */
  readonly trustedProxies?: readonly string[];
  /** What answers below `/sourcecred/`. @default - nobody: the application gets those paths too */
  readonly sourcecred?: Upstream;
  /** Headers that each answer has, where the application has none of its own. @default {@link securityHeaders} */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Nothing that the Caddyfile gives a meaning to: no white space, quotes, braces. */
const directoryUrl = /^https:\/\/[a-z0-9.-]+(?::\d{1,5})?\/[A-Za-z0-9._~/-]*$/;
const emailAddress = /^[A-Za-z0-9._%+-]+@[a-z0-9.-]+$/;

/** @throws Failure with every fault of the props */
export function requireSound({ domain, acme, trustedProxies = [], headers = {} }: EdgeProps): void {
  const faults = [
    ...(hostName.safeParse(domain).success
      ? []
      : [`the domain "${domain}" is not a host name in lower case`]),
    ...(directoryUrl.test(acme.directory)
      ? []
      : [`the ACME directory "${acme.directory}" is not an https URL`]),
    ...(acme.email === undefined || emailAddress.test(acme.email)
      ? []
      : [`the ACME email "${acme.email}" is not an address`]),
    ...proxyFaults(trustedProxies).map((fault) => `the trusted proxies ${fault}`),
    ...Object.entries(headers).flatMap(headerFaults),
  ];
  if (faults.length === 0) return;
  throw new Failure({
    what: 'the edge cannot be rendered',
    faults,
    next: 'mend the environment in stacks/environments.ts, then run this again',
  });
}

/** RFC 9110, section 5.6.2, less what the `header` directive gives a meaning to at the beginning of a name. */
const headerName = /^[A-Za-z0-9][A-Za-z0-9!#$%&'*+.^_|~-]*$/;
/** RFC 9110, section 5.5: visible ASCII, and blanks between. */
const headerValue = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

function headerFaults([name, value]: readonly [string, string]): readonly string[] {
  const fault = headerValue.test(value) ? literalFault(value) : 'is not visible ASCII';
  return [
    ...(headerName.test(name) ? [] : [`the header "${name}" is not a header's name`]),
    ...(fault === undefined ? [] : [`the value of the header "${name}" ${fault}`]),
  ];
}
