import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findHost } from '../../../cli/host-access';
import type { Failure } from '../../../foundation/failure';
import type { Environment } from '../../../stacks/environment';

const key = `ssh-ed25519 ${'A'.repeat(68)}`;
const environment = { name: 'preview', host: { kind: 'cherry' } } as Environment;

describe('the host of an environment, in a workflow', () => {
  let folder: string;
  const variables = ['VM_HOST', 'VM_HOST_KEY', 'COGNI_SANDBOX'];
  const before = { ...process.env };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-host-access-'));
    process.env['COGNI_SANDBOX'] = folder;
  });
  afterEach(() => {
    for (const name of variables) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, before);
    rmSync(folder, { recursive: true });
  });

  it('is found through its variables, and its key is pinned from them', async () => {
    process.env['VM_HOST'] = '203.0.113.7';
    process.env['VM_HOST_KEY'] = key;
    const host = await findHost(environment);
    expect(host).toMatchObject({ address: '203.0.113.7', hostKeyAlias: 'cogni-preview', user: 'deploy' });
    expect(readFileSync(host.knownHosts, 'utf8')).toBe(`# From VM_HOST_KEY.\ncogni-preview ${key}\n`);
  });

  it('is never the living one for a rehearsal, whatever its variables say', async () => {
    process.env['VM_HOST'] = '203.0.113.7';
    process.env['VM_HOST_KEY'] = key;
    const rehearsal = {
      name: 'preview-rehearsal',
      host: { kind: 'existing', address: '192.0.2.9' },
      rehearses: { environment: 'preview' },
    } as Environment;
    expect(await findHost(rehearsal)).toMatchObject({
      address: '192.0.2.9',
      hostKeyAlias: 'cogni-preview-rehearsal',
    });
  });

  it('keeps the pin that is there: another key does not replace it', async () => {
    process.env['VM_HOST'] = '203.0.113.7';
    process.env['VM_HOST_KEY'] = key;
    await findHost(environment);
    process.env['VM_HOST_KEY'] = key.replaceAll('A', 'B');
    const { knownHosts } = await findHost(environment);
    expect(readFileSync(knownHosts, 'utf8')).toContain(key);
  });

  it.each([
    [{ VM_HOST: '203.0.113.7' }, 'VM_HOST_KEY is missing, and VM_HOST is set'],
    [{ VM_HOST_KEY: key }, 'VM_HOST is missing, and VM_HOST_KEY is set'],
    [{ VM_HOST: 'host', VM_HOST_KEY: key }, 'VM_HOST is neither an IPv4 address nor a host name'],
    [{ VM_HOST: '203.0.113.7', VM_HOST_KEY: 'AAAA' }, 'VM_HOST_KEY is not the type and base64'],
  ])('is refused with %j, in words', async (given, says) => {
    Object.assign(process.env, given);
    const failure = (await findHost(environment).catch((thrown: unknown) => thrown)) as Failure;
    expect(failure.faults).toEqual([expect.stringContaining(says)]);
  });
});
