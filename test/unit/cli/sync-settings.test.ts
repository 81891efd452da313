import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { entriesOf, settingsToSync, syncCommand, unreadText } from '../../../cli/sync-settings';
import { Secret } from '../../../foundation/secret';
import { valueFaults } from '../../../services';
import { tryReadPrivateKey } from '../../../services/settings/private-key';
import { allWorkflows, settingsReadBy } from '../../../workflows';
import { failureOf } from '../../failure-of';
import { environments } from '../workflows/example';
import { Machine } from './machine';
import { reached } from './reached';

/** Keys as `ssh-keygen` makes them: one pair, the same with a passphrase, and a stranger. */
describe('the deploy key that workflows are to have', () => {
  let folder: string;
  let machine: Machine;
  const make = (name: string, type: string, passphrase = ''): string => {
    const file = join(folder, name);
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'who made it', '-f', file]);
    return file;
  };
  const text = (file: string): string => readFileSync(file, 'utf8');
  const sync = (deployKey: string) => machine.on(() => settingsToSync('preview', { host: false, deployKey }));

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-keys-'));
    machine = new Machine(join(folder, 'own.pub'));
    make('own', 'ed25519');
    make('locked', 'ed25519', 'p1anted-passphrase');
    make('stranger', 'ecdsa');
  });
  afterAll(() => {
    for (const each of [folder, machine.folder]) rmSync(each, { recursive: true, force: true });
  });

  it.each(['own', 'locked', 'stranger'])('tells its public half without a passphrase: %s', (name) => {
    const [type, base64] = text(join(folder, `${name}.pub`)).split(' ');
    expect(tryReadPrivateKey(text(join(folder, name)))).toEqual({
      publicHalf: `${type ?? ''} ${base64 ?? ''}`,
      passphrase: name === 'locked',
    });
  });

  it('is none where it was cut off anywhere, or is something else', () => {
    const [head = '', ...lines] = text(join(folder, 'own')).trim().split('\n');
    const bytes = Buffer.from(lines.slice(0, -1).join(''), 'base64');
    const cut = (length: number): string =>
      `${head}\n${bytes.subarray(0, length).toString('base64')}\n${lines.at(-1) ?? ''}\n`;
    for (let length = 0; length < bytes.length - 150; length += 7)
      expect(tryReadPrivateKey(cut(length))).toBeUndefined();
    expect(tryReadPrivateKey(text(join(folder, 'own.pub')))).toBeUndefined();
  });

  it('is sent where a host that lets in the committed half lets it in', async () => {
    const [entry] = (await sync(join(folder, 'own'))).entries;
    expect(entry).toMatchObject({ name: 'SSH_DEPLOY_KEY', place: 'environment', kind: 'secret' });
    expect(entry?.value instanceof Secret && entry.value.reveal()).toBe(text(join(folder, 'own')));
  });

  it('is not sent with a passphrase, which nobody could type there', async () => {
    expect(valueFaults('SSH_DEPLOY_KEY', text(join(folder, 'locked')))).toHaveLength(1);
    const { faults } = await failureOf(sync(join(folder, 'locked')));
    expect(faults).toEqual([
      expect.stringContaining('SSH_DEPLOY_KEY is not the private half of'),
      expect.stringMatching(/^SSH_DEPLOY_KEY has a passphrase, .*: ssh-keygen -p -N ''/),
    ]);
  });

  it('is not sent where it is the key of another host, or where there is no committed half', async () => {
    expect((await failureOf(sync(join(folder, 'stranger')))).faults).toEqual([
      `SSH_DEPLOY_KEY is not the private half of ${join(folder, 'own.pub')}, the one key that the host of preview lets in`,
    ]);
    const other = new Machine(join(folder, 'none.pub'));
    const sent = other.on(() => settingsToSync('preview', { host: false, deployKey: join(folder, 'own') }));
    expect((await failureOf(sent)).faults).toEqual([
      `SSH_DEPLOY_KEY belongs to no public key that is here: ${join(folder, 'none.pub')} does not exist`,
    ]);
    rmSync(other.folder, { recursive: true });
  });

  it('is compared by what it is, whatever somebody wrote behind it', async () => {
    const [type, base64] = text(join(folder, 'own.pub')).split(' ');
    writeFileSync(join(folder, 'own.pub'), `${type ?? ''} ${base64 ?? ''}  another comment\n\n`);
    expect((await sync(join(folder, 'own'))).entries).toHaveLength(1);
  });
});

describe('what no workflow reads', () => {
  let machine: Machine;
  beforeEach(() => (machine = new Machine()));
  afterEach(() => rmSync(machine.folder, { recursive: true }));

  const ofAState = {
    AWS_ACCESS_KEY_ID: 'key-of-a-shell',
    AWS_SECRET_ACCESS_KEY: 'p1anted-secret-of-a-shell',
    PG_CONN_STR: 'postgres://p1anted:of-a-shell@db.cogni.test/other?sslmode=require',
  };
  const sync = (variables: Readonly<Record<string, string>> = {}) =>
    machine.on(() => {
      Object.assign(process.env, variables);
      return settingsToSync('preview', { host: false, shared: true });
    });

  it('is not sent because a shell has it: credentials of a state that no record here has', async () => {
    expect(await sync(ofAState)).toEqual({ entries: [], unread: [] });
    const values = entriesOf(ofAState, { shared: true, read: settingsReadBy(allWorkflows(environments)) });
    expect(values.map(({ name }) => name)).toEqual(Object.keys(ofAState));
  });

  it('is named where somebody wrote it into the file of settings, without its value', async () => {
    const token = `ghp_${'a'.repeat(36)}`;
    machine.put(
      'preview/settings.env',
      `AUTH_SECRET=${'k'.repeat(32)}\nSOURCECRED_GITHUB_TOKEN=${token}\nPG_CONN_STR='${ofAState.PG_CONN_STR}'\n`,
    );
    const { entries, unread } = await sync();
    expect(entries.map(({ name }) => name)).toEqual(['AUTH_SECRET']);
    expect(unread).toEqual(['PG_CONN_STR', 'SOURCECRED_GITHUB_TOKEN']);
    expect(unreadText(unread)).toContain(
      'not sent, though the file of settings has them: PG_CONN_STR, SOURCECRED_',
    );
    expect(unreadText(unread)).not.toMatch(/p1anted|ghp_/);
    expect(unreadText([])).toBe('');
  });
});

describe('the command that goes on after a sync that failed in part', () => {
  it('is the one that was typed, with every option of it', () => {
    const asked = {
      ...{ settings: 'preview.env', deployKey: 'copy', repository: 'cogni-dao/example' },
      ...{ host: false, shared: true, look: true, dryRun: true },
    };
    const typed = syncCommand('preview', asked);
    expect(typed).toBe(
      './cogni settings sync preview --settings preview.env --deploy-key copy --repository cogni-dao/example --no-host --shared --look --dry-run',
    );
    expect(reached(typed.split(' ').slice(1))).toBe('settings sync');
    expect(syncCommand('preview', { host: true })).toBe('./cogni settings sync preview');
  });
});

describe('what is sent to GitHub together', () => {
  it('is not sent where it cannot be true at once: all of it is said, with no value', () => {
    const role = 'p1anted_role';
    const same = { OWNER_DB_USER: role, APP_DB_USER: role, READONLY_DB_USER: role };
    const send = (): unknown => entriesOf({ ...same, AUTH_SECRET: 'short' }, { shared: false });
    expect(send).toThrow(
      /AUTH_SECRET is shorter[^]*APP_DB_USER is the same role as OWNER_DB_USER[^]*READONLY_DB_USER is the same role as OWNER_DB_USER/,
    );
    expect(send).not.toThrow(role);
  });

  it('is one token where two are known, and only where they are the same', () => {
    const two = { CHERRY_AUTH_KEY: 'p1anted-key', CHERRY_AUTH_TOKEN: 'p1anted-token' };
    expect(() => entriesOf(two, { shared: true })).toThrow('CHERRY_AUTH_KEY is another token');
    expect(() => entriesOf(two, { shared: true })).not.toThrow('p1anted');
    // Neither is sent.
    expect(entriesOf(two, { shared: false })).toEqual([]);
  });
});
