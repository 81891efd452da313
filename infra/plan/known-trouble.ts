/** What is behind an error of Terraform's, for people. */
export interface KnownTrouble {
  /** A sentence without its end: what it means. */
  readonly cause: string;
  /** What to do, where that is more than to plan again. `{again}` stands for the command that is run again. */
  readonly next: string;
}

interface Known extends KnownTrouble {
  readonly pattern: RegExp;
}

/**
 * Errors that Cherry's provider 1.5.3 is known to end in, by their words, most telling first. Source: the fault table of
 * the API's reference (section 7.5); `test/contract/faults` holds each against the provider.
 */
const known: readonly Known[] = [
  {
    pattern: /plugin (did not respond|crashed)/i,
    cause:
      "the provider crashed: it does so when Cherry's API gives no answer, or something in between answers for it",
    next: 'wait some minutes, then {again}. If it stays so, look at what answers: curl -sS -i https://api.cherryservers.com/v1/regions',
  },
  {
    pattern: /error code: 401\)/,
    cause: 'the Cherry API does not know the token, or no longer',
    next: 'set CHERRY_AUTH_TOKEN (or CHERRY_AUTH_KEY) to a living API key, then {again}',
  },
  {
    pattern: /key may only read|error code: 403\)[^]*read.only/i,
    cause: 'the token may only read at Cherry',
    next: 'set CHERRY_AUTH_TOKEN (or CHERRY_AUTH_KEY) to an API key that may change things, then {again}',
  },
  {
    pattern: /quota/i,
    cause: "the account's quota is used up, which the API says of an order only",
    next: "remove what is not needed, or let Cherry's support raise the quota, then {again}",
  },
  {
    pattern: /error code: 429\)/,
    cause: 'the Cherry API took no more requests for the moment, and the provider does not ask twice',
    next: 'wait a minute, then {again}',
  },
  {
    pattern: /error code: 5\d\d\)/,
    cause: 'the Cherry API is out of order for the moment, and the provider does not ask twice',
    next: 'wait some minutes, then {again}',
  },
  {
    pattern: /assigned to another server/i,
    cause: 'the floating address still belongs to the server that is being ended',
    next: 'wait until that one is gone from the portal, then {again}',
  },
  {
    pattern: /\b(EOF|connection reset by peer|i\/o timeout)\b/,
    cause: 'an answer of the Cherry API was lost on its way: what was asked for may have been done',
    next: '{again}    (it shows what is there)',
  },
  {
    pattern: /error code: 404\)/,
    cause:
      'the Cherry API does not know what it was asked for: it was removed elsewhere, or the API showed another id',
    next: '{again}    (it shows what is there)',
  },
  {
    pattern: /(encrypted|decrypt).*(state|plan)|(state|plan).*(decrypt|encrypted)/i,
    cause: 'OpenTofu can read the state only with the key that it is encrypted with',
    next: 'set TF_ENCRYPTION as docs/plan.md says, with the passphrase of this environment, then {again}',
  },
  {
    pattern: /cannot unmarshal/,
    cause: 'the Cherry API answered in a form that the provider does not know',
    next: '{again}; if it stays so, the API has changed: this version of the provider cannot go on, and what runs is not touched by that',
  },
  {
    pattern: /normalize CherryServers server image/,
    cause:
      "the name of the server's image is no longer in Cherry's list for its plan, so the provider cannot read the server",
    next: "tell Cherry's support; no configuration of ours mends it, and what runs is not touched by it",
  },
  {
    pattern: /server is in unknown status/,
    cause:
      'the reinstall failed at Cherry: the old disk is gone, and no system came. Terraform notes it as done',
    next: '{again}    (it says how the server stands, and the way back)',
  },
  {
    pattern: /unexpected new value: \.power_state/,
    cause: 'the change was made, and the server is switched off now, which no plan shows',
    next: 'switch it on in the portal, then {again}',
  },
  {
    pattern: /unexpected new value: \.ip_addresses/,
    cause: 'the change was made, and the server has another address now',
    next: '{again}    (DNS and the pinned host key are of the old one: ./cogni host check says which)',
  },
  {
    pattern: /inconsistent result after apply/,
    cause: 'the change was made, and Cherry then showed something else than was planned',
    next: '{again}    (it shows what is there now; what was wiped or ordered stays so)',
  },
  {
    pattern: /failed to deploy server|server is in inactive state/,
    cause: 'the server was ordered, and did not come up in time or at all',
    next: '{again}',
  },
  {
    pattern: /multiple SSH keys with the same name/,
    cause: 'two keys have the same label at Cherry',
    next: 'rename or remove the one that is not ours in the portal, then {again}',
  },
  {
    pattern: /error code: 403\)/,
    cause: 'the Cherry API forbids it: the token lacks the right, or what was asked for is no longer there',
    next: '{again}    (the account is asked before anything is planned)',
  },
];

/**
 * @param said what Terraform said
 * @param again the command to run again
 * @returns undefined for an error that is not known here
 */
export function knownTrouble(said: string, again: string): KnownTrouble | undefined {
  // Terraform breaks and frames its lines.
  const text = said.replace(/[│╷╵\s]+/g, ' ');
  const found = known.find(({ pattern }) => pattern.test(text));
  return found && { cause: found.cause, next: found.next.replace('{again}', again) };
}

/** The same without the stack trace of a crashed plugin, which tells people nothing. */
export function withoutTrace(said: string): string {
  const lines = said.split('\n');
  const begin = lines.findIndex((line) => /^\W*(Stack trace from the|panic: |goroutine \d+ \[)/.test(line));
  if (begin < 0) return said;
  const end = lines.findIndex(
    (line, at) => at > begin && /^\W*(Error: The .* plugin crashed|Error: )/.test(line),
  );
  return [...lines.slice(0, begin), ...(end < 0 ? [] : lines.slice(end))].join('\n').trimEnd();
}
