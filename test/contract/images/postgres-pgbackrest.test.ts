import { silent } from '../../../foundation/progress';
import { postgresImage } from '../../../sandbox/images/postgres';
import { buildDeadline, docker, exec, Scratch } from './harness';

/**
 * What an image of PostgreSQL must have for archiving, beside the contract of the official one (postgres.test.ts). Run against
 * the one that `services/database/image/` makes with PGBACKREST_IMAGE=ghcr.io/…/postgres-pgbackrest:….
 */
const prints: [string, string[], RegExp][] = [
  [
    'pgBackRest is on PATH, of the version that restores were tried with',
    ['pgbackrest', 'version'],
    /^pgBackRest 2\.45$/,
  ],
  [
    'it reaches S3, packs with zstd and encrypts without writing to the image',
    ['pgbackrest', 'help', 'backup', 'compress-type'],
    /\bzst\b/,
  ],
  ['age is on PATH, which encrypts the portable copies', ['age', '--version'], /^v?1\.\d+/],
  [
    'a receiver of the log has what it runs: the programs of the server, SSH and its key generator, perl with sockets',
    [
      'sh',
      '-c',
      'for each in pg_receivewal ssh ssh-keygen perl; do command -v "$each"; done; perl -MSocket -e "print PF_UNIX"',
    ],
    /pg_receivewal\n.*\/ssh\n.*\/ssh-keygen\n.*\/perl\n1$/,
  ],
  ['the server knows the user as whom a receiver comes', ['id', '--user', 'backup'], /^34$/],
  [
    'public authorities are where its configuration looks for them',
    ['grep', '--count', 'BEGIN CERTIFICATE', '/etc/ssl/certs/ca-certificates.crt'],
    /^[1-9]\d+$/,
  ],
  [
    'no configuration of the package stands in for a missing one of ours',
    ['find', '/etc', '-maxdepth', '2', '-name', 'pgbackrest*.conf'],
    /^$/,
  ],
];

describe('the PostgreSQL image with pgBackRest', () => {
  const scratch = new Scratch();
  let container: string;

  beforeAll(async () => {
    const image = process.env['PGBACKREST_IMAGE'] ?? (await postgresImage(docker, silent)).reference;
    container = await scratch.start('tools', [
      '--network=none',
      '--read-only',
      '--user=999:999',
      image,
      'sleep',
      '300',
    ]);
  }, buildDeadline);
  afterAll(() => scratch.removeAll());

  it.each(prints)('%s', async (_, argv, pattern) => {
    const { stdout, stderr } = await exec(container, ...argv);
    expect(stdout.trim()).toMatch(pattern);
    expect(stderr).toBe('');
  });
});
