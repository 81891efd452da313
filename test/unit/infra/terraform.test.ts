import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../../foundation/failure';
import type { Command, Output, Run } from '../../../foundation/process';
import { parseHostOutputs, readHostOutputs, requireTerraform } from '../../../infra/terraform';
import { isNewEnough } from '../../../infra/terraform-version';

const output = (stdout: string, code = 0): Output => ({
  code,
  signal: null,
  stdout,
  stderr: code === 0 ? '' : 'Error: no valid credential sources found',
  timedOut: false,
  milliseconds: 1,
});

/** Answers each command by its first words, and writes down what was run. */
function fakeRun(answers: Readonly<Record<string, Output>>): { run: Run; ran: Command[] } {
  const ran: Command[] = [];
  const run: Run = (command) => {
    ran.push(command);
    const words = command.argv.slice(1).join(' ');
    const [, answer] = Object.entries(answers).find(([start]) => words.startsWith(start)) ?? [];
    if (!answer) throw new Error(`nothing was expected to run "${words}"`);
    return Promise.resolve(answer);
  };
  return { run, ran };
}

const saysVersion = (version: string): Run =>
  fakeRun({ version: output(JSON.stringify({ terraform_version: version })) }).run;

describe('the Terraform at hand', () => {
  it.each(['1.10.0', '1.11.4', '1.12.6', '2.0.0', '1.12.0-rc1'])('may be %s', async (version) => {
    await expect(requireTerraform({ run: saysVersion(version) })).resolves.toBe(version);
    expect(isNewEnough(version)).toBe(true);
  });

  it.each(['1.9.8', '0.15.5', '1.5.7', '1.10.0-rc1'])('is too old when it is %s', async (version) => {
    await expect(requireTerraform({ run: saysVersion(version) })).rejects.toThrow(
      new RegExp(
        `"terraform" is version ${version}; 1\\.10\\.0 or newer is needed[^]*next: {2}install Terraform`,
      ),
    );
  });

  it('is said to be missing, with where to get it, when it does not start', async () => {
    const run: Run = () =>
      Promise.reject(
        new Failure({ what: 'the program "terraform" was not found', next: 'install terraform' }),
      );
    await expect(requireTerraform({ run })).rejects.toThrow(
      /Terraform is needed, but "terraform" does not run: the program "terraform" was not found[^]*next: {2}install Terraform \(https:/,
    );
  });

  it('is refused when it is another program of that name', async () => {
    const { run } = fakeRun({ version: output('terraform the planet v9') });
    await expect(requireTerraform({ run })).rejects.toThrow(/neither Terraform nor OpenTofu/);
  });
});

const complete = {
  address: { value: '203.0.113.7' },
  server_id: { value: '811287' },
  host_name: { value: 'preview-cogni' },
  host_key: { value: 'ssh-ed25519 AAAA' },
};

describe('the outputs of a host', () => {
  it('are address, server number, host name and host key', () => {
    expect(parseHostOutputs('preview', JSON.stringify(complete))).toEqual({
      address: '203.0.113.7',
      serverId: 811287,
      hostName: 'preview-cogni',
      hostKey: 'ssh-ed25519 AAAA',
      floatingAddress: undefined,
    });
  });

  it('have no host key until one is pinned', () => {
    const unpinned = { ...complete, host_key: { value: '' } };
    expect(parseHostOutputs('preview', JSON.stringify(unpinned)).hostKey).toBeUndefined();
  });

  it('have a floating address where there is one', () => {
    const floating = { ...complete, floating_address: { value: '203.0.113.99' } };
    expect(parseHostOutputs('preview', JSON.stringify(floating)).floatingAddress).toBe('203.0.113.99');
  });

  it('say that there is no host yet, with the command that makes one', () => {
    expect(() => parseHostOutputs('preview', '{}')).toThrow(
      /preview has no host yet: its state has no address, server_id, host_name[^]*next: {2}npx cdktf deploy preview/,
    );
  });

  it('say which output a deploy that broke off did not leave', () => {
    const broken = { ...complete, address: { value: null } };
    expect(() => parseHostOutputs('preview', JSON.stringify(broken))).toThrow(/its state has no address\n/);
  });

  it('are refused when Terraform printed something else', () => {
    expect(() => parseHostOutputs('preview', 'Warning: …')).toThrow(Failure);
  });
});

describe('reading the outputs of a host', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-outputs-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('asks for a synth first where there was none', async () => {
    await expect(readHostOutputs('preview', folder)).rejects.toThrow(
      /no synthesized stack for preview[^]*next: {2}npx cdktf diff preview/,
    );
  });

  it('initialises Terraform in the folder once', async () => {
    writeFileSync(join(folder, 'cdk.tf.json'), '{}');
    const { run, ran } = fakeRun({ init: output(''), output: output(JSON.stringify(complete)) });
    await readHostOutputs('preview', folder, { run });
    mkdirSync(join(folder, '.terraform'));
    await readHostOutputs('preview', folder, { run });
    expect(ran.map(({ argv }) => argv[1])).toEqual(['init', 'output', 'output']);
    expect(ran.every(({ cwd, deadline }) => cwd === folder && deadline > 0)).toBe(true);
  });

  it('shows what Terraform said when the state cannot be read', async () => {
    writeFileSync(join(folder, 'cdk.tf.json'), '{}');
    const { run } = fakeRun({ init: output('', 1) });
    await expect(readHostOutputs('preview', folder, { run })).rejects.toThrow(
      /the state in .* could not be read: terraform ended with exit code 1[^]*no valid credential sources[^]*credentials of the state backend/,
    );
  });
});
