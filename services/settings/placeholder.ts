/**
 * What people and templates leave for others to replace. Domains of RFC 2606 are among it. No generated value looks
 * like one.
 */
export function isPlaceholder(value: string): boolean {
  return placeholders.some((pattern) => pattern.test(value.trim()));
}

const placeholders: readonly RegExp[] = [
  /^<.*>$/,
  /^\[.*\]$/,
  /^\{\{.*\}\}$/,
  /^\$\{.*\}$/,
  /^(?:x{3,}|\*+|\.{3,}|…|-+|\?+)$/i,
  /^(?:your|my)[-_ ]/i,
  /change[-_ ]?(?:me|this)/i,
  /replace[-_ ]?(?:me|this|with)/i,
  /^(?:todo|fixme|tbd|none|null|undefined|example|placeholder|dummy|password|secret|token)$/i,
  /(?:^|[@./])example(?:\.(?:com|org|net))?(?=$|[/:])/i,
];
