import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NullProvider } from '@cdktf/provider-null/lib/provider';
import { Resource } from '@cdktf/provider-null/lib/resource';
import { App, TerraformOutput, TerraformStack } from 'cdktf';
import { Backend } from '../../../infra/backend';
import { HostKeyPin } from '../../../infra/host-key-pin';
import { asFreshCheckout, build, terraformHere, type TerraformHere } from './terraform-here';

/**
 * The pin of a host key against the real Terraform. A null resource plays the server (its trigger is the server's number),
 * another one the gate, whose command writes the pin as `cogni host wait` does.
 */
describe('the pin of a host key, by the real Terraform', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'cogni-pin-'));
  const folder = join(scratch, 'cdktf.out', 'stacks', 'preview');
  const knownHosts = join(scratch, '.cogni', 'preview', 'known_hosts');
  let terraform: TerraformHere;

  beforeAll(async () => {
    terraform = await terraformHere(scratch);
  }, build);
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  /** Synthesizes the stack with that server. */
  function synth(server: string): void {
    mkdirSync(join(scratch, 'cdktf.out'), { recursive: true });
    const app = new App({ outdir: join(scratch, 'cdktf.out'), stackTraces: false });
    const stack = new TerraformStack(app, 'preview');
    new Backend(stack, { type: 'local', attributes: { path: '../../../state/preview.tfstate' } });
    new NullProvider(stack, 'null');
    const gate = new Resource(stack, 'bootstrap', {
      triggers: { server_id: server },
      provisioners: [{ type: 'local-exec', interpreter: ['../../../wait'], command: server }],
    });
    const pin = new HostKeyPin(stack, 'host_key_pin', {
      gate: { passage: gate.id, passageExpression: 'null_resource.bootstrap.id' },
      knownHosts: '../../../.cogni/preview/known_hosts',
      alias: 'cogni-preview',
    });
    new TerraformOutput(stack, 'host_key', { value: pin.hostKey });
    app.synth();
  }

  /** The gate's command writes these lines. */
  function pins(...lines: readonly string[]): void {
    const path = join(scratch, 'wait');
    writeFileSync(
      path,
      `#!/bin/sh\nmkdir -p ${join(knownHosts, '..')}\nprintf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')} > ${knownHosts}\n`,
    );
    chmodSync(path, 0o755);
  }

  const ended = async (...args: readonly string[]): Promise<number | null> => {
    const output = await terraform.in(folder, ...args, '-no-color');
    if (output.code === 1) throw new Error(output.stdout + output.stderr);
    return output.code;
  };
  const hostKey = async (): Promise<string> => {
    const { stdout } = await terraform.in(folder, 'output', '-json', '-no-color');
    return (JSON.parse(stdout) as { host_key: { value: string } }).host_key.value;
  };
  const noChanges = 0;

  it('is stored by the first apply, after the gate was passed', async () => {
    synth('811287');
    pins(
      '# machine 811287',
      'cogni-preview ecdsa-sha2-nistp256 AAAAE2',
      'cogni-preview ssh-ed25519 AAAAC3one',
    );
    await ended('init');
    await ended('apply', '-auto-approve');
    expect(await hostKey()).toBe('ssh-ed25519 AAAAC3one');
  });

  it('leaves nothing to change', async () => {
    expect(await ended('plan', '-detailed-exitcode')).toBe(noChanges);
  });

  it('leaves nothing to change in a checkout that never met the host and has no pin of its own', async () => {
    rmSync(knownHosts);
    asFreshCheckout(folder);
    synth('811287');
    await ended('init');
    expect(await ended('plan', '-detailed-exitcode')).toBe(noChanges);
    expect(await hostKey()).toBe('ssh-ed25519 AAAAC3one');
  });

  it('leaves nothing to change when another key is pinned on this machine for the same server', async () => {
    mkdirSync(join(knownHosts, '..'), { recursive: true });
    writeFileSync(knownHosts, 'cogni-preview ssh-ed25519 AAAAC3other\n');
    expect(await ended('plan', '-detailed-exitcode')).toBe(noChanges);
  });

  it('is read again when that is asked for, as docs/bootstrap.md says', async () => {
    await ended('apply', '-auto-approve', '-replace=terraform_data.host_key_pin');
    expect(await hostKey()).toBe('ssh-ed25519 AAAAC3other');
    expect(await ended('plan', '-detailed-exitcode')).toBe(noChanges);
  });

  it('is read again when there is another server', async () => {
    synth('811288');
    pins('# machine 811288', 'cogni-preview ssh-ed25519 AAAAC3two');
    await ended('apply', '-auto-approve');
    expect(await hostKey()).toBe('ssh-ed25519 AAAAC3two');
    expect(await ended('plan', '-detailed-exitcode')).toBe(noChanges);
  });

  it('is empty when none was pinned for this environment', async () => {
    synth('811289');
    pins('cogni-production ssh-ed25519 AAAAC3wrong');
    await ended('apply', '-auto-approve');
    expect(await hostKey()).toBe('');
  });

  it('is not stored when the gate was not passed, and the next apply waits again', async () => {
    synth('811290');
    writeFileSync(join(scratch, 'wait'), '#!/bin/sh\necho "bootstrap failed: phase packages" >&2\nexit 1\n');
    const failed = await terraform.in(folder, 'apply', '-auto-approve', '-no-color');
    expect(failed.code).toBe(1);
    expect(failed.stdout + failed.stderr).toContain('bootstrap failed: phase packages');
    pins('cogni-preview ssh-ed25519 AAAAC3four');
    await ended('apply', '-auto-approve');
    expect(await hostKey()).toBe('ssh-ed25519 AAAAC3four');
    expect(readFileSync(knownHosts, 'utf8')).toContain('AAAAC3four');
  });
});
