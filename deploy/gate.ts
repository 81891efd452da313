import type { Https } from '../foundation/https';
import { messageOf } from '../foundation/failure';
import { unmetJson } from './expectation';
import type { GateCheck } from './step';

/** Milliseconds for one answer of the site. */
const answerDeadline = 10_000;

/**
 * Makes every check once, over connections of their own.
 *
 * @returns the first reason why the site is not what it should be, or undefined.
 */
export async function gateAttempt(
  checks: readonly GateCheck[],
  https: Https,
  signal?: AbortSignal,
): Promise<string | undefined> {
  for (const { url, status, json } of checks) {
    try {
      const answer = await https({ url, deadline: answerDeadline, signal });
      if (answer.status !== status) return `${url} answered ${answer.status}, not ${status}`;
      const wrong = json && unmetJson(answer.body.toString('utf8'), json);
      if (wrong !== undefined) return `${url} ${wrong}`;
    } catch (thrown) {
      signal?.throwIfAborted();
      return `${url}: ${messageOf(thrown)}`;
    }
  }
  return undefined;
}
