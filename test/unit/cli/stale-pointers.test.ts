import { pointerFaults, type Pointers } from '../../../cli/stale-pointers';

const sound: Pointers = {
  domain: 'preview.cogni.test',
  address: '203.0.113.7',
  hostKey: 'ssh-ed25519 AAAA',
  pinned: '# machine 7\ncogni-preview ssh-ed25519 AAAA\n',
  resolved: ['203.0.113.7'],
  atGithub: [
    { name: 'VM_HOST', place: 'environment', kind: 'variable', action: 'same' },
    { name: 'AUTH_SECRET', place: 'environment', kind: 'secret', action: 'write' },
  ],
};

describe('what points at the host of an environment', () => {
  it('is found sound where all of it says the same', () => {
    expect(pointerFaults(sound)).toEqual([]);
  });

  it.each([
    [
      'a DNS record of the host before',
      { resolved: ['203.0.113.8'] },
      'DNS: preview.cogni.test leads to 203.0.113.8, and the host is 203.0.113.7',
    ],
    [
      'no DNS record',
      { resolved: [] },
      'DNS: preview.cogni.test leads to nowhere, and the host is 203.0.113.7',
    ],
    [
      'a key of the host before',
      { pinned: 'cogni-preview ssh-ed25519 BBBB' },
      'key: the host key that is pinned here is not the one in the state',
    ],
    [
      "GitHub's address of the host before",
      { atGithub: [{ name: 'VM_HOST', place: 'environment', kind: 'variable', action: 'change' }] },
      'GitHub: VM_HOST is not what the state says',
    ],
    [
      'no host key at GitHub',
      { atGithub: [{ name: 'VM_HOST_KEY', place: 'environment', kind: 'variable', action: 'make' }] },
      'GitHub: VM_HOST_KEY is missing',
    ],
    [
      'a secret that GitHub was never given',
      { atGithub: [{ name: 'AUTH_SECRET', place: 'environment', kind: 'secret', action: 'make' }] },
      'GitHub: the secret AUTH_SECRET is missing',
    ],
  ] as const)('is named where it is stale: %s', (_what, change, says) => {
    expect(pointerFaults({ ...sound, ...change })).toEqual([says]);
  });

  it('is named all at once', () => {
    expect(pointerFaults({ ...sound, resolved: [], pinned: 'x' })).toHaveLength(2);
  });

  it('is not judged where nobody could look', () => {
    const unknown = { hostKey: undefined, pinned: undefined, atGithub: undefined };
    expect(pointerFaults({ ...sound, ...unknown })).toEqual([]);
    expect(pointerFaults({ ...sound, address: undefined, resolved: [] })).toEqual([]);
  });
});
