import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'cdktf';
import { silent } from '../../../foundation/progress';
import { run, type Output } from '../../../foundation/process';
import { refusedState, RefusedStack, writeRefusedState } from '../../../infra/refused-stack';
import { findTerraform } from '../../../sandbox/terraform/binary';

describe('a refused stack, by the real Terraform', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'cogni-refused-'));
  const folder = join(scratch, 'stacks', 'production');
  let binary: string;
  const terraform = (...args: readonly string[]): Promise<Output> =>
    run({
      argv: [binary, ...args, '-no-color'],
      cwd: folder,
      env: { CHECKPOINT_DISABLE: '1' },
      deadline: 60_000,
    });

  beforeAll(async () => {
    binary = (await findTerraform(silent)).path;
    const app = new App({ outdir: scratch, stackTraces: false });
    const refusal = 'production is not ready: its domain "${x}" is a placeholder\nnext:  mend it';
    new RefusedStack(app, 'production', refusal, { announce: true });
    app.synth();
    writeRefusedState(folder);
    expect(await terraform('init')).toMatchObject({ code: 0 });
  }, 10 * 60_000);
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it.each([
    [['plan']],
    [['plan', '-refresh-only']],
    [['plan', '-var', 'refused=no']],
    [['apply', '-auto-approve']],
    [['apply', '-auto-approve', '-var', 'refused=no']],
    [['destroy', '-auto-approve']],
  ])('fails %j with the faults as its message, and plans nothing', async (args) => {
    const { code, stdout, stderr } = await terraform(...args);
    expect(code).toBe(1);
    expect(stdout + stderr).toContain(
      'production is not ready: its domain "${x}" is a placeholder\nnext:  mend it',
    );
    expect(stdout + stderr).not.toMatch(/to (?:add|destroy)/);
  });

  it('leaves its state as it was', async () => {
    const before = readFileSync(join(folder, refusedState), 'utf8');
    await terraform('destroy', '-auto-approve');
    await terraform('apply', '-auto-approve');
    expect(readFileSync(join(folder, refusedState), 'utf8')).toBe(before);
  });
});
