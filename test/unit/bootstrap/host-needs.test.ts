import { faultsOf, hostFiles, renderUserData, type HostFile, type HostNeeds } from '../../../bootstrap';
import { ed25519 } from '../infra/keys';
import { fixedNeeds, publicKeys } from './fixed-needs';

const compose: HostFile = { path: 'compose.yaml', mode: 0o644, content: '' };
const file = (changes: Partial<HostFile>): HostFile => ({ ...compose, path: 'x', ...changes });
const edge = (files: readonly HostFile[], domain = 'preview.example.org'): Partial<HostNeeds> => ({
  edge: { domain, files },
});
const faults = (changes: Partial<HostNeeds>): string[] => faultsOf({ ...fixedNeeds, ...changes });
const [type, base64] = publicKeys.ed25519.split(' ') as [string, string];

describe('the needs of a host', () => {
  test('that fit have no fault', () => {
    expect(faults({})).toEqual([]);
    expect(faults({ hostName: 'a', swapBytes: 0, deployKeys: [`${publicKeys.rsa}\n`] })).toEqual([]);
  });

  const unfit: [string, Partial<HostNeeds>, RegExp][] = [
    ['a host name with a dot', { hostName: 'a.b' }, /^host name "a\.b" is not 1 to 63/],
    ['a host name that ends with "-"', { hostName: 'a-' }, /^host name "a-"/],
    ['a host name of 64 characters', { hostName: 'a'.repeat(64) }, /^host name/],
    ['an empty host name', { hostName: '' }, /^host name ""/],
    ['no deploy key', { deployKeys: [] }, /^no deploy key: nobody could ever log in$/],
    [
      'the same key with another comment',
      { deployKeys: [publicKeys.ed25519, `${type} ${base64} other`] },
      /^deploy key 2 is there twice$/,
    ],
    [
      'half a mebibyte of swap',
      { swapBytes: 512 * 1024 },
      /^swap of 524288 bytes is not a multiple of 1 MiB/,
    ],
    ['negative swap', { swapBytes: -1048576 }, /^swap of -1048576 bytes/],
    ['swap that is no number', { swapBytes: Number.NaN }, /^swap of NaN bytes/],
    ['a domain of one label', edge([compose], 'localhost'), /^domain "localhost" is not a host name/],
    ['a domain with a port', edge([compose], 'a.example:80'), /^domain "a\.example:80"/],
    ['an edge without compose.yaml', edge([]), /^the edge has no compose\.yaml$/],
    [
      'a path that climbs out',
      edge([compose, file({ path: '../x' })]),
      /^edge file "\.\.\/x": the path is not relative/,
    ],
    ['an absolute path', edge([compose, file({ path: '/etc/x' })]), /^edge file "\/etc\/x": the path/],
    ['a path with a blank', edge([compose, file({ path: 'a b' })]), /^edge file "a b": the path/],
    ['a path with an empty part', edge([compose, file({ path: 'a//b' })]), /^edge file "a\/\/b": the path/],
    ['a path twice', edge([compose, compose]), /^edge file "compose\.yaml" is there twice$/],
    [
      'a file that is also a folder',
      edge([compose, file({ path: 'caddy' }), file({ path: 'caddy/Caddyfile' })]),
      /^edge file "caddy" is also the folder of "caddy\/Caddyfile"$/,
    ],
    [
      'a file for some eyes only',
      edge([compose, file({ mode: 0o600 })]),
      /^edge file "x": mode 0600 is not one that all/,
    ],
    ['a mode that is none', edge([compose, file({ mode: 0o1777 })]), /^edge file "x": mode 01777/],
    ['a file that is not text', edge([compose, file({ content: 'a\0b' })]), /^edge file "x": .* NUL/],
    [
      'a file that is not Unicode',
      edge([compose, file({ content: '\ud800' })]),
      /^edge file "x": .* surrogate/,
    ],
  ];

  test.each(unfit)('with %s have one fault that names it', (_, changes, fault) => {
    const found = faults(changes);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(fault);
  });

  const badKeys: [string, string, RegExp][] = [
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nsecret', /^deploy key 1: this is a private key/],
    ['two lines', `${publicKeys.ed25519}\n${publicKeys.rsa}`, /more than one line/],
    ['an unknown type', `ssh-dss ${base64}`, /"ssh-dss" is no type of key; allowed: ssh-ed25519, /],
    ['options in front', `command="x" ${publicKeys.ed25519}`, /is no type of key/],
    ['a quote in its comment', `${type} ${base64} it's`, /quote or a character beyond ASCII/],
    ['a letter beyond ASCII in its comment', `${type} ${base64} é`, /quote or a character beyond ASCII/],
    ['base64 cut short', `${type} ${base64.slice(0, -3)}`, /not whole base64/],
    ['nothing behind its type', type, /not whole base64/],
    ['another type inside', `ssh-rsa ${base64}`, /ssh-rsa is written in front of a key that is not one/],
    [
      'no key inside',
      `${type} ${Buffer.from('\0\0\0\x0bssh-ed25519').toString('base64')}`,
      /a key that is not one/,
    ],
    ['nothing at all', '', /"" is no type of key/],
  ];

  test.each(badKeys)('with a deploy key that is %s say so', (_, key, fault) => {
    const found = faults({ deployKeys: [key] });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(fault);
  });

  describe('with a key for one command', () => {
    const command = ['docker', 'exec', 'one', '/etc/a-b/c.pl'] as const;
    const other = ed25519(9, 'receiver');

    test('let it in for that, whatever it asks for, and for nothing else', () => {
      const settings = hostFiles({ ...fixedNeeds, commandKeys: [{ key: other, command }] }).find(
        ({ path }) => path === 'settings',
      );
      expect(settings?.content).toContain(
        `deploy_keys='${fixedNeeds.deployKeys[0]}\nrestrict,command="docker exec one /etc/a-b/c.pl" ${other}'\n`,
      );
      // cloud-init, which is first, knows the deploy keys alone.
      expect(renderUserData({ ...fixedNeeds, commandKeys: [{ key: other, command }] })).not.toContain(
        `- "${other}"`,
      );
    });

    test.each([
      ['a key that is none', { key: 'ssh-ed25519', command }, /not whole base64/],
      ['a deploy key', { key: fixedNeeds.deployKeys[0]!, command }, /may do everything already/],
      [
        'a word that needs quotes',
        { key: other, command: ['a b'] as const },
        /the word "a b" would need quotes/,
      ],
      ['a quote', { key: other, command: ["a'"] as const }, /would need quotes/],
    ])('say so of %s', (_, key, fault) => {
      expect(faults({ commandKeys: [key] }).join()).toMatch(fault);
    });
  });

  test('never show a private key', () => {
    expect(
      faults({ deployKeys: ['-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk'] }).join(),
    ).not.toContain('b3Bl');
  });
});
