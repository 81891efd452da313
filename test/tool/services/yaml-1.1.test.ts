import fc from 'fast-check';
import type { Plain } from '../../../compose/tree';
import { toYaml } from '../../../compose/yaml';
import { capture } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { ensurePackages } from '../../../sandbox/packages';
import { document, hostileStrings } from '../../unit/compose/hostile';

/** Reads documents parted by NUL with PyYAML, a reader of YAML 1.1, and prints what it read as JSON. */
const reader = [
  'import json, sys, yaml',
  'print(json.dumps([yaml.safe_load(text) for text in sys.stdin.buffer.read().decode().split(chr(0))]))',
].join('\n');

describe('the YAML of a project', () => {
  beforeAll(async () => {
    const program = '/usr/lib/python3/dist-packages/yaml/__init__.py';
    await ensurePackages(
      [{ program, package: 'python3-yaml', why: 'reads what is rendered as YAML 1.1' }],
      silent,
    );
  }, 900_000);

  it('is the same to a reader of YAML 1.1', async () => {
    const hostile = hostileStrings.map((text) => ({
      value: text,
      items: [text, { [text]: text }],
      [text]: null,
    }));
    const documents = [
      ...hostile,
      ...(fc.sample(document, 2_000) as readonly { readonly [key: string]: Plain }[]),
    ];
    const printed = await capture({
      argv: ['/usr/bin/python3', '-c', reader],
      stdin: documents.map(toYaml).join('\0'),
      deadline: 60_000,
    });
    expect(JSON.parse(printed)).toEqual(documents);
  });
});
