import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { localTransport } from '../../../deploy/local';
import { judgeMigrations } from '../../../deploy/migrations/judge';
import { parsePending, pendingMigrations } from '../../../deploy/migrations/pending';
import { silent } from '../../../foundation/progress';
import type { Docker } from '../../../sandbox/docker';
import { ensureEngine } from '../../../sandbox/engine';

/** Images made here from files alone: nothing of them is ever started. */
const name = `cogni-migrations-test-${randomBytes(4).toString('hex')}`;
let docker: Docker;

async function image(tag: string, files: Record<string, string>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'cogni-migrations-'));
  try {
    mkdirSync(join(folder, 'migrations/more'), { recursive: true });
    for (const [path, content] of Object.entries(files))
      writeFileSync(join(folder, 'migrations', path), content);
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY migrations /app/migrations\n');
    await docker.docker(['build', '--quiet', '--tag', `${name}:${tag}`, folder]);
    return `${name}:${tag}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const ask = async (next: string, serving: string, folder = '/app/migrations'): Promise<string> => {
  const { code, stdout, stderr } = await localTransport({ env: { DOCKER_HOST: docker.host } }).run(
    pendingMigrations(folder, next, serving),
  );
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
afterAll(() => docker.tryDocker(['image', 'rm', '--force', serving, next, script]), 60_000);

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
  expect(judgeMigrations(printed).faults).toEqual([
    expect.stringContaining('3.sql:2 breaks the version that serves'),
  ]);
  for (const one of [next, serving]) {
    expect(await docker.docker(['ps', '--all', '--quiet', `--filter=ancestor=${one}`])).toBe('');
  }
}, 60_000);

test('has nothing pending between images that are alike', async () => {
  expect(parsePending(await ask(serving, serving))).toEqual({ files: 2, pending: {}, changed: [] });
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
