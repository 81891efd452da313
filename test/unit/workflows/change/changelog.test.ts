import fc from 'fast-check';
import { changelogEntries } from '../../../../workflows';
import { compareVersions } from '../../../../workflows/change/changelog';

/** In the order of Semantic Versioning 2.0.0, section 11, with its own examples. */
const inOrder = [
  '0.9.10',
  '1.0.0-alpha',
  '1.0.0-alpha.1',
  '1.0.0-alpha.beta',
  '1.0.0-beta',
  '1.0.0-beta.2',
  '1.0.0-beta.11',
  '1.0.0-rc.1',
  '1.0.0',
  '1.0.1',
  '1.2.0',
  '1.10.0',
  '2.0.0',
];

describe('versions', () => {
  it('are older and newer as Semantic Versioning has it', () => {
    for (const [first, one] of inOrder.entries()) {
      for (const [second, other] of inOrder.entries()) {
        expect([one, other, Math.sign(compareVersions(one, other))]).toEqual([
          one,
          other,
          Math.sign(first - second),
        ]);
      }
    }
  });

  it('are compared the same from both sides', () => {
    const number = fc.nat({ max: 30 });
    const identifier = fc.constantFrom('alpha', 'beta', 'rc', '1', '2', '10', 'x-y');
    const version = fc
      .tuple(number, number, number, fc.array(identifier, { maxLength: 3 }))
      .map(([a, b, c, more]) => `${a}.${b}.${c}${more.length > 0 ? `-${more.join('.')}` : ''}`);
    fc.assert(
      fc.property(version, version, (one, other) => {
        expect(Math.sign(compareVersions(one, other)) + Math.sign(compareVersions(other, one))).toBe(0);
        expect(compareVersions(one, other) === 0).toBe(one === other);
      }),
    );
  });
});

describe('a changelog', () => {
  it('has an entry for each version, up to the next heading of the same rank', () => {
    const text =
      '# Changelog\n\n## Unreleased\n\n- no\n\n## 1.1.0 (2026-11-22)\n\n### Added\n\n- a\n\n## [v1.0.0] - 2026-10-01\n- b';
    expect(changelogEntries(text)).toEqual([
      { version: '1.1.0', date: '2026-11-22', text: '### Added\n\n- a' },
      { version: '1.0.0', date: '2026-10-01', text: '- b' },
    ]);
  });

  it('may be anything', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(changelogEntries(text).every(({ version }) => /^\d+\.\d+\.\d+/.test(version))).toBe(true);
      }),
    );
  });
});
