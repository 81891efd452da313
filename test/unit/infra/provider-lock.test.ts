import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command, Output, Run } from '../../../foundation/process';
import { checkout } from '../../../infra/checkout';
import {
  lockProviders,
  placeProviderLock,
  providerLockFaults,
  providerLockFile,
  readProviderLock,
} from '../../../infra/provider-lock';

const entry = (address: string, version: string, hashes: string): string =>
  `provider "${address}" {\n  version     = "${version}"\n  constraints = "${version}"\n  hashes = [${hashes}]\n}\n`;
const hash = '\n    "h1:Zm9yIHRlc3RzIG9ubHksIG5vdCBhIGhhc2g=",\n  ';
const cherry = 'registry.terraform.io/cherryservers/cherryservers';
const nothing = 'registry.terraform.io/hashicorp/null';
const resolved = `# Made by "./cogni providers lock"\n${entry(cherry, '1.5.3', hash)}\n${entry(nothing, '3.2.4', hash)}`;

describe("the lock of the providers' hashes", () => {
  it('is sound when every provider has a hash', () => {
    expect(providerLockFaults(resolved)).toEqual([]);
  });

  it('is a fault while nobody has looked the hashes up', () => {
    expect(providerLockFaults('# unresolved: x\n')).toEqual([
      'is unresolved: the hashes of the providers were not looked up yet',
    ]);
  });

  it.each([
    ['the file', undefined, 'is missing'],
    ['a provider', entry(cherry, '1.5.3', hash), `has no entry for ${nothing}`],
    ['a hash', resolved.replace(hash, ''), `has no hash for ${cherry}`],
    [
      'another version',
      resolved.replaceAll('1.5.3', '1.5.2'),
      `holds ${cherry} in another version than 1.5.3`,
    ],
  ])('is a fault when it lacks %s', (_what, text, fault) => {
    expect(providerLockFaults(text)).toEqual([fault]);
  });

  it('is committed either unresolved or sound, and never anything between', () => {
    const faults = providerLockFaults(readProviderLock(checkout));
    expect(faults.filter((fault) => !fault.startsWith('is unresolved'))).toEqual([]);
  });
});

describe('placing the lock where Terraform looks for it', () => {
  it('writes it into the folder of the stack, over one that says something else', () => {
    const folder = mkdtempSync(join(tmpdir(), 'cogni-lock-'));
    try {
      writeFileSync(join(folder, '.terraform.lock.hcl'), 'another');
      placeProviderLock(folder, resolved);
      placeProviderLock(folder, resolved);
      expect(readFileSync(join(folder, '.terraform.lock.hcl'), 'utf8')).toBe(resolved);
      expect(readdirSync(folder)).toEqual(['.terraform.lock.hcl']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("looking the providers' hashes up", () => {
  let checkoutFolder: string;
  beforeEach(() => {
    checkoutFolder = mkdtempSync(join(tmpdir(), 'cogni-checkout-'));
  });
  afterEach(() => rmSync(checkoutFolder, { recursive: true }));

  /** A Terraform that writes this lock, or fails. */
  const terraform = (lock: string | undefined): { run: Run; ran: Command[] } => {
    const ran: Command[] = [];
    const run: Run = (command) => {
      if (command.argv[1] === 'version')
        return Promise.resolve(said(0, '{"terraform_version":"1.11.4"}', ''));
      ran.push(command);
      if (lock !== undefined) writeFileSync(join(command.cwd!, '.terraform.lock.hcl'), lock);
      const code = lock === undefined ? 1 : 0;
      const stderr = lock === undefined ? 'Error: could not connect to registry.terraform.io' : '';
      return Promise.resolve(said(code, '', stderr));
    };
    return { run, ran };
  };
  const said = (code: number, stdout: string, stderr: string): Output => ({
    code,
    signal: null,
    stdout,
    stderr,
    timedOut: false,
    milliseconds: 1,
  });

  it('asks for every platform that a provider may run on, and writes what came back', async () => {
    const { run, ran } = terraform(`${entry(cherry, '1.5.3', hash)}${entry(nothing, '3.2.4', hash)}`);
    await expect(lockProviders({ checkout: checkoutFolder, run })).resolves.toBe(providerLockFile);
    expect(ran.map(({ argv }) => argv)).toEqual([
      [
        'terraform',
        'providers',
        'lock',
        '-no-color',
        '-platform=linux_amd64',
        '-platform=linux_arm64',
        '-platform=darwin_arm64',
      ],
    ]);
    const written = readFileSync(join(checkoutFolder, providerLockFile), 'utf8');
    expect(written).toMatch(/^# Made by "\.\/cogni providers lock"/);
    expect(providerLockFaults(written)).toEqual([]);
  });

  it('leaves the committed lock as it was when the registry cannot be reached', async () => {
    await expect(lockProviders({ checkout: checkoutFolder, run: terraform(undefined).run })).rejects.toThrow(
      /could not be looked up[^]*could not connect[^]*is as it was[^]*where the Terraform registry can be reached/,
    );
    expect(readdirSync(checkoutFolder)).toEqual([]);
  });

  it('says of what OpenTofu brings from its own registry that Terraform is needed for this', async () => {
    const other = `${entry(cherry, '1.5.3', hash)}${entry(nothing, '3.2.4', hash)}`;
    const { run } = terraform(other.replaceAll('registry.terraform.io', 'registry.opentofu.org'));
    await expect(lockProviders({ checkout: checkoutFolder, run })).rejects.toThrow(
      /no entry for registry\.terraform\.io[^]*TERRAFORM_BINARY_NAME=terraform \.\/cogni providers lock/,
    );
    expect(readdirSync(checkoutFolder)).toEqual([]);
  });

  it('leaves it as it was when a hash is missing from what came back', async () => {
    const { run } = terraform(entry(cherry, '1.5.3', hash));
    await expect(lockProviders({ checkout: checkoutFolder, run })).rejects.toThrow(
      /does not lock every provider\n {2}- it has no entry for .*hashicorp\/null/,
    );
    expect(readdirSync(checkoutFolder)).toEqual([]);
  });
});
