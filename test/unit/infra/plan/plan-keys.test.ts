import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open, seal } from '../../../../foundation/age';
import { planKeys, requireTrustedSigner, type PlanKeys } from '../../../../infra/plan/plan-keys';
import { keyId, publicHalf } from '../../../../foundation/signature';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plan-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const keys = (change: Partial<Parameters<typeof planKeys>[0]> = {}): Promise<PlanKeys> =>
  planKeys({ environment: 'preview', folder, ...change });
const bytes = Buffer.from('a plan');

describe('the keys for plans', () => {
  it('are made once by a checkout for itself, readable by their owner alone', async () => {
    const first = await keys();
    const second = await keys();
    expect(keyId(publicHalf(second.signer))).toBe(keyId(publicHalf(first.signer)));
    expect(second.recipients).toEqual(first.recipients);
    expect(readdirSync(folder).sort()).toEqual(['plan-identity.txt', 'plan-signing.pem']);
    for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  });

  it('open what they sealed, and nobody else does', async () => {
    const mine = await keys();
    const sealed = await seal(bytes, mine.recipients);
    expect(Buffer.from(await open(sealed, mine.identities)).toString()).toBe('a plan');
    const others = await keys({ folder: join(folder, 'other') });
    await expect(open(sealed, others.identities)).rejects.toThrow();
    await expect(open(sealed.replace(/\n(.)/, '\nA'), mine.identities)).rejects.toThrow();
  });

  it('are those that the record and the variables name', async () => {
    const planner = generateKeyPairSync('ed25519');
    const reader = await keys({ folder: join(folder, 'reader') });
    const pem = planner.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const found = await keys({
      written: { signers: [{ file: 'keys/planner.pub', pem }], recipients: reader.recipients },
      signingKey: planner.privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64'),
    });
    expect(() => requireTrustedSigner('preview', found)).not.toThrow();
    expect(found.trusted.map(({ name }) => name)).toEqual(['keys/planner.pub']);
    const sealed = await seal(bytes, found.recipients);
    const identity = reader.identities[0]!.reveal();
    const { identities } = await keys({ identity });
    expect(Buffer.from(await open(sealed, identities)).toString()).toBe('a plan');
  });

  it('that may not sign are refused before anything is planned, with the public half to commit', async () => {
    const pem = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const { recipients } = await keys();
    const found = await keys({ written: { signers: [{ file: 'keys/planner.pub', pem }], recipients } });
    expect(() => requireTrustedSigner('preview', found)).toThrow(
      /only believed when one of keys\/planner\.pub signed them[\s\S]*BEGIN PUBLIC KEY/,
    );
  });

  it('that are not sound are refused with every fault, and never shown', async () => {
    writeFileSync(join(folder, 'plan-identity.txt'), 'AGE-SECRET-KEY-1NONSENSE\n');
    const failing = keys({
      written: {
        signers: [
          { file: 'keys/gone.pub', pem: undefined },
          { file: 'keys/odd.pub', pem: 'odd' },
        ],
        recipients: ['age1nonsense'],
      },
      signingKey: 'hunter2hunter2',
    });
    await expect(failing).rejects.toMatchObject({
      exitCode: 3,
      faults: [
        expect.stringContaining('COGNI_PLAN_SIGNING_KEY: it is no key'),
        expect.stringContaining('plan-identity.txt is not an identity of age'),
        'keys/gone.pub: it does not exist',
        expect.stringContaining('keys/odd.pub: it is no key'),
        '"age1nonsense" is not a recipient of age (age1…)',
      ],
    });
    await expect(failing).rejects.not.toThrow(/hunter2|NONSENSE/);
  });
});
