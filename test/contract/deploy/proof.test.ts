import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askAppFromEdge } from '../../../deploy/rolling/commands';
import { run } from '../../../foundation/process';

/** Answers success for a URL that ends in `/readyz` while the file `ready` is there, and prints a version for any other. */
const wget = `#!/bin/sh
for url; do :; done
while [ "$1" != -O ]; do shift; done
case "$url" in
  */readyz) [ -e "$(dirname "$0")/ready" ] || { echo 'server returned error: HTTP/1.1 503' >&2; exit 1; }; body=ready ;;
  *) body='{"buildSha":"0123abc"}' ;;
esac
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

  it('prints the version alone when the application is ready', async () => {
    writeFileSync(join(folder, 'ready'), '');
    expect(await ask()).toMatchObject({ code: 0, stdout: '{"buildSha":"0123abc"}\n' });
  });

  it('fails without a version when it is not, and names the path that was asked', async () => {
    const output = await ask();
    expect(output).toMatchObject({ code: 1, stdout: '' });
    expect(output.stderr).toContain('HTTP/1.1 503');
    expect(output.stderr).toContain('no success from http://app/readyz');
  });
});
