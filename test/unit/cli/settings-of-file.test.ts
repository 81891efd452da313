import { generateKeyPairSync } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { announceRelease } from '../../../cli/announce-release';
import { withoutKnownSecrets } from '../../../cli/known-secrets';
import { planKeysOf, trustedSignersOf } from '../../../cli/plan-target';
import { newIdentity } from '../../../foundation/age';
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
