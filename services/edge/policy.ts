import { Bytes, Duration } from '../../compose';

/**
 * What the edge allows and adds, as data. A change here reaches a living host by the edge's own command only, and costs
 * the requests that are on their way at that moment.
 */

/**
 * Headers that each answer has, where the application has none of its own. No Content-Security-Policy: what a page may
 * load is known to the application alone.
 */
export const securityHeaders: Readonly<Record<string, string>> = {
  'Referrer-Policy': 'strict-origin-when-cross-origin',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'SAMEORIGIN',
};

/**
 * How long browsers come back by HTTPS alone; said over HTTPS only (RFC 6797, section 7.2). Subdomains are not ours to
 * decide about.
 */
export const strictTransport = Duration.hours(365 * 24);

/** Headers of answers that only tell an attacker what runs here. */
export const hiddenHeaders = ['Server', 'Via', 'X-Powered-By'] as const;

/** What clients may send, and how long they may take for it. */
export const clientLimits = {
  /** All headers of a request together; more is answered with 431. */
  header: Bytes.kibibytes(32),
  /** From the connection, or the last answer, to the end of the request's headers. */
  readHeader: Duration.seconds(10),
  /** A whole upload. */
  readBody: Duration.minutes(5),
  /** Between two pieces of an upload. */
  readBodyIdle: Duration.seconds(30),
  /** A whole answer, streams included: an event stream has to be opened again after it. WebSockets are not counted. */
  write: Duration.hours(1),
  /** In which a client takes not one piece of an answer; pauses of the application do not count. */
  writeIdle: Duration.minutes(1),
  /** Between two requests on one connection. */
  idle: Duration.minutes(2),
} as const;

/** What one kind of request may have. */
export interface RouteLimits {
  /** Body of a request; more is answered with 413. */
  readonly body: Bytes;
  /** From the request to the first byte of the answer, which is 504 after that. @default - as long as it takes */
  readonly answer?: Duration;
}

/** What most requests may have. An answer of a model may take minutes to begin. */
export const siteLimits: RouteLimits = { body: Bytes.mebibytes(10) };

/**
 * The part of the application's interface that asks for no sign-in. How many requests a client may make there is
 * counted by the application, by the `X-Real-IP` that no client can forge: Caddy counts requests with a plug-in only
 * (mholt/caddy-ratelimit), and the edge runs the image of Caddy itself.
 */
export const publicInterface = {
  path: '/api/v1/public/*',
  limits: { body: Bytes.kibibytes(64), answer: Duration.seconds(10) } satisfies RouteLimits,
} as const;

/** How an upstream is connected to. */
export const upstreamPolicy = {
  dial: Duration.seconds(2),
  /** Shorter than the 5 s after which Node ends an idle connection: none is used in the moment in which it closes. */
  keepalive: Duration.seconds(3),
  /** How long a request waits for an upstream that cannot be connected to, or, if safe to repeat, that broke off. */
  tries: Duration.seconds(5),
  /** What may be sent once more after an upstream got it (RFC 9110, section 9.2.1: safe methods). */
  repeatable: ['GET', 'HEAD'],
} as const;

/** Given to requests under way before Caddy stops. */
export const shutdownGrace = Duration.seconds(20);
