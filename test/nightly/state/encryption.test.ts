import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../../foundation/failure';
import { run } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { goBuild } from '../../../sandbox/go-build';
import { openTofu } from '../../../sandbox/terraform/opentofu';
import { StateDesk } from '../../tool/infra/state-desk';

/** Milliseconds: where it was never built, OpenTofu is. */
const build = 25 * 60_000;

/** The OpenTofu that TERRAFORM_BINARY_NAME names, else the one that the sandbox builds. */
async function tofu(): Promise<string> {
  const named = process.env['TERRAFORM_BINARY_NAME'];
  if (named) {
    const { stdout } = await run({ argv: [named, 'version'], deadline: 30_000 });
    if (/^OpenTofu /m.test(stdout)) return named;
  }
  return goBuild(openTofu, silent);
}

const page = readFileSync(join(__dirname, '../../../docs/plan.md'), 'utf8');
/** What the documentation says, as a shell reads it, with a passphrase. */
function encryption(passphrase: string): string {
  const found = /export TF_ENCRYPTION="\n((?:[^"\\]|\\.)*)"/.exec(page)?.[1];
  if (found === undefined) throw new Error('docs/plan.md does not say how');
  return found.replaceAll('\\"', '"').replaceAll('$PASSPHRASE', passphrase);
}

describe('a state that OpenTofu encrypts', () => {
  const desks: StateDesk[] = [];
  let binary: string;
  beforeAll(async () => {
    binary = await tofu();
  }, build);
  afterEach(() => {
    for (const each of desks.splice(0)) each.remove();
  });

  const folder = 'state';
  const desk = (variables: Readonly<Record<string, string>>, beside?: StateDesk): StateDesk => {
    const made = new StateDesk(
      'preview',
      { kind: 'local', folder: beside === undefined ? folder : join(beside.at.folder, '..', folder) },
      { TERRAFORM_BINARY_NAME: binary, ...variables },
    );
    desks.push(made);
    return made;
  };
  const passphrase = 'p1anted-passphrase-of-the-state';
  const stateOf = ({ at }: StateDesk): string =>
    readFileSync(join(at.folder, '..', folder, 'cherry-base-preview.tfstate'), 'utf8');

  it('is planned, applied and read as any other, and holds neither a value nor the passphrase in clear', async () => {
    const here = desk({ TF_ENCRYPTION: encryption(passphrase) });
    here.write('p1anted-value');
    await here.apply(await here.plan());
    expect(stateOf(here)).toContain('"encrypted_data"');
    expect(stateOf(here)).not.toMatch(/p1anted/);
    const written = await here.written();
    const holders = [...written].filter(([, text]) => text.includes(passphrase)).map(([file]) => file);
    expect(holders).toEqual([]);
    expect((await here.plan()).judged.verdict).toBe('NO-OP');
  });

  it('is refused with another passphrase, or with none, and nothing is changed', async () => {
    const here = desk({ TF_ENCRYPTION: encryption(passphrase) });
    here.write('of the first');
    await here.apply(await here.plan());
    const before = stateOf(here);
    for (const variables of [{ TF_ENCRYPTION: encryption('p1anted-another-passphrase') }, {}]) {
      const other = desk(variables, here);
      other.write('of the second');
      const refusal = await other.plan().catch((thrown: unknown) => thrown);
      expect(refusal).toBeInstanceOf(Failure);
      expect(refusal).toMatchObject({
        state: 'nothing was changed',
        message: expect.stringMatching(/decrypt|encrypt/i),
        next: expect.stringContaining('TF_ENCRYPTION'),
      });
      expect((refusal as Failure).message).not.toContain('p1anted-another');
    }
    expect(stateOf(here)).toBe(before);
  });

  it('takes over one that was not encrypted, once, as the documentation says', async () => {
    const plain = desk({});
    plain.write('from before');
    await plain.apply(await plain.plan());
    expect(stateOf(plain)).toContain('from before');
    const moving = encryption(passphrase)
      .replace(
        'state {',
        'method "unencrypted" "before" {}\nstate {\n  fallback { method = method.unencrypted.before }',
      )
      .replaceAll('enforced = true', '');
    const taken = desk({ TF_ENCRYPTION: moving }, plain);
    taken.write('and after');
    await taken.apply(await taken.plan());
    expect(stateOf(plain)).not.toContain('and after');
    expect(stateOf(plain)).toContain('"encrypted_data"');
  });
});
