import { systemClock, type Clock } from '../../foundation/clock';
import { Failure } from '../../foundation/failure';
import { NoAnswer, type Https, type HttpsAnswer } from '../../foundation/https';
import type { Secret } from '../../foundation/secret';
import type { ChangelogEntry } from './changelog';
import { printable } from './documents';

/** A release, as the team is told of it. */
export interface Announcement {
  readonly environment: string;
  readonly entry: ChangelogEntry;
  /** Full SHA. */
  readonly commit: string;
  /** What happens next: `deploy-production.yml brings it to the host`. */
  readonly next: string;
  /** Who made it, and where that can be read. */
  readonly by: string;
}

/** Longest text; the chat programs that take such a message cut it, or refuse it, beyond 4,000. */
const longest = 3_500;

/**
 * The body of the request: an object with a `text`, which the incoming webhooks of Slack, Mattermost, Rocket.Chat and Google
 * Chat take. Signs by which a text would call people or hide a link are written out (Slack documentation, "Formatting text").
 */
export function announcementBody({ environment, entry, commit, next, by }: Announcement): string {
  const head = `Release ${entry.version} for ${environment} (commit ${commit.slice(0, 12)}, by ${printable(by)}): ${next}`;
  const text = `${head}\n\n${entry.text}`
    .replace(/[^\P{Cc}\n]|[\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .replaceAll('@', '@\u200b')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
  return JSON.stringify({ text: text.length <= longest ? text : `${whole(text.slice(0, longest))} …` });
}

/** Without the half of a sign that was written out, or of a pair, at its end. */
const whole = (text: string): string => text.replace(/&[a-z]*$|[\uD800-\uDBFF]$/, '');

export interface PostProps {
  readonly https: Https;
  /** Address of the webhook: whoever knows it can write there. */
  readonly url: Secret;
  readonly body: string;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

/** Milliseconds for each answer. */
const deadline = 10_000;
/** The pauses before another try, and the longest that a server may ask for. */
const pauses = [1_000, 4_000, 15_000];
const longestWait = 60_000;

/**
 * Posts a message. What fails for a moment is tried again, so that a message whose answer was lost may come twice: better
 * than not at all.
 *
 * @returns how often it was tried
 * @throws Failure that says what came of each try, without the address
 */
export async function postMessage({
  https,
  url,
  body,
  clock = systemClock,
  signal,
}: PostProps): Promise<number> {
  const faults: string[] = [];
  for (let attempt = 0; ; attempt += 1) {
    const outcome = await tryOnce({ https, url, body, ...(signal ? { signal } : {}) });
    if (outcome === 'taken') return attempt + 1;
    faults.push(`try ${attempt + 1}: ${outcome.why}`);
    const pause = outcome.after ?? pauses[attempt];
    if (!outcome.passing || attempt >= pauses.length || pause === undefined || pause > longestWait) break;
    await clock.sleep(pause, signal);
  }
  throw new Failure({
    what: `the team was not told: the webhook that ${url.name} names did not take the message`,
    faults,
    state: 'the release itself is as it was',
    next: `look whether the webhook is still there (${url.name}), then run the job again, or ./cogni announce <env>`,
  });
}

type Outcome =
  'taken' | { readonly why: string; readonly passing: boolean; readonly after?: number | undefined };

async function tryOnce({ https, url, body, signal }: Omit<PostProps, 'clock'>): Promise<Outcome> {
  const address = url.reveal();
  const shown = withoutAddress(address);
  let answer: HttpsAnswer;
  try {
    answer = await https({
      url: address,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) },
      body,
      deadline,
      maxBytes: 64 * 1024,
      signal,
    });
  } catch (thrown) {
    if (!(thrown instanceof NoAnswer)) throw thrown;
    return { why: shown(thrown.message), passing: true };
  }
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return 'taken';
  const said = printable(shown(answer.body.toString('utf8')));
  const after = Number(headers['retry-after']);
  return {
    why: `the answer was ${status}${said === '' ? '' : `: ${said}`}`,
    passing: status === 429 || status >= 500,
    after: headers['retry-after'] !== undefined && Number.isFinite(after) ? after * 1000 : undefined,
  };
}

/** No part of the address by which it could be used: neither its path nor the name of its server. */
function withoutAddress(address: string): (text: string) => string {
  const { href, host, hostname, pathname, search } = new URL(address);
  const parts = [
    address,
    href,
    `${pathname}${search}`,
    pathname,
    search,
    ...pathname.split('/'),
    host,
    hostname,
  ]
    .filter((part) => part.length > 3)
    .sort((one, other) => other.length - one.length);
  return (text) => parts.reduce((left, part) => left.replaceAll(part, '[secret]'), text);
}
