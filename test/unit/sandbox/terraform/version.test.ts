import fc from 'fast-check';
import { oldestTerraform } from '../../../../infra/terraform-version';
import {
  compareVersions,
  isUsable,
  oldestVersion,
  parseVersion,
} from '../../../../sandbox/terraform/version';

describe('what a binary says it is', () => {
  it.each([
    ['Terraform v1.11.4\non linux_amd64\n', { product: 'terraform', version: '1.11.4' }],
    ['OpenTofu v1.12.6\non linux_arm64\n', { product: 'opentofu', version: '1.12.6' }],
    ['Terraform v1.6.0-beta1\non linux_amd64\n', { product: 'terraform', version: '1.6.0-beta1' }],
    ['OpenTofu v1.13.0-dev+abc\n', { product: 'opentofu', version: '1.13.0-dev' }],
    [
      'Terraform v1.5.7\n\nYour version of Terraform is out of date!\n',
      { product: 'terraform', version: '1.5.7' },
    ],
  ])('is read from %j', (text, expected) => {
    expect(parseVersion(text)).toEqual(expected);
  });

  it.each(['', 'terraform: command not found', 'Terragrunt v0.5.0', 'Terraform vNext', 'v1.11.4'])(
    'is nothing that is known: %j',
    (text) => {
      expect(parseVersion(text)).toBeUndefined();
    },
  );

  it('is the same whatever number stands in it', () => {
    const number = fc.nat(1000);
    fc.assert(
      fc.property(fc.constantFrom('Terraform', 'OpenTofu'), number, number, number, (name, a, b, c) => {
        expect(parseVersion(`${name} v${a}.${b}.${c}\non linux_amd64\n`)?.version).toBe(`${a}.${b}.${c}`);
      }),
    );
  });
});

describe('the order of versions', () => {
  // The example of Semantic Versioning 2.0.0, section 11, with releases around it.
  const ascending = [
    '0.15.5',
    '1.0.0-alpha',
    '1.0.0-alpha.1',
    '1.0.0-alpha.beta',
    '1.0.0-beta',
    '1.0.0-beta.2',
    '1.0.0-beta.11',
    '1.0.0-rc.1',
    '1.0.0',
    '1.5.7',
    '1.6.0-rc1',
    '1.6.0',
    '1.10.0',
    '2.0.0',
  ];

  it('is the one of Semantic Versioning', () => {
    const shuffled = [...ascending].reverse();
    expect(shuffled.sort(compareVersions)).toEqual(ascending);
  });

  it('is the same from both sides, and equal only to itself', () => {
    const version = fc.constantFrom(...ascending);
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a))).toBe(0);
        expect(compareVersions(a, b) === 0).toBe(a === b);
      }),
    );
  });

  it('leaves what is built from a version out of the comparison', () => {
    expect(compareVersions('1.6.0+linux', '1.6.0')).toBe(0);
  });
});

describe('a usable version', () => {
  it.each(['1.10.0', '1.10.1', '1.11.4', '2.0.0', '1.12.0-alpha1'])('is %s', (version) => {
    expect(isUsable({ product: 'terraform', version })).toBe(true);
    expect(isUsable({ product: 'opentofu', version })).toBe(true);
  });

  it.each(['1.9.8', '1.10.0-beta1', '0.13.0'])('is not %s', (version) => {
    expect(isUsable({ product: 'terraform', version })).toBe(false);
  });

  it('is one that the stacks take', () => {
    expect(oldestVersion).toEqual({ terraform: oldestTerraform, opentofu: oldestTerraform });
  });
});
