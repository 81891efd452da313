import { conditions, type ConditionId } from './conditions';
import type { Change } from './memory';

/** One message to whoever is to be told; JSON. */
export interface Message {
  readonly v: 1;
  /**
   * The same for every message on one thing, from whichever watch: a receiver that knows it (as PagerDuty's and
   * Alertmanager's do) makes one alert of what two watches find.
   */
  readonly key: string;
  readonly status: Change['status'];
  readonly environment: string;
  readonly condition: ConditionId;
  readonly severity: 'critical' | 'warning';
  readonly summary: string;
  readonly why: string;
  /** UTC. */
  readonly since: string;
  readonly at: string;
  readonly next: string;
  /** All of it in a line, for the webhooks of chat programs (Slack, Mattermost, Google Chat). */
  readonly text: string;
}

const utc = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');

/** Signs by which a text would call people or hide a link, written out (Slack documentation, "Formatting text"). */
const forChat = (text: string): string =>
  text.replaceAll('@', '@\u200b').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Characters of a text and of the reason in it, at most: chats refuse what is longer than 4000 (Slack documentation, `chat.postMessage`), and what is refused once is refused for ever. */
const longestText = 3_500;
const longestWhy = 1_000;

/** No half of what stands for a sign is left at its end. */
const cut = (text: string, longest: number): string =>
  text.length <= longest ? text : `${text.slice(0, longest - 1).replace(/&[a-z]*$/, '')}…`;

/** @param at milliseconds since 1970 */
export function messageOf(
  environment: string,
  { condition: id, status, since, why: reason }: Change,
  at: number,
): Message {
  const condition = conditions.find((each) => each.id === id)!;
  const why = cut(reason, longestWhy);
  const next = condition.next.replaceAll('<env>', environment);
  const { severity, summary } = condition;
  const begun = utc(since);
  return {
    v: 1,
    key: `cogni/${environment}/${id}`,
    ...{ status, environment, condition: id, severity, summary, why },
    ...{ since: begun, at: utc(at), next },
    text: cut(
      forChat(
        status === 'firing'
          ? `${environment}: ${summary}, since ${begun}: ${why}. Next: ${next}`
          : `${environment}: over, since ${utc(at)}: ${summary} (from ${begun} on)`,
      ),
      longestText,
    ),
  };
}

/** The most that wait to be told; older ones give way. */
const longestQueue = 200;

/** What waits, with one more: the same key and status once, the newest last. */
export const queued = (queue: readonly Message[], message: Message): readonly Message[] =>
  [...queue.filter(({ key, status }) => key !== message.key || status !== message.status), message].slice(
    -longestQueue,
  );

/**
 * What is to be told next: the critical first. What nobody took waits until all others were tried, and with it what follows on the same thing: that it is
 * over is told after that it began.
 *
 * @param tried keys of what nobody took in this round
 */
export function nextToTell(queue: readonly Message[], tried: ReadonlySet<string>): Message | undefined {
  const left = queue.filter(({ key }) => !tried.has(key));
  return left.find(({ severity }) => severity === 'critical') ?? left[0];
}
