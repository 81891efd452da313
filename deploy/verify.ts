import { systemClock, type Clock } from '../foundation/clock';
import { ExitCode, Failure, messageOf } from '../foundation/failure';
import type { Https } from '../foundation/https';
import { app } from '../services';
import { Attempts, keepTrying } from './attempts';
import { gateAttempt } from './gate';
import type { GateCheck } from './step';

export interface VerifyProps {
  readonly environment: string;
  readonly domain: string;
  /** Commit that the application must say it was built from. @default - any */
  readonly build?: string;
}

/** Ready, and the build that was meant. */
const siteChecks = ({ domain, build }: VerifyProps): readonly GateCheck[] => [
  { url: `https://${domain}${app.paths.ready}`, status: 200 },
  {
    url: `https://${domain}${app.paths.version}`,
    status: 200,
    ...(build === undefined ? {} : { json: { buildSha: build } }),
  },
];

/** Milliseconds for one page. */
const pageDeadline = 10_000;

/** A page must have something on it: a process that hangs has been seen to answer 200 with nothing. */
async function pageAttempt(
  { domain }: VerifyProps,
  https: Https,
  signal: AbortSignal | undefined,
  left = (): number => pageDeadline,
): Promise<string | undefined> {
  const url = `https://${domain}/`;
  try {
    const deadline = Math.min(pageDeadline, left());
    if (deadline <= 0) return `${url}: no time was left to ask it`;
    const { status, body } = await https({ url, deadline, signal });
    if (status !== 200) return `${url} answered ${status}, not 200`;
    return body.toString('utf8').trim() === '' ? `${url} answered with an empty page` : undefined;
  } catch (thrown) {
    signal?.throwIfAborted();
    return `${url}: ${messageOf(thrown)}`;
  }
}

/** Milliseconds for all questions of one look. */
const oneLook = 6_000;

/** One look at a site: why it is not as it should be, or undefined. Never throws, and ends after 6 s. */
export async function siteFault(props: VerifyProps, https: Https): Promise<string | undefined> {
  const signal = AbortSignal.timeout(oneLook);
  try {
    return (await gateAttempt(siteChecks(props), https, signal)) ?? (await pageAttempt(props, https, signal));
  } catch {
    return `https://${props.domain} did not answer within ${oneLook / 1000} s`;
  }
}

/** A moment of a network, or the end of a switch, may pass. */
const retry = { every: 2_000, within: 60_000, inARow: 3 };

/**
 * Looks at a site from outside, as anybody can: with no secret and no way to its host.
 *
 * @returns what was asked
 * @throws Failure (degraded) with every answer that was not what it should be
 */
export async function verifySite(
  props: VerifyProps,
  { https, clock = systemClock, signal }: { https: Https; clock?: Clock; signal?: AbortSignal },
): Promise<readonly string[]> {
  const checks = siteChecks(props);
  try {
    const attempt = async (left: () => number): Promise<string | undefined> =>
      (await gateAttempt(checks, https, signal, left)) ?? (await pageAttempt(props, https, signal, left));
    await keepTrying(attempt, retry, clock, signal);
  } catch (thrown) {
    if (!(thrown instanceof Attempts)) throw thrown;
    throw new Failure({
      what: `https://${props.domain} does not answer as it should${props.build === undefined ? '' : `, with the build of ${props.build}`}`,
      faults: thrown.reasons,
      state: 'nothing was changed by looking; visitors see the same',
      next: `./cogni status ${props.environment}, then ./cogni rollback ${props.environment} where an earlier release served`,
      exitCode: ExitCode.degraded,
    });
  }
  return [...checks.map(({ url }) => url), `https://${props.domain}/`];
}
