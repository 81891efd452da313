import { generateKeyPairSync } from 'node:crypto';
import { rmSync, statSync } from 'node:fs';
import { exportSettings, exportText, type ExportAsked } from '../../../cli/export-settings';
import { importSettings, importText, type ImportResult } from '../../../cli/import-settings';
import { newIdentity, recipientOf } from '../../../foundation/age';
import { Failure } from '../../../foundation/failure';
import { Secret } from '../../../foundation/secret';
import {
  declarationOf,
  parseDotEnv,
  renderDotEnv,
  settingsFor,
  valueFaults,
  type SettingName,
} from '../../../services';
import { deploySettings, digest } from '../services/example';
import { Machine } from './machine';

/** Without those. */
const but = (of: Readonly<Record<string, string>>, ...names: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(of).filter(([name]) => !names.includes(name)));

const settings: Readonly<Record<string, string>> = {
  ...but(deploySettings, 'DOMAIN'),
  CHERRY_AUTH_TOKEN: 'planted-cherry-token',
  CHERRY_PROJECT_ID: '4711',
  ARCHIVE_KEY: 'archive-key',
  ARCHIVE_SECRET: 'planted-archive-secret-0123456789',
  ARCHIVE_PASSPHRASE: 'planted-archive-passphrase-0123456789',
};

const archived = {
  archiveEndpoint: 's3.cogni.test',
  archiveBucket: 'cogni-preview',
  archiveRegion: 'one',
  archiveImage: `ghcr.cogni.test/cogni/postgres@${digest('7')}`,
  archiveRecipients: `age1${'q'.repeat(58)}`,
};

/** A sound value for a setting, of whatever form it is. */
function exampleOf(name: SettingName): string {
  const known = Object.entries(settings).find(([each]) => each === name)?.[1];
  const forms = [
    'https://logs.cogni.test/push',
    'postgres://cogni:w0rd@db.cogni.test/states?sslmode=verify-full',
    `ghp_${'0123456789'.repeat(4)}`,
    'planted-0123456789-0123456789-0123456789',
    'sk-planted-0123456789-0123456789-0123456789',
    `AGE-SECRET-KEY-1${'Q'.repeat(58)}`,
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
  ];
  const found = [...(known === undefined ? [] : [known]), ...forms].find(
    (value) => valueFaults(name, value).length === 0,
  );
  if (found === undefined) throw new Error(`no example of ${name}`);
  return found;
}

/** What GitHub would have of an environment, but for the way to a host that a rebuild makes anew. */
const ofAnyPurpose = [
  ...new Set((['provision', 'deploy', 'sourcecred'] as const).flatMap(settingsFor)),
].filter((name) => /^(?:repository|environment)-(?:secret|variable)$/.test(declarationOf(name).scope));

const now = new Date('2026-01-02T03:04:05Z');

describe('settings that move from one machine to another', () => {
  let here: Machine;
  let there: Machine;
  let recipient: string;
  let key: string;
  let deployKey: string;

  beforeEach(async () => {
    [here, there] = [new Machine(undefined, archived), new Machine(undefined, archived)];
    const identity = await newIdentity();
    recipient = await recipientOf(Secret.of('identity', identity));
    key = there.put('key.txt', `# public key: ${recipient}\n${identity}\n`);
    here.put('preview/settings.env', renderDotEnv(Object.entries(settings)).reveal());
    here.put('preview/known_hosts', 'cogni-preview ssh-ed25519 AAAA\n');
    here.put('preview/enrollment', 'never twice\n');
    here.put('cherry-base-preview.tfstate', '{"serial": 7}\n');
    deployKey = here.put('id', '-----BEGIN OPENSSH PRIVATE KEY-----\nplanted-key\n');
  });
  afterEach(() => {
    for (const { folder } of [here, there]) rmSync(folder, { recursive: true, force: true });
  });

  const exported = (asked: Partial<ExportAsked> = {}, name = 'preview') =>
    here.on(() =>
      exportSettings(name, { to: [recipient], out: there.path('e.age'), deployKey, ...asked }, now),
    );
  const imported = (
    asked: { replace?: boolean; dryRun?: boolean; identity?: string } = {},
    name = 'preview',
  ): Promise<ImportResult> =>
    there.on(() => importSettings(name, there.path('e.age'), { identity: key, ...asked }));
  const refusal = async (work: Promise<unknown>): Promise<Failure> => {
    try {
      await work;
    } catch (thrown) {
      if (thrown instanceof Failure) return thrown;
      throw thrown;
    }
    throw new Error('it was not refused');
  };

  it('arrive whole with one file and one key, readable by their owner alone', async () => {
    const { result } = await exported();
    expect(statSync(there.path('e.age')).mode & 0o777).toBe(0o600);
    expect(there.read('e.age')).not.toMatch(/planted|ssh-ed25519/);
    expect(result.missing).toEqual([]);
    const { sha256, written } = await imported();
    expect(sha256).toBe(result.sha256);
    expect(written).toBe(true);
    expect(parseDotEnv(there.read('preview/settings.env'), 'there')).toEqual(settings);
    expect(there.read('preview/known_hosts')).toBe(here.read('preview/known_hosts'));
    expect(there.read('preview/deploy_key')).toContain('planted-key');
    expect(there.read('cherry-base-preview.tfstate')).toBe('{"serial": 7}\n');
    expect(statSync(there.path('preview/settings.env')).mode & 0o777).toBe(0o600);
    expect(statSync(there.path('preview/deploy_key')).mode & 0o777).toBe(0o600);
    expect((await imported()).written).toBe(false);
  });

  it('arrive with every setting that anything here may need', async () => {
    const all = Object.fromEntries(ofAnyPurpose.map((name) => [name, exampleOf(name)]));
    here.put('preview/settings.env', renderDotEnv(Object.entries(all)).reveal());
    expect((await exported()).result.settings).toEqual(ofAnyPurpose);
    await imported();
    expect(parseDotEnv(there.read('preview/settings.env'), 'there')).toEqual(all);
  });

  it('leave behind what a shell has for a state that is not this one’s', async () => {
    const { result } = await here.on(() => {
      Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'of-a-shell', PG_CONN_STR: 'of-a-shell' });
      return exportSettings('preview', { to: [recipient], out: '-', deployKey }, now);
    });
    expect([...result.settings].sort()).toEqual(Object.keys(settings).sort());
  });

  it('leave the token behind that no two servers may ever get', async () => {
    const { result } = await exported();
    expect(result.files).toEqual(['known_hosts', 'deploy_key', 'cherry-base-preview.tfstate']);
  });

  it('are shown by name before anything is written, and never by value', async () => {
    const { result } = await exported({ dryRun: true });
    expect(exportText('preview', result)).not.toContain('planted');
    await expect(imported()).rejects.toThrow('cannot be read');
    await exported();
    there.put('preview/settings.env', 'AUTH_SECRET=mine\n');
    const shown = await imported({ dryRun: true });
    const text = importText('preview', shown, true);
    expect(text).toContain('different   AUTH_SECRET: will be kept as it is here');
    expect(text).toContain('new         APP_DB_PASSWORD: will be written');
    expect(text).toContain('nothing was changed');
    expect(text).not.toMatch(/planted|mine/);
    expect(there.read('preview/settings.env')).toBe('AUTH_SECRET=mine\n');
    expect(() => there.read('preview/known_hosts')).toThrow('ENOENT');
  });

  it('fill in a line that is empty here, where it stands', async () => {
    await exported();
    there.put('preview/settings.env', 'AUTH_SECRET=\n# mine\n');
    await imported();
    expect(there.read('preview/settings.env')).toMatch(
      new RegExp(`^AUTH_SECRET=${settings['AUTH_SECRET'] ?? ''}\n# mine\n`),
    );
  });

  it('take the place of others only when that was said, and a state never', async () => {
    await exported();
    there.put('preview/settings.env', '# mine\nAUTH_SECRET=mine\n');
    there.put('cherry-base-preview.tfstate', '{"serial": 8}\n');
    await imported();
    expect(there.read('preview/settings.env')).toMatch(/^# mine\nAUTH_SECRET=mine\n/);
    await imported({ replace: true });
    expect(there.read('preview/settings.env')).toMatch(
      new RegExp(`^# mine\nAUTH_SECRET=${settings['AUTH_SECRET'] ?? ''}\n`),
    );
    expect(there.read('cherry-base-preview.tfstate')).toBe('{"serial": 8}\n');
  });

  it('bring the token under the name that it has here, and never beside itself', async () => {
    await exported();
    there.put('preview/settings.env', 'CHERRY_AUTH_KEY=mine\n');
    const shown = await imported({ dryRun: true });
    expect(importText('preview', shown, true)).toContain(
      'different   CHERRY_AUTH_TOKEN: will be kept as it is here',
    );
    await imported();
    expect(there.read('preview/settings.env')).toMatch(/^CHERRY_AUTH_KEY=mine\n/);
    expect(there.read('preview/settings.env')).not.toContain('CHERRY_AUTH_TOKEN');
    await imported({ replace: true });
    expect(there.read('preview/settings.env')).toMatch(/^CHERRY_AUTH_KEY=planted-cherry-token\n/);
    expect(there.read('preview/settings.env')).not.toContain('CHERRY_AUTH_TOKEN');
  });

  it('are not opened with another key', async () => {
    await exported();
    const other = there.put('other.txt', `${await newIdentity()}\n`);
    const { message, exitCode } = await refusal(imported({ identity: other }));
    expect(message).toContain('was not encrypted for the key in');
    expect(exitCode).toBe(3);
    const none = there.put('none.txt', 'ssh-ed25519 AAAA\n');
    expect((await refusal(imported({ identity: none }))).message).toContain('is no key file of age');
  });

  it('are refused when the file was cut off or changed anywhere, and nothing is written', async () => {
    await exported();
    const whole = there.read('e.age');
    for (const share of [0, 0.1, 0.5, 0.9, 0.99]) {
      there.put('e.age', whole.slice(0, Math.floor(whole.length * share)));
      expect((await refusal(imported())).message).toContain('it was cut off or changed');
    }
    const middle = Math.floor(whole.length / 2);
    there.put('e.age', `${whole.slice(0, middle)}AAAAAAAA${whole.slice(middle + 8)}`);
    expect((await refusal(imported())).message).toMatch(/cut off or changed/);
    expect(() => there.read('preview/settings.env')).toThrow('ENOENT');
  });

  it('are refused for another environment', async () => {
    await exported();
    const { message, exitCode } = await refusal(imported({}, 'production'));
    expect(message).toContain('it is of "preview", and not of production');
    expect(exitCode).toBe(3);
  });

  it('are not exported with a gap that would stop a rebuild, unless that is meant', async () => {
    const some = but(settings, 'AUTH_SECRET', 'CHERRY_AUTH_TOKEN');
    here.put('preview/settings.env', renderDotEnv(Object.entries(some)).reveal());
    const { message, exitCode } = await refusal(
      here.on(() => exportSettings('preview', { to: [recipient], out: there.path('e.age') }, now)),
    );
    for (const missing of [
      'AUTH_SECRET is missing',
      'CHERRY_AUTH_TOKEN is missing',
      'deploy key is not in it',
    ]) {
      expect(message).toContain(missing);
    }
    expect(exitCode).toBe(3);
    const { result } = await exported({ incomplete: true });
    expect(result.missing).toHaveLength(2);
  });

  it('are exported for nobody who is no recipient, and over no other file', async () => {
    const wrong = await refusal(exported({ to: [recipient, 'age1nobody', 'somebody'] }));
    expect(wrong.faults).toHaveLength(2);
    const other = there.put('e.age', 'something else\n');
    expect((await refusal(exported())).message).toContain(`${other} is there already, and is no export`);
    expect(there.read('e.age')).toBe('something else\n');
  });

  it('go to standard output when asked, and to no file then', async () => {
    const { sealed } = await exported({ out: '-' });
    there.put('e.age', sealed ?? '');
    expect((await imported()).written).toBe(true);
  });
});
