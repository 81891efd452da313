import fc from 'fast-check';
import { ExitCode, Failure } from '../../../../foundation/failure';
import { Secret } from '../../../../foundation/secret';
import {
  declarationOf,
  generateSettings,
  readSettings,
  settingNames,
  settingsFor,
} from '../../../../services';
import { keptRoles } from '../../../../services/database/kept-roles';
import { distinctRoles } from '../../../../services/settings/catalogue';
import { deploySettings } from '../example';

const failureOf = (read: () => unknown): Failure => {
  try {
    read();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
};

describe('reading settings', () => {
  it('gives plain values as text and secrets as secrets', () => {
    const settings = readSettings(deploySettings, 'deploy');
    expect(settings.plain('APP_DB_USER')).toBe('cogni_app');
    expect(String(settings.secret('APP_DB_PASSWORD'))).toBe('[secret APP_DB_PASSWORD]');
    expect(settings.secret('APP_DB_PASSWORD').reveal()).toBe('app-password-0123456789');
  });

  it('leaves an optional setting that is unset absent', () => {
    expect(readSettings(deploySettings, 'deploy').trySecret('METRICS_TOKEN')).toBeUndefined();
    const token = 't'.repeat(32);
    const settings = readSettings({ ...deploySettings, METRICS_TOKEN: token }, 'deploy');
    expect(settings.trySecret('METRICS_TOKEN')?.reveal()).toBe(token);
  });

  it('wants only what its purpose needs', () => {
    const settings = readSettings({ CHERRY_AUTH_TOKEN: 'cherry-0123', CHERRY_PROJECT_ID: '1' }, 'provision');
    expect(settings.entries().map(([name]) => name)).toEqual(['CHERRY_AUTH_TOKEN', 'CHERRY_PROJECT_ID']);
    expect(() => settings.plain('DOMAIN')).toThrow('the setting DOMAIN was not read');
  });

  it('does not want what a deploy makes itself: the release and the connection URLs', () => {
    const made = settingNames.filter((name) => ['release', 'derived'].includes(declarationOf(name).scope));
    expect(made).toEqual([
      'DATABASE_URL',
      'OWNER_DATABASE_URL',
      'APP_IMAGE',
      'MIGRATOR_IMAGE',
      'LITELLM_DATABASE_URL',
    ]);
    expect(settingsFor('deploy').filter((name) => made.includes(name))).toEqual([]);
  });

  it('reports every setting that is missing, empty or malformed at once, by name', () => {
    const failure = failureOf(() =>
      readSettings(
        {
          ...deploySettings,
          DOMAIN: 'https://preview.cogni.test',
          GHCR_DEPLOY_TOKEN: undefined,
          OWNER_DB_USER: 'Owner',
          APP_DB_USER: 'pg_app',
          APP_DB_NAME: 'postgres',
          APP_DB_PASSWORD: 'short',
          AUTH_SECRET: '',
          METRICS_TOKEN: '',
        },
        'deploy',
      ),
    );
    expect(failure.exitCode).toBe(ExitCode.failed);
    expect(failure.what).toBe('the settings cannot be used to deploy: 8 faults');
    expect(failure.next).toContain('./cogni settings check');
    expect(failure.faults).toEqual([
      "GHCR_DEPLOY_TOKEN is missing: That account's personal access token with read:packages and nothing else",
      'OWNER_DB_USER is not lower-case letters, digits and _, beginning with a letter, at most 63',
      'APP_DB_USER is a name that PostgreSQL keeps for itself',
      'APP_DB_PASSWORD is shorter than 16 characters',
      'APP_DB_NAME is a database that PostgreSQL itself uses',
      'DOMAIN is not a host name in lower case',
      'AUTH_SECRET is empty',
      'METRICS_TOKEN is empty: leave it out instead',
    ]);
  });

  it('reports all of them when there is nothing at all', () => {
    const required = settingsFor('deploy').filter((name) => declarationOf(name).required === true);
    const { faults } = failureOf(() => readSettings({}, 'deploy'));
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(required);
  });

  it('refuses a role that every host has already, in whichever setting', () => {
    const kept = ['cogni_app_access', 'cogni_readonly_access', 'cogni_receiver'];
    expect(Object.values(keptRoles)).toEqual(kept);
    for (const setting of distinctRoles)
      for (const role of kept)
        expect(
          failureOf(() => readSettings({ ...deploySettings, [setting]: role }, 'deploy')).faults,
        ).toEqual([expect.stringMatching(`^${setting} is a role that ./cogni makes for itself`)]);
  });

  it('refuses one role for two tasks', () => {
    const same = { ...deploySettings, APP_DB_USER: 'cogni_owner', OWNER_DB_USER: 'cogni_owner' };
    expect(failureOf(() => readSettings(same, 'deploy')).faults).toEqual([
      'APP_DB_USER is the same role as OWNER_DB_USER: each needs its own',
    ]);
    const all = { ...same, POSTGRES_ROOT_USER: 'cogni_owner' };
    expect(failureOf(() => readSettings(all, 'deploy')).faults).toHaveLength(2);
  });

  it('never shows a value, whatever is wrong with it', () => {
    const values = settingsFor('deploy').map((name) => [name, fc.string({ minLength: 4 })] as const);
    fc.assert(
      fc.property(fc.record(Object.fromEntries(values)), (source) => {
        const planted = Object.fromEntries(
          Object.entries(source).map(([name, value]) => [name, `<PLANTED${value}>`]),
        );
        const { message } = failureOf(() => readSettings(planted, 'deploy'));
        expect(message).not.toContain('PLANTED');
      }),
    );
  });
});

describe('generated settings', () => {
  const random = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0xab);

  it('hold everything of the database and the application that can be made up', () => {
    const made = generateSettings(random);
    expect([...made].map(([name]) => name)).toEqual([
      'POSTGRES_ROOT_USER',
      'POSTGRES_ROOT_PASSWORD',
      'OWNER_DB_USER',
      'OWNER_DB_PASSWORD',
      'APP_DB_USER',
      'APP_DB_PASSWORD',
      'APP_DB_NAME',
      'READONLY_DB_USER',
      'READONLY_DB_PASSWORD',
      'ARCHIVE_PASSPHRASE',
      'AUTH_SECRET',
      'METRICS_TOKEN',
      'LITELLM_MASTER_KEY',
      'LITELLM_DB_USER',
      'LITELLM_DB_PASSWORD',
      'LITELLM_DB_NAME',
    ]);
    expect((made.get('AUTH_SECRET') as Secret).reveal()).toBe('ab'.repeat(32));
    expect(made.get('APP_DB_PASSWORD')).toBeInstanceOf(Secret);
  });

  it('are sound: with what only people know they can be read', () => {
    const { DOMAIN, GHCR_USERNAME, GHCR_DEPLOY_TOKEN } = deploySettings;
    const made = [...generateSettings(random)].map(
      ([name, value]) => [name, value instanceof Secret ? value.reveal() : value] as const,
    );
    const source = { DOMAIN, GHCR_USERNAME, GHCR_DEPLOY_TOKEN, ...Object.fromEntries(made) };
    expect(() => readSettings(source, 'deploy')).not.toThrow();
  });

  it('take their secrets from the given randomness alone, each anew', () => {
    let calls = 0;
    const counting = (bytes: number): Uint8Array => new Uint8Array(bytes).fill((calls += 1));
    const secrets = [...generateSettings(counting).values()].filter((value) => value instanceof Secret);
    expect(new Set(secrets.map((secret) => secret.reveal())).size).toBe(secrets.length);
    expect(calls).toBe(secrets.length);
  });
});
