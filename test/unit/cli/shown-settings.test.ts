import { rmSync } from 'node:fs';
import { compareSources, differencesText, handedIn } from '../../../cli/diff-settings';
import { listSettings, listText } from '../../../cli/list-settings';
import { declarationOf, settingNames, type SettingName } from '../../../services';
import { Machine } from './machine';

let machine: Machine;
beforeEach(() => (machine = new Machine()));
afterEach(() => rmSync(machine.folder, { recursive: true, force: true }));

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
