import fc from 'fast-check';

/** Strings that some YAML reader or Compose's interpolation takes for something else. */
export const hostileStrings: readonly string[] = [
  '',
  ' ',
  'a ',
  ' a',
  'a: b',
  'a:',
  ':a',
  'a #b',
  '#a',
  '- a',
  '-',
  '---',
  '...',
  '? a',
  '!tag',
  '&anchor',
  '*alias',
  '|',
  '>',
  '%directive',
  '@at',
  '`tick`',
  '{a: b}',
  '[a]',
  ',',
  "it's",
  '"quoted"',
  'back\\slash',
  '\\n',
  '$HOME',
  '${HOME}',
  '$$',
  '${A:?b}',
  '<<',
  '=',
  '~',
  'null',
  'Null',
  'true',
  'False',
  'yes',
  'NO',
  'on',
  'Off',
  'y',
  'N',
  '1',
  '-1',
  '+1',
  '1_000',
  '0o17',
  '017',
  '0x1F',
  '0b11',
  '1e3',
  '1.5',
  '.5',
  '.inf',
  '-.INF',
  '.nan',
  '12:30:45',
  '190:20:30',
  '2001-12-14',
  '2001-12-14t21:59:43.10-05:00',
  'a\nb',
  'a\r\nb',
  '\ta',
  '\u0000',
  '\u0085',
  '\u2028',
  '\uFEFF',
  'é',
  '😀',
  '__proto__',
  'constructor',
];

/** Any string that UTF-8 can hold, with hostile ones among them. */
export const anyString: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(...hostileStrings),
  fc
    .tuple(fc.constantFrom(...hostileStrings), fc.constantFrom(...hostileStrings))
    .map((parts) => parts.join('')),
);

/** Own properties only: a literal `__proto__` key would set the prototype instead. */
const mappingOf = (value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.array(fc.tuple(anyString, value), { maxLength: 4 }).map((entries) => Object.fromEntries(entries));

/** Any document of mappings, lists, strings, whole numbers, booleans and null. */
export const document: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    anyString,
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    tie('list'),
    tie('mapping'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }),
  mapping: mappingOf(tie('value')),
  document: fc
    .array(fc.tuple(anyString, tie('value')), { minLength: 1, maxLength: 4 })
    .map((entries) => Object.fromEntries(entries)),
})).document;
