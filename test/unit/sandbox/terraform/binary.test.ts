import { Failure } from '../../../../foundation/failure';
import type { Command, Output } from '../../../../foundation/process';
import { silent } from '../../../../foundation/progress';
import { findTerraform, type TerraformMachine } from '../../../../sandbox/terraform/binary';

const says = (stdout: string, code = 0): Output => ({
  code,
  signal: null,
  stdout,
  stderr: '',
  timedOut: false,
  milliseconds: 1,
});

/** A machine with these programs, each by its path and what it prints. */
function machine(
  programs: Readonly<Record<string, string | Output>>,
  more: { named?: string; built?: string } = {},
): TerraformMachine & { readonly asked: Command[]; builds: number } {
  const asked: Command[] = [];
  const made = {
    asked,
    builds: 0,
    environment: { TERRAFORM_BINARY_NAME: more.named },
    find: (program: string) =>
      Object.keys(programs).find((path) => path === program || path.endsWith(`/${program}`)),
    run: (command: Command) => {
      asked.push(command);
      const answer = command.argv[0] === '/cache/tofu' ? more.built : programs[command.argv[0]];
      return Promise.resolve(typeof answer === 'object' ? answer : says(answer ?? ''));
    },
    buildOpenTofu: () => {
      made.builds += 1;
      return Promise.resolve('/cache/tofu');
    },
  };
  return made;
}

const failureOf = async (given: TerraformMachine): Promise<Failure> => {
  const thrown: unknown = await findTerraform(silent, given).catch((cause: unknown) => cause);
  if (thrown instanceof Failure) return thrown;
  throw new Error(`no Failure, but ${JSON.stringify(thrown)}`);
};

describe('the program that runs the stacks', () => {
  it('is the Terraform on PATH', async () => {
    const given = machine({ '/bin/terraform': 'Terraform v1.11.4\n', '/bin/tofu': 'OpenTofu v1.12.6\n' });
    expect(await findTerraform(silent, given)).toEqual({
      path: '/bin/terraform',
      product: 'terraform',
      version: '1.11.4',
    });
  });

  it('is the OpenTofu on PATH where there is no Terraform', async () => {
    const given = machine({ '/bin/tofu': 'OpenTofu v1.12.6\n' });
    expect(await findTerraform(silent, given)).toMatchObject({ path: '/bin/tofu', product: 'opentofu' });
  });

  it('is the OpenTofu on PATH where Terraform is too old', async () => {
    const given = machine({ '/bin/terraform': 'Terraform v1.5.7\n', '/bin/tofu': 'OpenTofu v1.10.0\n' });
    expect(await findTerraform(silent, given)).toMatchObject({ path: '/bin/tofu' });
  });

  it('is the one that TERRAFORM_BINARY_NAME names, by path or by name, before any other', async () => {
    const programs = { '/bin/terraform': 'Terraform v1.11.4\n', '/opt/tf': 'Terraform v1.12.6\n' };
    expect(await findTerraform(silent, machine(programs, { named: '/opt/tf' }))).toMatchObject({
      version: '1.12.6',
    });
    expect(await findTerraform(silent, machine(programs, { named: 'tf' }))).toMatchObject({
      version: '1.12.6',
    });
  });

  it('is built where there is none', async () => {
    const given = machine({}, { built: 'OpenTofu v1.12.6\n' });
    expect(await findTerraform(silent, given)).toEqual({
      path: '/cache/tofu',
      product: 'opentofu',
      version: '1.12.6',
    });
    expect(given.builds).toBe(1);
  });

  it('is asked for its version without the network and without the user’s configuration', async () => {
    const given = machine({ '/bin/terraform': 'Terraform v1.11.4\n' });
    await findTerraform(silent, given);
    expect(given.asked[0]).toMatchObject({
      argv: ['/bin/terraform', 'version'],
      env: { CHECKPOINT_DISABLE: '1', TF_CLI_CONFIG_FILE: '/dev/null' },
    });
  });
});

describe('a program that cannot be used', () => {
  it('is named with its version and with what is needed, and nothing is built behind the user’s back', async () => {
    const given = machine({ '/bin/terraform': 'Terraform v1.5.7\n', '/bin/tofu': 'OpenTofu v1.10.0-rc1\n' });
    const failure = await failureOf(given);
    expect(failure.what).toContain('Terraform 1.10.0 or OpenTofu 1.10.0');
    expect(failure.faults).toEqual([
      '/bin/terraform: is Terraform 1.5.7',
      '/bin/tofu: is OpenTofu 1.10.0-rc1',
    ]);
    expect(failure.next).toContain('TERRAFORM_BINARY_NAME');
    expect(given.builds).toBe(0);
  });

  it('and was named by TERRAFORM_BINARY_NAME is not replaced by another', async () => {
    const programs = { '/bin/terraform': 'Terraform v1.11.4\n', '/opt/old': 'Terraform v0.13.0\n' };
    const failure = await failureOf(machine(programs, { named: '/opt/old' }));
    expect(failure.what).toContain('TERRAFORM_BINARY_NAME is "/opt/old"');
    expect(failure.faults).toEqual(['/opt/old: is Terraform 0.13.0']);
  });

  it('because it is not there is named with the variable', async () => {
    const failure = await failureOf(machine({}, { named: 'terrafrom' }));
    expect(failure.what).toBe('TERRAFORM_BINARY_NAME is "terrafrom", and there is no such program');
  });

  it.each([
    [
      'is another program',
      says('Usage: terraform [options]\n', 1),
      /is neither Terraform nor OpenTofu.*Usage/,
    ],
    ['hangs', { ...says(''), timedOut: true, code: null }, /did not say its version within 30 s/],
  ])('because it %s says so', async (_, output, expected) => {
    const failure = await failureOf(machine({ '/bin/terraform': output }));
    expect(failure.faults[0]).toMatch(expected);
  });

  it('because it does not start says why', async () => {
    const given = machine({ '/bin/terraform': '' });
    const broken = { ...given, run: () => Promise.reject(new Error('EACCES: permission denied')) };
    expect((await failureOf(broken)).faults).toEqual(['/bin/terraform: EACCES: permission denied']);
  });

  it('although it was built here is a failure that says what to install', async () => {
    const failure = await failureOf(machine({}, { built: 'OpenTofu v1.5.0\n' }));
    expect(failure.next).toContain('install terraform or tofu');
  });
});
