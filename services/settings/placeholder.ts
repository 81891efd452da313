/**
 * What people and templates leave for others to replace. Domains of RFC 2606 are among it. No generated value looks
 * like one.
 *
 * @param of what the value is: a secret that says of itself that it is somebody's key is none; a site, a role and an account may well
 *   be called `my-app`, `your-company` or `token`
 */
export function isPlaceholder(value: string, of: 'secret' | 'plain'): boolean {
  const text = value.trim();
  return [...placeholders, ...(of === 'secret' ? secretsInWords : [])].some((pattern) => pattern.test(text));
}

const placeholders: readonly RegExp[] = [
  /^<.*>$/,
  /^\[.*\]$/,
  /^\{\{.*\}\}$/,
  /^\$\{.*\}$/,
  /^(?:x{3,}|\*+|\.{3,}|…|-+|\?+)$/i,
  /(?<![a-z])change[-_ ]?(?:me|this)(?![a-z])/i,
  /(?<![a-z])replace[-_ ]?(?:me|this|with)(?![a-z])/i,
  /^(?:todo|fixme|tbd|none|null|undefined|example|placeholder|dummy)$/i,
  /(?:^|[@./])example(?:\.(?:com|org|net))?(?=$|[/:])/i,
];

/** Nothing but words of templates: `your-token-here`, `my_api_key`, `your-grafana-token`; not `my-dog-ate-the-key-again`. */
const secretsInWords: readonly RegExp[] = [
  /^(?:(?:your|my|the)[-_ ]?)?(?:(?:own|personal|access|api|app|auth|account|bot|database|db|deploy|github|private|root|secret|super|webhook)[-_ ]?)*(?:key|token|secret|password|passphrase|value)(?:[-_ ]?(?:goes[-_ ]?)?here)?$/i,
  /^your[-_ ].*[-_ ]here$/i,
  /^your[-_ ].*(?:key|token|secret|password|passphrase)$/i,
];
