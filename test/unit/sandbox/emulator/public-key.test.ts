import fc from 'fast-check';
import { tryFingerprint } from '../../../../sandbox/emulator/public-key';

const ed25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';
const ecdsa =
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBN3yVD0LEx1g8+utF12LLS/Yy1f7WttwHUVDcOXhrR6ZOWTTkkQhpiRtodgGxvee7Vw5qE0LUnM7hOnvoY6WEaU=';
const rsa =
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDQyz8ZSeTF+KY5rcJ3sYHAziei/xltqr4JgIe4WePNbgn1rZ3B9zgZLjl/YdxFu005IcjnZc7xIMaopEjT1ulF6SKJb3nWd2HpNSfA93LySyFbZ/BTPsnjXjrjRkT4vuTETar/RlWS4g6mmMojIllWibblpA9uCDimftA2vN57n3wGswPk1gj8UyNP4OcR35LSprehCJzsqjAo1ZIwj94y2FXpCc+I20bZ2LbgXCcv0NDYMVromAUKMPqxPWuQfBC7HUGOG9EMjlm/hRmyKBkFRqA6ahzhtwiVit18BtV/WYex/QOx/X4AAQXtkUFGywTsTT7XNe24a0qrv41KRiHL';

describe('the fingerprint of a public key', () => {
  // The values are what `ssh-keygen -l -E md5` says of the same keys.
  test.each([
    ['Ed25519', ed25519, '0f:a2:0a:d7:38:3e:65:45:08:6b:63:84:1c:ff:dc:ba'],
    ['ECDSA', ecdsa, 'a7:6d:dc:ac:1f:eb:80:4a:b4:ef:e7:46:fc:60:0c:49'],
    ['RSA', rsa, 'e2:43:0d:dc:1d:68:7c:9f:11:e7:c9:fb:0b:7e:39:7c'],
  ])('is the MD5 that OpenSSH shows (%s)', (_, key, fingerprint) => {
    expect(tryFingerprint(key)).toBe(fingerprint);
  });

  test('does not depend on the comment', () => {
    expect(tryFingerprint(`${ed25519} a comment with spaces`)).toBe(tryFingerprint(ed25519));
  });
});

describe('what is no public key', () => {
  test.each([
    ['nothing', ''],
    ['a type alone', 'ssh-ed25519'],
    ['a type that servers no longer take', 'ssh-dss AAAAB3NzaC1kc3MAAACB'],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----'],
    ['text that is not base64', 'ssh-ed25519 not!base64'],
    ['a key of another type than it says', ed25519.replace('ssh-ed25519', 'ssh-rsa')],
    ['a key that was cut off', ed25519.slice(0, -8)],
    ['a key that goes on', `${ed25519.slice(0, -1)}fAAAA`],
    ['two lines', `${ed25519} one\nssh-ed25519 AAAA two`],
  ])('%s', (_, text) => {
    expect(tryFingerprint(text)).toBeUndefined();
  });

  test('whatever it is, it is told so and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.string(), fc.base64String(), (type, body) => {
        const fingerprint = tryFingerprint(`${type} ${body}`) ?? tryFingerprint(`ssh-rsa ${body}`);
        return fingerprint === undefined || /^([0-9a-f]{2}:){15}[0-9a-f]{2}$/.test(fingerprint);
      }),
    );
  });
});
