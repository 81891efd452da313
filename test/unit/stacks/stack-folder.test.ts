import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryReadFile } from '../../../foundation/files';
import type { SynthesizedStack } from '../../../stacks/app';
import { prepareStackFolder, type StackFolderProps } from '../../../stacks/stack-folder';

describe("a stack's folder", () => {
  let folder: string;
  let props: StackFolderProps;
  const stack = (kind: SynthesizedStack['kind']): SynthesizedStack => ({
    id: 'preview',
    environment: 'preview',
    folder: join(folder, 'stacks', 'preview'),
    kind,
  });
  const variables = (): string | undefined =>
    tryReadFile(join(folder, 'stacks/preview/enrollment.auto.tfvars.json'));
  const memory = (): string => join(folder, 'stacks/preview/.terraform/terraform.tfstate');
  const remember = (path: string): void => {
    mkdirSync(join(memory(), '..'), { recursive: true });
    writeFileSync(memory(), JSON.stringify({ backend: { type: 'local', config: { path } } }));
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-folder-'));
    mkdirSync(join(folder, 'stacks', 'preview'), { recursive: true });
    props = { environmentFolder: (name) => join(folder, 'local', name), providerLock: undefined };
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("of a host gets the environment's enrollment token, the same one at every synth", () => {
    prepareStackFolder(stack('host'), props);
    const first = variables();
    prepareStackFolder(stack('host'), props);
    expect(variables()).toBe(first);
    expect(JSON.parse(first!)).toEqual({
      enrollment_token: readFileSync(join(folder, 'local/preview/enrollment'), 'utf8').trim(),
    });
  });

  it('of an address gets none', () => {
    prepareStackFolder(stack('address'), props);
    expect(variables()).toBeUndefined();
    expect(existsSync(join(folder, 'local'))).toBe(false);
  });

  it('gets the lock of the providers for a real environment', () => {
    prepareStackFolder(stack('address'), { ...props, providerLock: 'the lock' });
    expect(tryReadFile(join(folder, 'stacks/preview/.terraform.lock.hcl'))).toBe('the lock');
  });

  it('loses the token when the environment is refused', () => {
    prepareStackFolder(stack('host'), props);
    prepareStackFolder(stack('refused'), { ...props, providerLock: 'the lock' });
    expect(variables()).toBeUndefined();
    expect(existsSync(join(folder, 'stacks/preview/.terraform.lock.hcl'))).toBe(false);
  });

  it('forgets a real backend when the environment is refused, so that no state is ever offered to be moved', () => {
    remember('../../../.cogni/state/cherry-base-preview.tfstate');
    prepareStackFolder(stack('refused'), props);
    expect(existsSync(memory())).toBe(false);
  });

  it('forgets the refused backend once the environment is sound', () => {
    remember('refused.tfstate');
    prepareStackFolder(stack('host'), props);
    expect(existsSync(memory())).toBe(false);
  });

  it.each(['host', 'refused'] as const)('of kind %s remembers its own backend', (kind) => {
    remember(kind === 'refused' ? 'refused.tfstate' : '../../../.cogni/state/cherry-base-preview.tfstate');
    prepareStackFolder(stack(kind), props);
    expect(existsSync(memory())).toBe(true);
  });
});
