import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareSources, diffSettings, differencesText, handedIn } from '../../../cli/diff-settings';
import { listSettings, listText } from '../../../cli/list-settings';
import { declarationOf, settingNames, type SettingName } from '../../../services';
import { fakeTransport } from '../deploy/fake-transport';
import { ed25519 } from '../infra/keys';
import { Machine } from './machine';

let keys: string;
let machine: Machine;
beforeEach(() => {
  keys = mkdtempSync(join(tmpdir(), 'cogni-keys-'));
  const deployKey = join(keys, 'deploy.pub');
  writeFileSync(deployKey, `${ed25519(3)}\n`);
  machine = new Machine(deployKey);
});
afterEach(() => {
  for (const each of [keys, machine.folder]) rmSync(each, { recursive: true, force: true });
});

describe('comparing two sources', () => {
  const differences = compareSources(
    {
      ...{ AUTH_SECRET: 'planted-one', APP_DB_USER: 'same', GHCR_USERNAME: 'a', DATABASE_URL: 'x' },
      ...{ PATH: '/bin' },
    },
    { AUTH_SECRET: 'planted-two', APP_DB_USER: 'same', METRICS_TOKEN: 'b' },
    handedIn,
  );

  it('says of each setting whether it is equal, different, or in one of them only', () => {
    expect(Object.fromEntries(differences.map(({ name, is }) => [name, is]))).toEqual({
      GHCR_USERNAME: 'only in the first',
      APP_DB_USER: 'equal',
      AUTH_SECRET: 'different',
      METRICS_TOKEN: 'only in the second',
    });
  });

  it('shows no value', () => expect(differencesText(differences)).not.toContain('planted'));
});

describe('comparing with what the host has', () => {
  const difference = (host: ReturnType<typeof fakeTransport>) =>
    machine.on(() => diffSettings('preview', undefined, 'host', () => Promise.resolve(host)));

  it("reads the file of the runtime, and compares what the runtime's services read", async () => {
    machine.put('preview/settings.env', "AUTH_SECRET='planted-one'\nCHERRY_AUTH_TOKEN='planted'\n");
    const host = fakeTransport([
      ['cat /opt/cogni/runtime/.env', { stdout: "AUTH_SECRET='planted-one'\nAPP_DB_USER='cogni_app'\n" }],
      ['cat', { stdout: "DOMAIN='preview.cogni.test'\n" }],
    ]);
    const close = jest.spyOn(host, 'close');
    expect(await difference(host)).toEqual([
      { name: 'APP_DB_USER', is: 'only in the second' },
      { name: 'AUTH_SECRET', is: 'equal' },
    ]);
    expect(host.log).toEqual(['cat /opt/cogni/runtime/.env']);
    expect(close).toHaveBeenCalledTimes(1);
  });

  it('says that there is no such file, with what the host said, and leaves the host', async () => {
    machine.put('preview/settings.env', '');
    const host = fakeTransport([['cat', { code: 1, stderr: 'cat: No such file or directory' }]]);
    const close = jest.spyOn(host, 'close');
    await expect(difference(host)).rejects.toMatchObject({
      what: 'the settings of the host of preview cannot be read',
      output: 'cat: No such file or directory',
      next: './cogni deploy preview writes them; has there been one?',
    });
    expect(close).toHaveBeenCalledTimes(1);
  });
});

describe('the list of settings', () => {
  it('has all of them, with what is allowed in words', () => {
    const rows = listSettings(undefined);
    expect(rows.map(({ name }) => name)).toEqual([...settingNames]);
    expect(listText(rows)).toMatch(/^AUTH_SECRET +secret +required +environment-secret +Key with which/m);
  });

  it('says of each whether it is set in an environment, and of what a deploy makes that it is made; no value', async () => {
    // One that is empty is not set.
    const file = "AUTH_SECRET='planted-secret'\nAPP_DB_USER='planted_app'\nMETRICS_TOKEN=\n";
    machine.put('preview/settings.env', file);
    const rows = await machine.on(() => Promise.resolve(listSettings('preview')));
    const text = listText(rows);
    const words = text.split('\n').map((line) => line.split(/ {2,}/).slice(0, 2));
    // The domain stands in the record, and the machine is a sandbox.
    const set: readonly SettingName[] = ['DOMAIN', 'AUTH_SECRET', 'APP_DB_USER', 'COGNI_SANDBOX'];
    const made = (name: SettingName): boolean => ['derived', 'release'].includes(declarationOf(name).scope);
    expect(words).toEqual(
      settingNames.map((name) => [name, made(name) ? 'made' : set.includes(name) ? 'set' : 'unset']),
    );
    expect(new Set(words.map(([, word]) => word))).toEqual(new Set(['made', 'set', 'unset']));
    expect(text).not.toContain('planted');
  });
});
