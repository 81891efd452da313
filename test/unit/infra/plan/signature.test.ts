import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { Secret } from '../../../../foundation/secret';
import { readManifest, signedText, type PlanManifest } from '../../../../infra/plan/manifest';
import { keyId, privateKeyIn, publicHalf, publicKeyIn } from '../../../../foundation/signature';
import { signatureFault, signManifest } from '../../../../infra/plan/signature';
import { manifest, signer } from './samples';

describe('the manifest of a plan', () => {
  it('is read as it was written, whatever the order of its fields', () => {
    const shuffled = Object.fromEntries(Object.entries(manifest()).reverse());
    expect(readManifest(shuffled)).toEqual(manifest());
    expect(signedText(shuffled as unknown as PlanManifest)).toBe(signedText(manifest()));
  });

  it('with a field that is not known is refused, since nobody would check it', () => {
    expect(readManifest({ ...manifest(), approved: true })).toEqual([expect.stringContaining('approved')]);
  });

  it('says every fault at once', () => {
    const wrong = manifest({ plan: { sha256: 'x', bytes: 0 } });
    expect(readManifest({ ...wrong, commit: undefined, madeAt: 'yesterday' })).toHaveLength(4);
  });
});

describe('the signature of a plan', () => {
  const key = signer();
  const trusted = [{ key: publicHalf(key), name: 'keys/planner.pub' }];
  const signature = signManifest(manifest(), key);

  it('holds for the manifest that was signed', () => {
    expect(signatureFault(manifest(), signature, trusted)).toBeUndefined();
  });

  it.each<[string, Partial<PlanManifest>]>([
    ['environment', { environment: 'production' }],
    ['commit', { commit: 'e'.repeat(40) }],
    ['clean tree', { clean: false }],
    ['tool', { tool: { name: 'opentofu', version: '1.11.4' } }],
    ['state', { state: null }],
    ['plan', { plan: { sha256: '0'.repeat(64), bytes: 2434 } }],
    ['verdict', { verdict: 'NO-OP', severity: 'nothing' }],
    ['losses', { losses: [{ name: 'x', verdict: 'WIPE', address: 'y', disk: true }] }],
    ['expiry', { expiresAt: '2030-11-22T10:00:00.000Z' }],
  ])('does not hold when the %s was changed afterwards', (_, change) => {
    expect(signatureFault(manifest(change), signature, trusted)).toBe(
      'its manifest was changed after keys/planner.pub had signed it',
    );
  });

  it('of another key is refused, and says which keys may sign', () => {
    const other = signer();
    expect(signatureFault(manifest(), signManifest(manifest(), other), trusted)).toBe(
      `it is signed by the key ${keyId(publicHalf(other))}, which may not sign plans here; those that may: keys/planner.pub (${keyId(publicHalf(key))})`,
    );
  });

  it('that names a trusted key without being its own is refused', () => {
    const forged = { ...signManifest(manifest(), signer()), key: signature.key };
    expect(signatureFault(manifest(), forged, trusted)).toContain('was changed after');
  });

  it('is never an accident: no other bytes are one', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const ed25519 = Buffer.from(bytes).toString('base64');
        expect(signatureFault(manifest(), { key: signature.key, ed25519 }, trusted)).toBeDefined();
      }),
    );
  });
});

describe('a key that signs plans', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const der = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');

  it('is taken as PEM and as the base64 of its DER', () => {
    for (const text of [pem, der, `${der}\n`])
      expect(keyId(publicHalf(privateKeyIn(Secret.of('key', text))))).toBe(keyId(publicKey));
  });

  it('of another kind is refused', () => {
    const rsa = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    expect(() => publicKeyIn(rsa.export({ type: 'spki', format: 'pem' }).toString())).toThrow(
      'it is a key of the kind ec, not ed25519',
    );
  });

  it('that is none is refused without being shown', () => {
    expect(() => privateKeyIn(Secret.of('key', 'hunter2hunter2'))).toThrow(/no key that can be read/);
    expect(() => privateKeyIn(Secret.of('key', 'hunter2hunter2'))).not.toThrow(/hunter2/);
  });
});
