import { fingerprintOf, pinnedKeys } from '../../../deploy/known-hosts';

// A key and its fingerprint as ssh-keygen -l prints it.
const key = 'AAAAC3NzaC1lZDI1NTE5AAAAIPt3/AgQUJQF3weOzcocoFyPolfmPpzxDT6a5+925sWo';

describe('pinned host keys', () => {
  test('are the lines of a known_hosts file that name the host', () => {
    const text = [
      `cogni-preview ssh-ed25519 ${key}`,
      `other,cogni-preview ssh-rsa ${key}`,
      `cogni-production ssh-ed25519 ${key}`,
    ].join('\n');
    expect(pinnedKeys(text, 'cogni-preview').map(({ type }) => type)).toEqual(['ssh-ed25519', 'ssh-rsa']);
  });

  test('are none in comments, markers and broken lines', () => {
    const text = `# cogni-preview ssh-ed25519 ${key}\n@revoked cogni-preview ssh-ed25519 ${key}\ncogni-preview ssh-ed25519\n\n`;
    expect(pinnedKeys(text, 'cogni-preview')).toEqual([]);
  });

  test('are named by the fingerprint that ssh-keygen shows', () => {
    expect(fingerprintOf(key)).toBe('SHA256:Qf1E5n+DsHFq8JSyWht97by9eCz/me4TjXuM0dU+4zI');
  });
});
