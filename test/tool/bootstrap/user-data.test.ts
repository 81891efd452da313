import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { load } from 'js-yaml';
import { enrollmentToken, hostFiles, renderUserData, withEnrollment } from '../../../bootstrap';
import { capture, run, type Output } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { ensurePackages } from '../../../sandbox/packages';
import { fixedNeeds } from '../../unit/bootstrap/fixed-needs';
import { cloudInitSchemaCheck } from './cloud-init';

let folder: string;
let schemaCheck: (documentFile: string) => Promise<Output>;
const document = renderUserData(fixedNeeds);
const enrolled = withEnrollment(document, enrollmentToken(new Uint8Array(32).fill(7)));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'user-data-'));
  schemaCheck = await cloudInitSchemaCheck(silent);
  const why = 'every script that a host gets is checked with it';
  await ensurePackages([{ program: 'shellcheck', package: 'shellcheck', why }], silent);
  for (const file of hostFiles(fixedNeeds)) {
    mkdirSync(dirname(join(folder, file.path)), { recursive: true });
    writeFileSync(join(folder, file.path), file.content, { mode: file.mode });
  }
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const saved = (text: string): string => {
  const path = join(folder, 'document.yaml');
  writeFileSync(path, text);
  return path;
};

describe("cloud-init's own schema check", () => {
  test.each([
    ['the document', document],
    ['the document with an enrollment token', enrolled],
  ])('takes %s, without so much as a deprecation', async (_, text) => {
    const { code, stdout, stderr } = await schemaCheck(saved(text));
    expect([code, stdout.trim(), stderr]).toEqual([
      0,
      `Valid cloud-config: ${join(folder, 'document.yaml')}`,
      '',
    ]);
  });

  test('refuses the document with a misspelt key, so it does look', async () => {
    const { code, stderr } = await schemaCheck(saved(document.replace('permissions:', 'permission:')));
    expect(code).toBe(1);
    expect(stderr).toContain("'permission' was unexpected");
  });

  test('would let an unknown key at the top pass on Debian 12, so these are counted here', () => {
    const keys = ['hostname', 'disable_root', 'ssh_pwauth', 'users', 'runcmd', 'write_files'];
    expect(Object.keys(load(document) as object)).toEqual(keys);
  });
});

test('the YAML library that cloud-init reads with finds in it what ours finds', async () => {
  const program = 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)';
  const read = await capture({
    argv: ['/usr/bin/python3', '-c', program],
    stdin: enrolled,
    deadline: 30_000,
  });
  expect(JSON.parse(read)).toEqual(load(enrolled));
});

describe('the script of a host', () => {
  const shellcheck = (path: string): Promise<Output> =>
    run({ argv: ['shellcheck', '--external-sources', '--source-path=SCRIPTDIR', path], deadline: 60_000 });

  test('has nothing that shellcheck minds, its settings included', async () => {
    const { code, stdout } = await shellcheck(join(folder, 'bootstrap.sh'));
    expect([code, stdout]).toEqual([0, '']);
  });

  test('is minded by shellcheck as soon as there is something', async () => {
    const path = join(folder, 'worse.sh');
    writeFileSync(path, `${readFileSync(join(folder, 'bootstrap.sh'), 'utf8')}rm -rf $state/$1/*\n`);
    expect((await shellcheck(path)).stdout).toContain('SC2086');
  });

  test('has Python in it that compiles', async () => {
    const script = readFileSync(join(folder, 'bootstrap.sh'), 'utf8');
    const [, python] = /python3 - <<'END'\n([^]*?)\nEND\n/.exec(script) ?? [];
    const compiler = "import sys; compile(sys.stdin.read(), 'identity', 'exec')";
    await capture({ argv: ['/usr/bin/python3', '-c', compiler], stdin: python!, deadline: 30_000 });
  });
});
