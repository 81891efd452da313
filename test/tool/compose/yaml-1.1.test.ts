import fc from 'fast-check';
import { CORE_SCHEMA, load } from 'js-yaml';
import { capture } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { ensurePackages } from '../../../sandbox/packages';
import { fuzzCases } from '../../fuzz/cases';
import { structuredFile } from '../../fuzz/compose-files';
import { canonicalOf } from '../../fuzz/properties';

/** Reads documents parted by NUL with PyYAML, a reader of YAML 1.1, and prints what it read as JSON. */
const reader = [
  'import json, sys, yaml',
  'print(json.dumps([yaml.safe_load(text) for text in sys.stdin.buffer.read().decode().split(chr(0))]))',
].join('\n');

describe('compose files that were read and written again', () => {
  beforeAll(async () => {
    const program = '/usr/lib/python3/dist-packages/yaml/__init__.py';
    const why = 'reads what is written as YAML 1.1';
    await ensurePackages([{ program, package: 'python3-yaml', why }], silent);
  }, 900_000);

  it('say the same to a reader of YAML 1.1 as to one of 1.2', async () => {
    const written = fc.sample(structuredFile, fuzzCases(2_000)).flatMap((text) => canonicalOf(text) ?? []);
    expect(written.length).toBeGreaterThan(fuzzCases(2_000) / 20);
    const printed = await capture({
      argv: ['/usr/bin/python3', '-c', reader],
      stdin: written.join('\0'),
      deadline: 60_000,
    });
    expect(JSON.parse(printed)).toEqual(written.map((text) => load(text, { schema: CORE_SCHEMA })));
  });
});
