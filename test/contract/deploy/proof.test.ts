import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askAppFromEdge } from '../../../deploy/rolling/commands';
import { run } from '../../../foundation/process';

/**
 * Answers success for a URL that ends in `/readyz` as often as the file `ready` has lines, and for any other the version
 * that is the next line of `versions`.
 */
const wget = `#!/bin/sh
for url; do :; done
while [ "$1" != -O ]; do shift; done
here=$(dirname "$0")
case "$url" in */readyz) file=$here/ready ;; *) file=$here/versions ;; esac
body=$(sed -n 1p "$file")
sed -i 1d "$file"
[ -n "$body" ] || { echo 'server returned error: HTTP/1.1 503' >&2; exit 1; }
if [ "$2" = - ]; then echo "$body"; else echo "$body" > "$2"; fi
`;

describe('the question that proves an application, asked by a shell as the one in the edge', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-proof-'));
    writeFileSync(join(folder, 'wget'), wget);
    chmodSync(join(folder, 'wget'), 0o755);
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  async function ask() {
    // Without `docker exec <container>`.
    const [program = '', ...words] = askAppFromEdge('http://app/readyz', 'http://app/version').slice(3);
    return run({ argv: [program, ...words], env: { PATH: `${folder}:/usr/bin:/bin` }, deadline: 10_000 });
  }

  const answers = (file: 'ready' | 'versions', ...lines: string[]): void =>
    writeFileSync(join(folder, file), lines.map((line) => `${line}\n`).join(''));
  const left = (file: 'ready' | 'versions'): string => readFileSync(join(folder, file), 'utf8');

  const [build, another] = ['{"buildSha":"0123abc"}', '{"buildSha":"4567def"}'];

  it('prints the version alone when the application is ready three times in a row', async () => {
    answers('ready', 'ready', 'ready', 'ready');
    answers('versions', build, build, build);
    expect(await ask()).toMatchObject({ code: 0, stdout: `${build}\n` });
    expect([left('ready'), left('versions')]).toEqual(['', '']);
  });

  it('fails without a version when it is not ready every time, and names the path that was asked', async () => {
    answers('ready', 'ready', 'ready');
    answers('versions', build, build, build);
    const output = await ask();
    expect(output).toMatchObject({ code: 1, stdout: '' });
    expect(output.stderr).toContain('HTTP/1.1 503');
    expect(output.stderr).toContain('no success from http://app/readyz');
  });

  it('fails when it has no version to print', async () => {
    answers('ready', 'ready', 'ready', 'ready');
    answers('versions', build);
    expect(await ask()).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('no success from http://app/version'),
    });
  });

  it('fails when two versions answer in turns', async () => {
    answers('ready', 'ready', 'ready', 'ready');
    answers('versions', build, another, build);
    const output = await ask();
    expect(output).toMatchObject({ code: 1, stdout: '' });
    expect(output.stderr).toContain(`http://app/version said ${build} and then ${another}`);
  });
});
