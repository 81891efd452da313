import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdktf';
import { enrollmentOf } from '../../../bootstrap/enrollment';
import type { Output } from '../../../foundation/process';
import { Secret } from '../../../foundation/secret';
import { AddressStack } from '../../../infra/address-stack';
import { writeEnrollmentVariable } from '../../../infra/enrollment-token';
import { HostStack } from '../../../infra/host-stack';
import { examinePublicKey } from '../../../infra/public-key';
import { readHostOutputs } from '../../../infra/terraform';
import { project, Rig, tokens } from '../../contract/emulator/rig';
import { ed25519 } from '../../unit/infra/keys';
import { asFreshCheckout, build, terraformHere, type TerraformHere } from './terraform-here';

/**
 * The stack of a host against the real Terraform, the provider and the API's emulator. What waits for the bootstrap is
 * a script that writes down what it was given, and a pin.
 */
/** Terraform names the argument, OpenTofu says that it is set. */
const refusedToDestroy = /lifecycle\.prevent_destroy|has prevent_destroy set/;

describe('the stack of a host, by Terraform and the emulator', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'cogni-host-stack-'));
  const output = join(scratch, 'cdktf.out');
  const folder = join(output, 'stacks', 'preview');
  const given = join(scratch, 'given');
  let terraform: TerraformHere;
  let rig: Rig;
  let env: Readonly<Record<string, string>>;

  beforeAll(async () => {
    terraform = await terraformHere(scratch);
    rig = await Rig.start();
    env = {
      HTTPS_PROXY: `http://127.0.0.1:${rig.emulator.ports.proxy}`,
      SSL_CERT_FILE: join(rig.folder, 'ca.pem'),
      CHERRY_AUTH_KEY: tokens.own,
    };
    const launcher = join(scratch, 'cogni');
    writeFileSync(
      launcher,
      [
        '#!/bin/sh',
        `printf '%s\\n' "$@" > ${given}`,
        `printf '%s' "$COGNI_USER_DATA" > ${given}.user-data`,
        `mkdir -p ${join(scratch, '.cogni', 'preview')}`,
        `echo "cogni-preview ssh-ed25519 AAAAC3of$5" > ${join(scratch, '.cogni', 'preview', 'known_hosts')}`,
      ].join('\n'),
    );
    chmodSync(launcher, 0o755);
  }, build);
  afterAll(async () => {
    await rig.remove();
    rmSync(scratch, { recursive: true, force: true });
  });

  interface Wanted {
    readonly document?: string;
    readonly token?: string;
    readonly key?: number;
    readonly image?: string;
    readonly floating?: boolean;
    readonly preventDestroy?: boolean;
  }

  /** Synthesizes the stack as a checkout would in which these things are so. */
  function synth(wanted: Wanted = {}): void {
    mkdirSync(output, { recursive: true });
    const examined = examinePublicKey(ed25519(wanted.key ?? 1));
    if (!('key' in examined)) throw new Error(examined.fault);
    const app = new App({ outdir: output, stackTraces: false });
    const backend = (id: string): { type: string; attributes: { path: string } } => ({
      type: 'local',
      attributes: { path: `../../../state/${id}.tfstate` },
    });
    const address = new AddressStack(app, {
      environment: 'preview',
      backend: backend('address'),
      projectId: project,
      region: 'LT-Siauliai',
      preventDestroy: true,
    });
    new HostStack(app, {
      environment: 'preview',
      backend: backend('preview'),
      host: {
        hostName: 'preview-cogni',
        projectId: project,
        plan: 'B1-4-4gb-80s-shared',
        region: 'LT-Siauliai',
        image: wanted.image ?? 'ubuntu_22_04',
        tags: { environment: 'preview' },
      },
      deployKey: examined.key,
      userData: wanted.document ?? document,
      preventDestroy: wanted.preventDestroy ?? false,
      launcher: '../../../cogni',
      knownHosts: '../../../.cogni/preview/known_hosts',
      ...(wanted.floating ? { floatingAddress: address.floatingAddress } : {}),
    });
    app.synth();
    writeEnrollmentVariable(folder, Secret.of('token', (wanted.token ?? 'a').repeat(43)));
  }
  const document = '#cloud-config\nruncmd:\n- [sh, -c, "echo ${HOME} %{x} é"]\nwrite_files:\n';

  const tf = async (...args: readonly string[]): Promise<Output> =>
    terraform.with(env).in(folder, ...args, '-no-color');
  const done = async (...args: readonly string[]): Promise<Output> => {
    const ended = await tf(...args);
    if (ended.code === 1) throw new Error(ended.stdout + ended.stderr);
    return ended;
  };
  const noChanges = 0;
  const planned = async (): Promise<number | null> => (await done('plan', '-detailed-exitcode')).code;

  it('makes the server, and hands its user-data, address and number to what waits for it', async () => {
    synth();
    await done('init');
    const applied = await done('apply', '-auto-approve');
    const outputs = await readHostOutputs('preview', folder, { env: { ...terraform.env, ...env } });
    expect(outputs).toMatchObject({
      hostName: 'preview-cogni',
      hostKey: `ssh-ed25519 AAAAC3of${outputs.serverId}`,
      floatingAddress: undefined,
    });
    expect(readFileSync(given, 'utf8').trimEnd().split('\n')).toEqual([
      ...['host', 'wait', 'preview', '--machine', String(outputs.serverId), '--address', outputs.address],
    ]);
    const delivered = Buffer.from(readFileSync(`${given}.user-data`, 'utf8'), 'base64').toString();
    expect(delivered.startsWith(document)).toBe(true);
    expect(enrollmentOf(delivered)).toBe('a'.repeat(43));
    expect(applied.stdout + applied.stderr).not.toContain('a'.repeat(43));
    expect(applied.stdout).not.toContain('output suppressed');
    const machine = await rig.machines.tryInspect(outputs.serverId);
    expect(machine).toMatchObject({ hostname: 'preview-cogni', address: outputs.address, diskGeneration: 1 });
  });

  it('leaves nothing to change afterwards', async () => {
    expect(await planned()).toBe(noChanges);
  });

  it('leaves nothing to change in a fresh checkout, which has another token and no pin', async () => {
    rmSync(join(scratch, '.cogni'), { recursive: true });
    asFreshCheckout(folder);
    synth({ token: 'b' });
    await done('init');
    expect(await planned()).toBe(noChanges);
  });

  it.each<[string, Wanted]>([
    ['user-data', { document: '#cloud-config\n# another\nwrite_files:\n' }],
    ['an image', { image: 'ubuntu_24_04_64bit' }],
  ])('plans nothing for %s that was edited: no living disk is wiped', async (_what, wanted) => {
    synth(wanted);
    expect(await planned()).toBe(noChanges);
  });

  it('changes an edited deploy key in place, and leaves the server alone', async () => {
    synth({ key: 2 });
    const { stdout } = await done('plan');
    expect(stdout).toContain('Plan: 0 to add, 1 to change, 0 to destroy.');
    expect(stdout).toContain('cherryservers_ssh_key.deploy_key will be updated in-place');
  });

  it('does not attach an address to a living host, which would replace it', async () => {
    synth({ floating: true });
    const address = join(output, 'stacks', 'preview-address');
    for (const args of [['init'], ['apply', '-auto-approve']]) {
      expect(await terraform.with(env).in(address, ...args, '-no-color')).toMatchObject({ code: 0 });
    }
    const { stdout } = await done('plan');
    expect(stdout).not.toMatch(/[1-9]\d* to (?:add|change|destroy)/);
    expect(stdout).toContain('+ floating_address = ');
  });

  it('refuses to delete a protected host', async () => {
    synth({ preventDestroy: true });
    const destroyed = await tf('destroy', '-auto-approve');
    expect(destroyed.code).toBe(1);
    expect(destroyed.stdout + destroyed.stderr).toMatch(refusedToDestroy);
  });

  it('refuses to give a protected address away', async () => {
    const address = join(output, 'stacks', 'preview-address');
    const destroyed = await terraform.with(env).in(address, 'destroy', '-auto-approve', '-no-color');
    expect(destroyed.code).toBe(1);
    expect(destroyed.stdout + destroyed.stderr).toMatch(refusedToDestroy);
  });

  it('deletes one that is not, and makes another with another token, number and pin', async () => {
    synth();
    const before = await readHostOutputs('preview', folder, { env: { ...terraform.env, ...env } });
    await done('destroy', '-auto-approve');
    synth({ token: 'c', floating: true });
    await done('apply', '-auto-approve');
    const after = await readHostOutputs('preview', folder, { env: { ...terraform.env, ...env } });
    expect(after.serverId).not.toBe(before.serverId);
    expect(after.hostKey).toBe(`ssh-ed25519 AAAAC3of${after.serverId}`);
    expect(after.floatingAddress).toMatch(/^172\.30\.5\.2\d\d$/);
    const delivered = Buffer.from(readFileSync(`${given}.user-data`, 'utf8'), 'base64').toString();
    expect(enrollmentOf(delivered)).toBe('c'.repeat(43));
    expect(await planned()).toBe(noChanges);
  });
});
