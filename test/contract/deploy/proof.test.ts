import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askAppFromEdge, upstreamsOfEdge } from '../../../deploy/rolling/commands';
import { run } from '../../../foundation/process';

/**
 * Answers success for a URL that ends in `/readyz` as often as the file `ready` has lines, for one that ends in
 * `/upstreams` the next line of `upstreams`, and for any other the version that is the next line of `versions`.
 */
const wget = `#!/bin/sh
for url; do :; done
while [ "$1" != -O ]; do shift; done
here=$(dirname "$0")
case "$url" in */readyz) file=$here/ready ;; */upstreams) file=$here/upstreams ;; *) file=$here/versions ;; esac
body=$(sed -n 1p "$file")
sed -i 1d "$file"
[ -n "$body" ] || { echo 'server returned error: HTTP/1.1 503' >&2; exit 1; }
if [ "$2" = - ]; then echo "$body"; else echo "$body" > "$2"; fi
`;

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cogni-proof-'));
  writeFileSync(join(folder, 'wget'), wget);
  chmodSync(join(folder, 'wget'), 0o755);
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Without `docker exec <container>`. */
const runHere = (argv: readonly string[]) => {
  const [program = '', ...words] = argv.slice(3);
  return run({ argv: [program, ...words], env: { PATH: `${folder}:/usr/bin:/bin` }, deadline: 10_000 });
};

type AnswerFile = 'ready' | 'versions' | 'upstreams';
const answers = (file: AnswerFile, ...lines: string[]): void =>
  writeFileSync(join(folder, file), lines.map((line) => `${line}\n`).join(''));
const left = (file: AnswerFile): string => readFileSync(join(folder, file), 'utf8');

describe('the question that proves an application, asked by a shell as the one in the edge', () => {
  const ask = () => runHere(askAppFromEdge('http://app/readyz', 'http://app/version'));

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

describe('the question whether a version has ended its requests, asked by a shell as the one in the edge', () => {
  const listed = (...addresses: string[]): string =>
    JSON.stringify(addresses.map((address) => ({ address, num_requests: 1, fails: 0 })));
  const [both, other] = [listed('cogni-app-a:3000', 'cogni-app-b:3000'), listed('cogni-app-b:3000')];
  const times = <Value>(count: number, value: Value): Value[] => Array.from({ length: count }, () => value);
  const ask = () => runHere(upstreamsOfEdge('cogni-app-a:3000'));

  it('waits until it is gone three times in a row, and prints who is left', async () => {
    answers('upstreams', both, other, both, other, other, other, both);
    expect(await ask()).toMatchObject({ code: 0, stdout: `${other}\n` });
    expect(left('upstreams')).toBe(`${both}\n`);
  });

  it('prints it as still there after about a second, for the deploy to count its own time', async () => {
    answers('upstreams', ...times(20, both));
    expect(await ask()).toMatchObject({ code: 0, stdout: `${both}\n` });
    expect(left('upstreams')).toBe(`${both}\n`.repeat(10));
  });

  it('never takes once or twice for three times, however late that comes', async () => {
    answers('upstreams', ...times(9, both), other, other, both, both);
    expect(await ask()).toMatchObject({ code: 0, stdout: `${both}\n` });
  });

  it('does not take a longer name for it', async () => {
    const longer = listed('cogni-app-a:30001', 'x-cogni-app-a:3000');
    answers('upstreams', longer, longer, longer);
    expect(await ask()).toMatchObject({ code: 0, stdout: `${longer}\n` });
  });

  it('fails when the edge does not say who is there', async () => {
    answers('upstreams', both);
    expect(await ask()).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('no answer from the admin API'),
    });
  });
});
