import type { LookupFunction } from 'node:net';
import { connect } from 'node:tls';

/** Milliseconds for the connection and the handshake. */
const deadline = 8_000;

/**
 * The time of the certificate that a site shows. Whether it is trusted is not asked here: the look at the site itself
 * does that, and one that has ended is to be seen too.
 *
 * @returns undefined where nothing answers, or without a certificate
 */
export function certificateOf(
  domain: string,
  lookup: LookupFunction,
): Promise<{ readonly from: Date; readonly until: Date } | undefined> {
  return new Promise((resolve) => {
    const socket = connect({
      host: domain,
      port: 443,
      servername: domain,
      lookup,
      rejectUnauthorized: false,
    });
    const finish = (found: { readonly from: Date; readonly until: Date } | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(found);
    };
    const timer = setTimeout(() => finish(undefined), deadline);
    socket.once('error', () => finish(undefined));
    socket.once('secureConnect', () => {
      const { valid_from: from, valid_to: until } = socket.getPeerCertificate();
      const times = { from: new Date(from), until: new Date(until) };
      finish(Number.isNaN(times.from.getTime() + times.until.getTime()) ? undefined : times);
    });
  });
}
