import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../../compose';
import { run, type Output } from '../../../foundation/process';
import { receiverConfig, receiverHome, receiverScript } from '../../../services/receiver/script';
import { databaseModel, variablesOf } from '../../../services/database/model';
import { writtenFolder } from '../../../services/runtime/postgres-access';
import { everything } from './everything';
import { deploySettings } from './example';

const scripts = everything()
  .flatMap((project) => synthesize(project))
  .filter(({ path }) => path.endsWith('.sh'));

/** A rendered script by the end of its path. */
function scriptOf(name: string): string {
  const found = scripts.filter(({ path }) => path.endsWith(`/${name}`));
  if (found[0] === undefined || found.length > 1) throw new Error(`${found.length} scripts are ${name}`);
  return found[0].content;
}

describe('the start of a program of ours in a container', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-starts-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs a script as its container would, with these variables and no other. */
  const start = (
    [shell, content, ...words]: readonly [shell: string, content: string, ...words: string[]],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<Output> => {
    const file = join(folder, 'program');
    writeFileSync(file, content);
    return run({
      argv: [
        'env',
        '--ignore-environment',
        `PATH=${folder}:/usr/bin:/bin`,
        ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
        shell,
        file,
        ...words,
      ],
      deadline: 20_000,
    });
  };
  const saidBy = ({ stderr }: Output): readonly string[] => stderr.trimEnd().split('\n');
  const explained = 'nothing was begun; ./cogni settings check <env> explains each setting';

  it('says everything that backups lack at once, and ends', async () => {
    const output = await start(['sh', scriptOf('backup.sh'), 'schedule']);
    expect(output).toMatchObject({ code: 2, stdout: '' });
    expect(saidBy(output)).toEqual([
      'backup: POSTGRES_ROOT_USER is not set (here POSTGRES_USER)',
      'backup: POSTGRES_ROOT_USER is not set (here PGBACKREST_PG1_USER)',
      'backup: ARCHIVE_KEY is not set (here PGBACKREST_REPO1_S3_KEY)',
      'backup: ARCHIVE_SECRET is not set (here PGBACKREST_REPO1_S3_KEY_SECRET)',
      'backup: ARCHIVE_PASSPHRASE is not set (here PGBACKREST_REPO1_CIPHER_PASS)',
      `backup: ${explained}`,
    ]);
  });

  it('says everything that portable copies lack at once, and no value of what is malformed', async () => {
    const output = await start(['sh', scriptOf('copies.sh'), 'schedule'], {
      PGBACKREST_REPO1_S3_KEY_SECRET: 'p1anted secret with spaces',
    });
    expect(output).toMatchObject({ code: 2, stdout: '' });
    expect(saidBy(output)).toEqual([
      'copies: POSTGRES_ROOT_USER is not set (here POSTGRES_USER)',
      'copies: ARCHIVE_KEY is not set (here PGBACKREST_REPO1_S3_KEY)',
      'copies: ARCHIVE_SECRET is malformed (here PGBACKREST_REPO1_S3_KEY_SECRET); allowed: at least 16 printable characters',
      `copies: ${explained}`,
    ]);
  });

  it('says everything that the database server lacks at once, before the image begins anything', async () => {
    const output = await start(['sh', scriptOf('start.sh')], {
      POSTGRES_USER: '"; host all all 0.0.0.0/0 trust',
    });
    expect(output).toMatchObject({ code: 2, stdout: '' });
    expect(saidBy(output)).toEqual([
      'postgres: POSTGRES_ROOT_USER is malformed (here POSTGRES_USER); allowed: name of a PostgreSQL role',
      'postgres: POSTGRES_ROOT_PASSWORD is not set (here POSTGRES_PASSWORD)',
      'postgres: POSTGRES_ROOT_USER is not set (here PGBACKREST_PG1_USER)',
      'postgres: ARCHIVE_KEY is not set (here PGBACKREST_REPO1_S3_KEY)',
      'postgres: ARCHIVE_SECRET is not set (here PGBACKREST_REPO1_S3_KEY_SECRET)',
      'postgres: ARCHIVE_PASSPHRASE is not set (here PGBACKREST_REPO1_CIPHER_PASS)',
      `postgres: ${explained}`,
    ]);
  });

  it('goes on to the server of the image where nothing is wrong', async () => {
    writeFileSync(join(folder, 'docker-entrypoint.sh'), '#!/bin/sh\necho "$1"\n');
    chmodSync(join(folder, 'docker-entrypoint.sh'), 0o755);
    const content = scriptOf('start.sh').replaceAll(writtenFolder, folder);
    const token = '0123456789'.repeat(4);
    const output = await start(['sh', content], {
      POSTGRES_USER: 'cogni_root',
      POSTGRES_PASSWORD: token,
      PGBACKREST_PG1_USER: 'cogni_root',
      PGBACKREST_REPO1_S3_KEY: 'uploader',
      PGBACKREST_REPO1_S3_KEY_SECRET: token,
      PGBACKREST_REPO1_CIPHER_PASS: token,
    });
    expect(output).toMatchObject({ code: 0, stdout: 'postgres\n', stderr: '' });
    expect(readFileSync(join(folder, 'pg_hba.conf'), 'utf8')).toContain('local  all  "cogni_root"  peer');
  });

  it('says everything that db-provision lacks at once: what is missing, half there, and of more than one line', async () => {
    const { OWNER_DB_USER, APP_DB_NAME, LITELLM_DB_USER, READONLY_DB_USER } = deploySettings;
    const output = await start(['bash', scriptOf('provision.sh')], {
      POSTGRES_ROOT_USER: '',
      OWNER_DB_USER: OWNER_DB_USER ?? '',
      APP_DB_NAME: APP_DB_NAME ?? '',
      LITELLM_DB_USER: LITELLM_DB_USER ?? '',
      READONLY_DB_USER: READONLY_DB_USER ?? '',
      APP_DB_PASSWORD: 'p1anted\nin two lines',
      DB_HOST: 'postgres',
    });
    expect(output).toMatchObject({ code: 2, stdout: '' });
    expect(saidBy(output)).toEqual([
      'db-provision: POSTGRES_ROOT_USER is not set',
      'db-provision: DB_PORT is not set',
      'db-provision: OWNER_DB_PASSWORD is not set',
      'db-provision: APP_DB_USER is not set',
      'db-provision: APP_DB_PASSWORD holds a line break or another control character',
      'db-provision: READONLY_DB_PASSWORD is not set',
      'db-provision: not set: LITELLM_DB_PASSWORD LITELLM_DB_NAME; but there is: LITELLM_DB_USER',
      'db-provision: nothing was changed; ./cogni settings check <env> explains each setting',
    ]);
  });

  it('holds what db-provision is told against the forms of the settings, also of those that may be absent', async () => {
    const sound = Object.fromEntries(
      variablesOf(databaseModel).map(({ name }) => [name, deploySettings[name] ?? '']),
    );
    const output = await start(['bash', scriptOf('provision.sh')], {
      ...sound,
      POSTGRES_ROOT_USER: deploySettings.POSTGRES_ROOT_USER ?? '',
      DB_HOST: 'postgres',
      DB_PORT: '5432',
      APP_DB_PASSWORD: 'x',
      OWNER_DB_USER: 'Owner',
      LITELLM_DB_PASSWORD: 'y',
    });
    expect(output).toMatchObject({ code: 2, stdout: '' });
    expect(saidBy(output)).toEqual([
      'db-provision: OWNER_DB_USER is malformed; allowed: name of a PostgreSQL role',
      expect.stringMatching(/^db-provision: APP_DB_PASSWORD is shorter than \d+ characters$/),
      expect.stringMatching(/^db-provision: LITELLM_DB_PASSWORD is shorter than \d+ characters$/),
      'db-provision: nothing was changed; ./cogni settings check <env> explains each setting',
    ]);
  });

  it('says every file that a receiver lacks at once', async () => {
    const [home, config] = [join(folder, 'home'), join(folder, 'config')];
    mkdirSync(home);
    mkdirSync(config);
    writeFileSync(join(config, 'ssh_config'), 'Host database\n');
    writeFileSync(join(config, 'known_hosts'), '');
    const content = receiverScript(256, true)
      .replaceAll(receiverHome, home)
      .replaceAll(receiverConfig, config);
    const output = await start(['sh', content, 'stream']);
    expect(output).toMatchObject({ code: 2, stdout: '' });
    expect(saidBy(output)).toEqual([
      `receiver: its key is not there, is empty or cannot be read: ${home}/key`,
      `receiver: the pinned key of the database's host is not there, is empty or cannot be read: ${config}/known_hosts`,
      `receiver: the program that listens is not there, is empty or cannot be read: ${config}/listen.pl`,
      'receiver: nothing was begun; ./cogni receiver up <env> makes all of it',
    ]);
  });
});
