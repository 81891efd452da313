import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentialsHint } from '../../../../infra/plan/stack-backend';
import { heldLockIn, isLocked, lockAdvice } from '../../../../infra/plan/state-lock';

const said = `
│ Error: Error acquiring the state lock
│ 
│ Error message: operation error S3: PutObject, https response error
│ Lock Info:
│   ID:        5f91284a-b60f-ff8f-3798-b951a470b92f
│   Path:      cogni-state/cherry-base-preview.tfstate
│   Operation: OperationTypeApply
│   Who:       ci@runner-1
│   Version:   1.11.4
│   Created:   2026-11-22 02:09:36.052287694 +0000 UTC
│   Info:      
`;

describe('a state that is locked', () => {
  const folders: string[] = [];
  afterEach(() => {
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });
  const stackWith = (backend: string): string => {
    const folder = mkdtempSync(join(tmpdir(), 'cogni-stack-'));
    folders.push(folder);
    writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify({ terraform: { backend: { [backend]: {} } } }));
    return folder;
  };
  const env = { TERRAFORM_BINARY_NAME: 'tofu' };

  it('is known by what Terraform says, framed or not', () => {
    expect(isLocked(said)).toBe(true);
    expect(isLocked('Error: Invalid reference')).toBe(false);
    const held = { id: '5f91284a-b60f-ff8f-3798-b951a470b92f', who: 'ci@runner-1', doing: 'apply' };
    expect(heldLockIn(said)).toEqual({ ...held, since: '2026-11-22T02:09:36Z' });
    expect(heldLockIn(said.replaceAll('│', ''))).toEqual({ ...held, since: '2026-11-22T02:09:36Z' });
    expect(heldLockIn('Lock Info:\n  ID:        \n')).toBeUndefined();
    expect(heldLockIn('  ID:   x; rm -rf /\n')).toBeUndefined();
  });

  it('is named with its holder, and freed by one command, in its own folder', () => {
    const folder = stackWith('s3');
    const { what, next } = lockAdvice({ folder, env }, said);
    expect(what).toBe(
      'another run holds the lock of the state: ci@runner-1, since 2026-11-22T02:09:36Z (apply)',
    );
    expect(next).toMatch(/^wait until it has ended/);
    expect(next.endsWith(`tofu -chdir=${folder} force-unlock 5f91284a-b60f-ff8f-3798-b951a470b92f`)).toBe(
      true,
    );
  });

  it('of PostgreSQL is a connection, so neither a holder nor an unlocking is shown that would be wrong', () => {
    const { what, next } = lockAdvice({ folder: stackWith('pg'), env }, said);
    expect(`${what} ${next}`).not.toMatch(/ci@runner-1|force-unlock/);
    expect(next).toContain('pg_terminate_backend');
  });

  it('is waited for where nothing of its holder is known', () => {
    const { next } = lockAdvice({ folder: stackWith('http'), env }, 'Error acquiring the state lock');
    expect(next).toBe('wait until it has ended, then run this again; who holds it is said above');
  });

  it('or cannot be read: then the variables of its backend are named', () => {
    expect(credentialsHint(stackWith('pg'))).toContain('(PG_CONN_STR)');
    expect(credentialsHint(stackWith('s3'))).toContain('AWS_SECRET_ACCESS_KEY');
    expect(credentialsHint(stackWith('local'))).not.toContain('backend');
  });
});
