import type { Https } from '../foundation/https';
import { messageOf } from '../foundation/failure';
import { unmetJson } from './expectation';
import type { GateCheck } from './step';

/** Milliseconds for one answer of the site. */
const answerDeadline = 10_000;

/**
 * Makes every check once, over connections of their own.
 *
 * @param left milliseconds that remain for all of it, asked before each check. @default as long as the answers take
 * @returns the first reason why the site is not what it should be, or undefined.
 */
export async function gateAttempt(
  checks: readonly GateCheck[],
  https: Https,
  signal?: AbortSignal,
  left = (): number => answerDeadline,
): Promise<string | undefined> {
  for (const { url, status, json, text } of checks) {
    try {
      const deadline = Math.min(answerDeadline, left());
      if (deadline <= 0) return `${url}: no time was left to ask it`;
      const answer = await https({ url, deadline, signal });
      if (answer.status !== status) return `${url} answered ${answer.status}, not ${status}`;
      const wrong = json && unmetJson(answer.body.toString('utf8'), json);
      if (wrong !== undefined) return `${url} ${wrong}`;
      const body = answer.body.toString('utf8').trim();
      if (text !== undefined && body !== text)
        return `${url} said ${JSON.stringify(body.slice(0, 80))}, not "${text}"`;
    } catch (thrown) {
      signal?.throwIfAborted();
      return `${url}: ${messageOf(thrown)}`;
    }
  }
  return undefined;
}
