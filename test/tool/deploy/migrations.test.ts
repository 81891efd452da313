import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { localTransport } from '../../../deploy/local';
import { judgeMigrations } from '../../../deploy/migrations/judge';
import { forgetAbandonedReaders, parsePending, pendingMigrations } from '../../../deploy/migrations/pending';
import { silent } from '../../../foundation/progress';
import type { Transport } from '../../../deploy/transport';
import type { Docker } from '../../../sandbox/docker';
import { ensureEngine } from '../../../sandbox/engine';

/** Images made here from files alone: nothing of them is ever started. */
const name = `cogni-migrations-test-${randomBytes(4).toString('hex')}`;
let docker: Docker;

async function image(
  tag: string,
  files: Record<string, string>,
  more: (folder: string) => void = () => undefined,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'cogni-migrations-'));
  try {
    mkdirSync(join(folder, 'migrations/more'), { recursive: true });
    for (const [path, content] of Object.entries(files))
      writeFileSync(join(folder, 'migrations', path), content);
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY . /app/\n');
    more(folder);
    await docker.docker(['build', '--quiet', '--tag', `${name}:${tag}`, folder]);
    return `${name}:${tag}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const host = (): Transport => localTransport({ env: { DOCKER_HOST: docker.host } });

const ask = async (next: string, serving: string, folder = '/app/migrations'): Promise<string> => {
  const { code, stdout, stderr } = await host().run(pendingMigrations(folder, next, serving));
  if (code !== 0) throw new Error(stderr);
  return stdout;
};

let serving: string;
let next: string;
let script: string;

beforeAll(async () => {
  ({ docker } = await ensureEngine(silent));
  serving = await image('serving', { '1.sql': 'CREATE TABLE a (b int);', '2.sql': 'SELECT 2;' });
  next = await image('next', {
    '1.sql': 'CREATE TABLE a (b int);',
    '2.sql': 'SELECT 3;',
    '3.sql': '-- ümläut\nALTER TABLE a DROP COLUMN b;\n',
    'more/4.sql': 'CREATE INDEX i ON a (b);',
    'readme.md': 'DROP TABLE a;',
  });
  script = await image('script', { 'migrate.js': 'x' });
}, 300_000);
afterAll(() => docker.tryDocker(['image', 'rm', '--force', serving, next, script, `${name}:linked`]), 60_000);

test('finds in real images what is pending and what was changed, and leaves no container', async () => {
  const printed = await ask(next, serving);
  expect(parsePending(printed)).toEqual({
    files: 4,
    pending: {
      '3.sql': '-- ümläut\nALTER TABLE a DROP COLUMN b;\n',
      'more/4.sql': 'CREATE INDEX i ON a (b);',
    },
    changed: ['2.sql'],
  });
  expect(judgeMigrations({ printed }).faults).toEqual([
    expect.stringContaining('3.sql:2 breaks the version that serves'),
  ]);
  for (const one of [next, serving]) {
    expect(await docker.docker(['ps', '--all', '--quiet', `--filter=ancestor=${one}`])).toBe('');
  }
}, 60_000);

test('has nothing pending between images that are alike', async () => {
  expect(parsePending(await ask(serving, serving))).toEqual({ files: 2, pending: {}, changed: [] });
}, 60_000);

test('reads for several at once, while another tidies up behind runs that were cut off', async () => {
  const tidy = async (): Promise<void> => {
    for (let times = 0; times < 8; times += 1) {
      const { code, stderr } = await host().run(forgetAbandonedReaders);
      if (code !== 0) throw new Error(stderr);
    }
  };
  const asked = Array.from({ length: 4 }, () => ask(next, serving));
  const [answers] = await Promise.all([Promise.all(asked), tidy()]);
  for (const printed of answers) expect(judgeMigrations({ printed }).faults).toHaveLength(1);
}, 120_000);

test('reads a file that is a link to another one of the folder, and a folder that is a link', async () => {
  const linked = await image('linked', { '1.sql': 'SELECT 1;' }, (folder) => {
    symlinkSync('1.sql', join(folder, 'migrations/2.sql'));
    symlinkSync('migrations', join(folder, 'sql'));
  });
  expect(parsePending(await ask(linked, script, '/app/sql'))).toMatchObject({
    unreadable: expect.anything(),
  });
  expect(parsePending(await ask(linked, linked, '/app/sql'))).toMatchObject({ files: 2 });
}, 120_000);

test('did not read them where Docker does not answer, and where the new image is not there', async () => {
  const deaf = localTransport({ env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
  const { stdout } = await deaf.run(pendingMigrations('/app/migrations', next, serving));
  expect(parsePending(stdout)).toEqual({ failed: expect.stringContaining('/nowhere/docker.sock') });
  expect(parsePending(await ask(`${name}:gone`, serving))).toEqual({
    failed: expect.stringMatching(/no such image/i),
  });
}, 60_000);

test.each([
  ['holds no SQL', () => ask(script, serving), 'it holds no SQL file'],
  ['has no such folder', () => ask(next, serving, '/nowhere'), '/nowhere'],
  ['is not on the host', () => ask(next, `${name}:gone`), 'that of the release that serves'],
])(
  'says that it cannot be judged where an image %s',
  async (_, asking, why) => {
    const answer = parsePending(await asking());
    expect(answer).toEqual({ unreadable: expect.stringContaining(why) });
  },
  60_000,
);
