import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newIdentity, open, recipientOf } from '../../../foundation/age';
import { run, type Output } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { Secret } from '../../../foundation/secret';
import { forgetResources } from '../../../infra/plan/forget';
import { initAt, stateAt, type TerraformAt } from '../../../infra/plan/terraform-run';
import { findTerraform } from '../../../sandbox/terraform/binary';

/** A guarded resource and another one, of Terraform's own kind: no provider is needed. */
const configuration = {
  terraform: { backend: { local: { path: 'terraform.tfstate' } } },
  resource: {
    terraform_data: {
      host: { input: 'server', lifecycle: { prevent_destroy: true } },
      key: { input: 'key' },
    },
  },
};

describe('taking a guarded resource out of a real state', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'cogni-forget-'));
  const folder = join(scratch, 'stack');
  let at: TerraformAt;
  let identity: Secret;
  const terraform = (...words: readonly string[]): Promise<Output> =>
    run({
      argv: [at.env?.['TERRAFORM_BINARY_NAME'] ?? 'terraform', ...words],
      cwd: folder,
      env: { CHECKPOINT_DISABLE: '1', TF_CLI_CONFIG_FILE: undefined },
      deadline: 60_000,
    });

  beforeAll(async () => {
    const { path } = await findTerraform(silent);
    identity = Secret.of('identity', await newIdentity());
    mkdirSync(folder);
    writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify(configuration));
    at = { folder, env: { TERRAFORM_BINARY_NAME: path, TF_CLI_CONFIG_FILE: undefined } };
    await initAt(at);
    expect(await terraform('apply', '-auto-approve', '-input=false')).toMatchObject({ code: 0 });
  }, 20 * 60_000);
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  const forget = async (): Promise<readonly string[]> =>
    forgetResources({
      at,
      addresses: ['terraform_data.host', 'terraform_data.pin'],
      backup: join(scratch, 'state.age'),
      recipients: [await recipientOf(identity)],
    });

  it('leaves its guard as it is: the next plan makes another one, and destroys nothing', async () => {
    const before = await stateAt(at);
    const refused = await terraform('plan', '-destroy', '-input=false');
    expect(refused.code).not.toBe(0);
    expect(await forget()).toEqual(['terraform_data.host']);
    const after = await stateAt(at);
    expect(Object.keys(after.ids)).toEqual(['terraform_data.key']);
    expect(after.version?.serial).toBeGreaterThan(before.version?.serial ?? 0);
    const plan = await terraform('plan', '-input=false', '-no-color');
    expect(plan.stdout).toContain('Plan: 1 to add, 0 to change, 0 to destroy');
  });

  it('can be taken back with the state that was kept', async () => {
    const kept = await open(readFileSync(join(scratch, 'state.age'), 'utf8'), [identity]);
    writeFileSync(join(folder, 'before.json'), kept);
    expect(await terraform('state', 'push', '-force', 'before.json')).toMatchObject({ code: 0 });
    expect(Object.keys((await stateAt(at)).ids).sort()).toEqual([
      'terraform_data.host',
      'terraform_data.key',
    ]);
  });

  it('does nothing the second time', async () => {
    await forget();
    expect(await forget()).toEqual([]);
  });
});
