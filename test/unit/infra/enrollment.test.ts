import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, TerraformStack } from 'cdktf';
import { enrollmentOf } from '../../../bootstrap/enrollment';
import { Failure } from '../../../foundation/failure';
import { discardEnrollmentToken, ensureEnrollmentToken } from '../../../infra/enrollment-file';
import {
  EnrollmentToken,
  forgetEnrollmentVariable,
  writeEnrollmentVariable,
} from '../../../infra/enrollment-token';

/** Randomness that is other bytes at each call. */
const counting = (): ((count: number) => Uint8Array) => {
  let call = 0;
  return (count) => Buffer.alloc(count, ++call);
};

describe('the enrollment token of an environment', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-enrollment-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is made once and kept where only its owner can read it', () => {
    const random = counting();
    const token = ensureEnrollmentToken(folder, random);
    expect(ensureEnrollmentToken(folder, random).reveal()).toBe(token.reveal());
    expect(token.reveal()).toBe(Buffer.alloc(32, 1).toString('base64url'));
    expect(statSync(join(folder, 'enrollment')).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['enrollment']);
  });

  it('is a secret that shows itself nowhere', () => {
    expect(String(ensureEnrollmentToken(folder, counting()))).toBe('[secret enrollment token]');
  });

  it('is another one after it was discarded, so that no two servers share one', () => {
    const random = counting();
    const first = ensureEnrollmentToken(folder, random);
    discardEnrollmentToken(folder);
    expect(ensureEnrollmentToken(folder, random).reveal()).not.toBe(first.reveal());
  });

  it('may be discarded when there is none', () => {
    expect(() => discardEnrollmentToken(folder)).not.toThrow();
  });

  it('is the one of another run that was faster', () => {
    const other = Buffer.alloc(32, 9).toString('base64url');
    const token = ensureEnrollmentToken(folder, (count) => {
      writeFileSync(join(folder, 'enrollment'), `${other}\n`);
      return Buffer.alloc(count, 1);
    });
    expect(token.reveal()).toBe(other);
    expect(readdirSync(folder)).toEqual(['enrollment']);
  });

  it('is refused when the file holds something else, which is not shown', () => {
    writeFileSync(join(folder, 'enrollment'), 'secret but short\n');
    const refused = (): unknown => ensureEnrollmentToken(folder, counting());
    expect(refused).toThrow(Failure);
    expect(refused).toThrow(/does not hold an enrollment token[^]*next: {2}rm /);
    expect(refused).not.toThrow(/secret but short/);
  });

  it('reaches Terraform as a variables file that only its owner can read', () => {
    writeEnrollmentVariable(folder, ensureEnrollmentToken(folder, counting()));
    const path = join(folder, 'enrollment.auto.tfvars.json');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      enrollment_token: Buffer.alloc(32, 1).toString('base64url'),
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    forgetEnrollmentVariable(folder);
    expect(readdirSync(folder)).toEqual(['enrollment']);
  });
});

describe('user-data with a place for the token', () => {
  const delivered = (document: string): string =>
    new EnrollmentToken(new TerraformStack(new App({ outdir: tmpdir() }), 'x'), 'token').deliveredIn(
      document,
    );

  it('becomes, once the token stands there, what the bootstrap expects', () => {
    const [, encoded, placeholder] = /base64decode\("([^"]+)"\), "([^"]+)"/.exec(
      delivered('#cloud-config\nwrite_files:\n'),
    )!;
    const token = Buffer.alloc(32, 5).toString('base64url');
    const document = Buffer.from(encoded!, 'base64').toString().replace(placeholder!, token);
    expect(enrollmentOf(document)).toBe(token);
  });

  it('is refused when it holds the words of that place itself', () => {
    expect(() =>
      delivered('#cloud-config\n# ENROLLMENT-TOKEN-GOES-HERE-----------------\nwrite_files:\n'),
    ).toThrow('the user-data holds the placeholder');
  });
});
