import { generateKeyPairSync } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { announceRelease } from '../../../cli/announce-release';
import { planKeysOf } from '../../../cli/plan-target';
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

  it("has the address of the team's chat", async () => {
    const fault = () => machine.on(() => failureOf(announceRelease('production', {})));
    expect((await fault()).faults).toEqual(['TEAM_WEBHOOK_URL is not set']);
    machine.put('production/settings.env', 'TEAM_WEBHOOK_URL=http://p1anted.cogni.test\n');
    const { faults, message } = await fault();
    expect(faults).toEqual(['TEAM_WEBHOOK_URL is not an https URL without a login and a fragment']);
    expect(message).not.toContain('p1anted');
  });
});
