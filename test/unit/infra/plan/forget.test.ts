import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newIdentity, open, recipientOf } from '../../../../foundation/age';
import type { Output, Run } from '../../../../foundation/process';
import { Secret } from '../../../../foundation/secret';
import { forgetResources } from '../../../../infra/plan/forget';

const resource = (type: string, name: string, id: string): object => ({
  mode: 'managed',
  type,
  name,
  instances: [{ attributes: { id, user_data: 'planted-user-data' } }],
});
const state = JSON.stringify({
  version: 4,
  serial: 3,
  lineage: 'l',
  resources: [
    resource('cherryservers_server', 'host', '811287'),
    resource('cherryservers_ssh_key', 'deploy_key', '7'),
    resource('null_resource', 'bootstrap', '1'),
  ],
});

describe('taking resources out of a state', () => {
  let folder: string;
  let identity: string;
  beforeAll(async () => {
    identity = await newIdentity();
  }, 60_000);
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-forget-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const addresses = ['cherryservers_server.host', 'null_resource.bootstrap', 'terraform_data.host_key_pin'];
  const forget = async (
    text: string,
    code = 0,
    timedOut = false,
  ): Promise<{ asked: string[]; taken: readonly string[] | Error }> => {
    const asked: string[] = [];
    const run: Run = ({ argv }) => {
      const words = argv.slice(1).join(' ');
      asked.push(words);
      const isRemoval = words.startsWith('state rm');
      // The state of before has to be kept by then.
      if (isRemoval) expect(existsSync(join(folder, 'state.age'))).toBe(true);
      const output: Output = {
        code: isRemoval ? code : 0,
        signal: null,
        stdout: words === 'state pull' ? text : '',
        stderr: code === 0 || timedOut ? '' : 'Error acquiring the state lock',
        timedOut: isRemoval && timedOut,
        milliseconds: 1,
      };
      return Promise.resolve(output);
    };
    const taken = await forgetResources({
      at: { folder, run },
      addresses,
      backup: join(folder, 'state.age'),
      recipients: [await recipientOf(Secret.of('identity', identity))],
    }).catch((thrown: unknown) => thrown as Error);
    return { asked, taken };
  };

  it('keeps the whole state of before first, encrypted, and takes out those that are there', async () => {
    const { asked, taken } = await forget(state);
    expect(taken).toEqual(['cherryservers_server.host', 'null_resource.bootstrap']);
    expect(asked.at(-1)).toBe('state rm cherryservers_server.host null_resource.bootstrap');
    const kept = readFileSync(join(folder, 'state.age'), 'utf8');
    expect(kept).not.toContain('planted');
    expect(Buffer.from(await open(kept, [Secret.of('identity', identity)])).toString()).toBe(state);
  });

  it('changes and keeps nothing where the state has none of them', async () => {
    const { asked, taken } = await forget('');
    expect(taken).toEqual([]);
    expect(asked).toEqual(['state pull']);
    expect(existsSync(join(folder, 'state.age'))).toBe(false);
  });

  it('says that another run holds the state', async () => {
    const { taken } = await forget(state, 1);
    expect(taken).toMatchObject({ exitCode: 4, state: 'nothing was changed' });
  });

  it('does not say that nothing was changed where no answer came: the state may be written by then', async () => {
    const { taken } = await forget(state, 1, true);
    expect(taken).toMatchObject({
      what: expect.stringContaining('did not end within'),
      state: expect.stringContaining('is not known'),
    });
  });
});
