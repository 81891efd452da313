import { rmSync } from 'node:fs';
import { checkSettings } from '../../../cli/check-settings';
import { cherryToken } from '../../../cli/cherry-token';
import { provisioningVariables } from '../../../cli/provisioning-variables';
import { settingsSource } from '../../../cli/settings-source';
import { settingsToSync } from '../../../cli/sync-settings';
import { Secret } from '../../../foundation/secret';
import { failureOf } from '../../failure-of';
import { Machine } from './machine';

describe('the token of the Cherry API, which has two names', () => {
  let machine: Machine;
  beforeEach(() => (machine = new Machine()));
  afterEach(() => rmSync(machine.folder, { recursive: true, force: true }));
  const inFile = (text: string): void => void machine.put('preview/settings.env', text);
  /** Runs something with these variables besides. */
  const withShell = <T>(variables: Readonly<Record<string, string>>, work: () => T): Promise<T> =>
    machine.on(() => {
      Object.assign(process.env, variables);
      return Promise.resolve(work());
    });

  it('is the one that the provider takes of both', () => {
    expect(cherryToken({ CHERRY_AUTH_KEY: 'key', CHERRY_AUTH_TOKEN: 'token' })).toBe('key');
    expect(cherryToken({ CHERRY_AUTH_KEY: '', CHERRY_AUTH_TOKEN: 'token' })).toBe('token');
    expect(cherryToken({})).toBeUndefined();
  });

  it.each([
    ['CHERRY_AUTH_KEY', 'CHERRY_AUTH_TOKEN'],
    ['CHERRY_AUTH_TOKEN', 'CHERRY_AUTH_KEY'],
  ])('is that of the shell, called %s, before that of the file, called %s', async (shell, file) => {
    inFile(`${file}=token-of-the-file\n`);
    const token = (named?: string) => (): string | undefined => cherryToken(settingsSource('preview', named));
    const variables = { [shell]: 'token-of-the-shell' };
    expect(await withShell(variables, token())).toBe('token-of-the-shell');
    // Who names a file means it.
    expect(await withShell(variables, token(machine.path('preview/settings.env')))).toBe('token-of-the-file');
    // Terraform has the shell's, from wherever the rest is read.
    const ofTerraform = (settings?: string) => (): string | undefined => {
      provisioningVariables('preview', settings);
      return cherryToken(process.env);
    };
    for (const named of [undefined, machine.path('preview/settings.env')])
      expect(await withShell(variables, ofTerraform(named))).toBe('token-of-the-shell');
    expect(await withShell({}, ofTerraform())).toBe('token-of-the-file');
  });

  it('goes to workflows under the name that they read, whatever it is called here', async () => {
    inFile('CHERRY_AUTH_KEY=token-of-the-file\n');
    const { entries } = await machine.on(() => settingsToSync('preview', { host: false, shared: true }));
    expect(
      entries.map(({ name, value }) => [name, value instanceof Secret ? value.reveal() : value]),
    ).toEqual([['CHERRY_AUTH_TOKEN', 'token-of-the-file']]);
    inFile('CHERRY_AUTH_KEY=p1anted-key\nCHERRY_AUTH_TOKEN=p1anted-token\n');
    const sent = machine.on(() => settingsToSync('preview', { host: false, shared: true }));
    expect((await failureOf(sent)).faults).toEqual([
      expect.stringContaining('CHERRY_AUTH_KEY is another token'),
    ]);
  });

  it('is one: a check says that the two names have different ones, in the shell and in the file, and shows neither', async () => {
    const fault =
      'CHERRY_AUTH_KEY is another token than CHERRY_AUTH_TOKEN, and the provider takes this one: leave one of the two out';
    const two = { CHERRY_AUTH_KEY: 'p1anted-key', CHERRY_AUTH_TOKEN: 'p1anted-token' };
    const check = (variables: Readonly<Record<string, string>>) =>
      failureOf(withShell(variables, () => checkSettings('preview', undefined)));
    const inShell = await check(two);
    expect(inShell.faults).toContain(fault);
    expect(inShell.message).not.toContain('p1anted');
    inFile('CHERRY_AUTH_KEY=p1anted-key\nCHERRY_AUTH_TOKEN=p1anted-token\n');
    expect((await check({})).faults).toContain(fault);
    inFile('CHERRY_AUTH_KEY=p1anted-key\nCHERRY_AUTH_TOKEN=p1anted-key\n');
    expect((await check({})).faults).not.toContain(fault);
  });
});
