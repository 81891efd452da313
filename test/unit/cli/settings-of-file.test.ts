import { generateKeyPairSync } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { announceRelease } from '../../../cli/announce-release';
import { withoutKnownSecrets } from '../../../cli/known-secrets';
import { planEnvironment } from '../../../cli/plan-stack';
import { planKeysOf, trustedSignersOf } from '../../../cli/plan-target';
import { provisioningVariables } from '../../../cli/provisioning-variables';
import { newIdentity } from '../../../foundation/age';
import { silent } from '../../../foundation/progress';
import { keyId, publicHalf } from '../../../foundation/signature';
import { failureOf } from '../../failure-of';
import { Machine } from './machine';

describe('the settings file of an environment', () => {
  let machine: Machine;
  beforeEach(() => (machine = new Machine()));
  afterEach(() => rmSync(machine.folder, { recursive: true, force: true }));

  it('has the keys for plans: none is made beside it, and those of the shell win', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const [identity, other] = [await newIdentity(), await newIdentity()];
    const signing = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
    machine.put(
      'preview/settings.env',
      `COGNI_PLAN_SIGNING_KEY=${signing}\nCOGNI_PLAN_IDENTITY=${identity}\n`,
    );
    const keys = await machine.on(() => planKeysOf({ name: 'preview' }));
    expect(keyId(publicHalf(keys.signer))).toBe(keyId(publicKey));
    expect(keys.identities.map((each) => each.reveal())).toEqual([identity]);
    expect(existsSync(machine.path('preview', 'plan-signing.pem'))).toBe(false);
    const exported = await machine.on(() => {
      process.env['COGNI_PLAN_IDENTITY'] = other;
      return planKeysOf({ name: 'preview' });
    });
    expect(exported.identities.map((each) => each.reveal())).toEqual([other]);
  });

  it('has what provisioning reads, unless the shell has it: each setting that Terraform, its provider or a record reads', async () => {
    machine.put(
      'preview/settings.env',
      'CHERRY_AUTH_TOKEN=of-the-file\nCHERRY_PROJECT_ID=77\nAWS_ACCESS_KEY_ID=of-the-file\nAUTH_SECRET=of-the-file\n',
    );
    const shell = await machine.on(() => {
      process.env['CHERRY_AUTH_KEY'] = 'of-the-shell';
      provisioningVariables('preview', undefined);
      const { CHERRY_AUTH_TOKEN, CHERRY_PROJECT_ID, AWS_ACCESS_KEY_ID, AUTH_SECRET } = process.env;
      return Promise.resolve({ CHERRY_AUTH_TOKEN, CHERRY_PROJECT_ID, AWS_ACCESS_KEY_ID, AUTH_SECRET });
    });
    expect(shell).toEqual({
      CHERRY_AUTH_TOKEN: undefined,
      CHERRY_PROJECT_ID: '77',
      AWS_ACCESS_KEY_ID: 'of-the-file',
      AUTH_SECRET: undefined,
    });
  });

  it.each(['preview', 'production-address'])(
    'is read before the record whose project it holds, also where another one is named: the plan of %s',
    async (stack) => {
      const named = machine.put('named.env', 'CHERRY_PROJECT_ID=77\n');
      const asked = { import: [], validFor: 24, settings: named };
      const failure = await failureOf(
        machine.on(() => {
          delete process.env['COGNI_SANDBOX'];
          return planEnvironment(stack, asked, silent);
        }),
      );
      expect(failure.what).toContain('is not ready');
      expect(failure.faults.join('\n')).not.toContain('CHERRY_PROJECT_ID');
    },
  );

  it('has them no more where another file is named', async () => {
    const [identity, other] = [await newIdentity(), await newIdentity()];
    machine.put('preview/settings.env', `COGNI_PLAN_IDENTITY=${identity}\n`);
    const named = machine.put('named.env', `COGNI_PLAN_IDENTITY=${other}\n`);
    const keys = await machine.on(() => planKeysOf({ name: 'preview' }, named));
    expect(keys.identities.map((each) => each.reveal())).toEqual([other]);
  });

  it('keeps nobody from reading signatures by a line that cannot be read', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const signing = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
    machine.put('preview/settings.env', `no line\nCOGNI_PLAN_SIGNING_KEY=${signing}\n`);
    const trusted = await machine.on(() => trustedSignersOf({ name: 'preview' }));
    expect(trusted.map(({ key }) => keyId(key))).toEqual([keyId(publicKey)]);
    await expect(machine.on(() => planKeysOf({ name: 'preview' }))).rejects.toThrow(
      'line 1 is not NAME=value',
    );
  });

  it('has secrets that are masked, whatever the shell has in their place', async () => {
    machine.put('preview/settings.env', 'CHERRY_AUTH_TOKEN=planted-of-file\nAUTH_SECRET=planted-too\n');
    const shown = await machine.on(() => {
      Object.assign(process.env, { CHERRY_AUTH_KEY: 'planted-of-shell', AUTH_SECRET: 'planted-again' });
      const mask = withoutKnownSecrets('preview', undefined);
      return Promise.resolve(mask('planted-of-file planted-of-shell planted-too planted-again'));
    });
    expect(shown).not.toContain('planted');
  });

  it("has the address of the team's chat", async () => {
    const fault = () => machine.on(() => failureOf(announceRelease('production', {})));
    expect((await fault()).faults).toEqual(['TEAM_WEBHOOK_URL is not set']);
    machine.put('production/settings.env', 'TEAM_WEBHOOK_URL=http://p1anted.cogni.test\n');
    const { faults, message } = await fault();
    expect(faults).toEqual([
      expect.stringMatching(/^TEAM_WEBHOOK_URL is not an https URL without a login and a fragment/),
    ]);
    expect(message).not.toContain('p1anted');
  });
});
