import fc from 'fast-check';
import { run, type Output } from '../../../../foundation/process';
import { declarationOf } from '../../../../services';
import { extendedExpression } from '../../../../services/settings/extended-expression';
import { plainSetting, secretSetting } from '../../../../services/settings/references';
import { startCheck } from '../../../../services/settings/start-check';

const script = `set -eu
${startCheck('program', {
  USER_HERE: plainSetting('POSTGRES_ROOT_USER'),
  ARCHIVE_KEY: plainSetting('ARCHIVE_KEY'),
  ARCHIVE_SECRET: secretSetting('ARCHIVE_SECRET'),
  FIXED: 'said by the file itself',
})}
told
echo begun
`;
const sound = {
  USER_HERE: 'cogni_root',
  ARCHIVE_KEY: 'up.loader=1',
  ARCHIVE_SECRET: `0123456789'"\\$(id);|&`,
};

/** The script by a shell, with these variables and no other. */
const start = (shell: readonly string[], variables: Readonly<Record<string, string>>): Promise<Output> =>
  run({
    argv: [
      'env',
      '--ignore-environment',
      'PATH=/usr/bin:/bin',
      ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
      ...shell,
      '-c',
      script,
    ],
    deadline: 20_000,
  });

/** What it says, without the last line, which says what to do. */
const faultsOf = ({ stderr }: Output): readonly string[] => stderr.trimEnd().split('\n').slice(0, -1);

// Bash reads what a person has set up where it takes its input for a network's.
describe.each([[['sh']], [['bash', '--norc']]])('a program that is a script, by %j', (shell) => {
  it('begins where every setting is as the catalogue wants it', async () => {
    expect(await start(shell, sound)).toMatchObject({ code: 0, stdout: 'begun\n', stderr: '' });
  });

  it('ends with all that is missing, each by the name of its setting', async () => {
    const output = await start(shell, {});
    expect(output).toMatchObject({ code: 2, stdout: '' });
    expect(output.stderr.trimEnd().split('\n')).toEqual([
      'program: POSTGRES_ROOT_USER is not set (here USER_HERE)',
      'program: ARCHIVE_KEY is not set',
      'program: ARCHIVE_SECRET is not set',
      'program: nothing was begun; ./cogni settings check <env> explains each setting',
    ]);
  });

  it('ends with all that is empty, too short or malformed, and shows no value', async () => {
    const output = await start(shell, {
      USER_HERE: 'P1anted-Name',
      ARCHIVE_KEY: '',
      ARCHIVE_SECRET: 'p1anted',
    });
    expect(output.code).toBe(2);
    expect(faultsOf(output)).toEqual([
      'program: POSTGRES_ROOT_USER is malformed (here USER_HERE); allowed: name of a PostgreSQL role',
      'program: ARCHIVE_KEY is not set',
      'program: ARCHIVE_SECRET is shorter than 16 characters',
    ]);
    expect(output.stderr).not.toMatch(/p1anted/i);
  });

  it.each([
    ['in it', `0123456789012\n3456789`],
    ['at its end', '01234567890123456789\n'],
    ['of another kind', '01234567890123456\t789'],
  ])('ends with a control character %s', async (_where, secret) => {
    const output = await start(shell, { ...sound, ARCHIVE_SECRET: secret });
    expect(output.code).toBe(2);
    expect(faultsOf(output)).toEqual([
      'program: ARCHIVE_SECRET holds a line break or another control character',
    ]);
  });
});

describe('a pattern of the catalogue for grep', () => {
  const patterns = [
    /^[a-z_][a-z0-9_]{0,62}$/,
    /^[\x21-\x5f\x61-\x7e]*$/,
    /^[\w.+=@-]{3,128}$/,
    /^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?$/,
    /^(?:a|b\.c)\d$/,
  ];

  it.each(patterns)('takes the very lines that the pattern itself takes: %s', async (pattern) => {
    const unit = fc.constantFrom(...Array.from({ length: 95 }, (_, at) => String.fromCharCode(32 + at)));
    const near = fc.constantFrom(
      'a1',
      'b.c7',
      'bxc7',
      'a',
      '_x',
      'cogni_root',
      'A-1',
      '-A',
      'up.loader=1',
      'a'.repeat(64),
    );
    const lines = fc.sample(fc.oneof(fc.string({ unit, maxLength: 6 }), near), 400);
    const { stdout } = await run({
      argv: ['env', 'LC_ALL=C', 'grep', '-E', '-n', '-e', extendedExpression(pattern.source)],
      stdin: `${lines.join('\n')}\n`,
      deadline: 20_000,
    });
    const taken = stdout.split('\n').flatMap((line) => (line === '' ? [] : [Number(line.split(':')[0])]));
    expect(taken).toEqual(lines.flatMap((line, at) => (pattern.test(line) ? [at + 1] : [])));
    expect(taken.length).toBeGreaterThan(0);
  });

  it.each(['^(?=.{1,9}$)a$', '^\\P{Cc}*$', '^\\bword$', '^[\\x5d]$', '^[\\x00-\\x1f]$'])(
    'is refused where it would mean something else there: %s',
    (source) => expect(() => extendedExpression(source)).toThrow('grep -E does not know'),
  );

  it('stands for the formats of all settings that a script is told', () => {
    for (const name of ['POSTGRES_ROOT_USER', 'POSTGRES_ROOT_PASSWORD', 'ARCHIVE_KEY'] as const) {
      expect(declarationOf(name).consumers).toContain('runtime/postgres');
      expect(() => startCheck('program', { ANY: plainSetting(name as 'ARCHIVE_KEY') })).not.toThrow();
    }
    expect(() => startCheck('program', { ANY: secretSetting('DATABASE_URL') })).toThrow(
      'the format of DATABASE_URL has no pattern',
    );
  });
});
