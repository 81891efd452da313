import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newIdentity, recipientOf, seal } from '../../../../foundation/age';
import type { Output, Run } from '../../../../foundation/process';
import { silent } from '../../../../foundation/progress';
import { Secret } from '../../../../foundation/secret';
import { applyPlan } from '../../../../infra/plan/apply-plan';
import { sha256Of } from '../../../../infra/plan/manifest';
import { signManifest } from '../../../../infra/plan/signature';
import { hashesAt } from '../../../../infra/plan/terraform-run';
import { manifest, signer } from './samples';

const bytes = Buffer.from('the plan');
const state = { version: 4, serial: 3, lineage: 'f54b9068-da42-bab5-94bf-a3607f408680', resources: [] };

describe('what there is to say after an apply that Terraform calls done', () => {
  let folder: string;
  let identity: Secret;
  let sealed: string;
  beforeAll(async () => {
    identity = Secret.of('identity', await newIdentity());
    sealed = await seal(bytes, [await recipientOf(identity)]);
  }, 60_000);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-apply-'));
    writeFileSync(join(folder, 'main.tf.json'), '{}');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** @param cut how the command begins that gets no answer once Terraform has applied the plan */
  async function apply(cut?: string): Promise<unknown> {
    let applied = false;
    const run: Run = ({ argv }) => {
      const words = argv.join(' ');
      applied ||= words.includes(' apply ');
      const broken = applied && cut !== undefined && words.includes(` ${cut}`);
      const said = words.endsWith('version -json')
        ? '{"terraform_version":"1.11.4"}'
        : words.endsWith('state pull')
          ? JSON.stringify(state)
          : words.includes(' output ')
            ? '{"address":{"value":"192.0.2.1"}}'
            : '';
      const output: Output = {
        code: broken ? 1 : 0,
        signal: null,
        stdout: broken ? '' : said,
        stderr: broken ? 'Error: the backend is out of reach' : '',
        timedOut: false,
        milliseconds: 1,
      };
      return Promise.resolve(output);
    };
    const at = { folder, run };
    const made = manifest({
      ...hashesAt(at),
      plan: { sha256: sha256Of(bytes), bytes: bytes.length },
      sealed: { sha256: sha256Of(sealed) },
      madeAt: new Date().toISOString(),
      expiresAt: new Date(Date.now() + 60 * 60_000).toISOString(),
    });
    const key = signer();
    return applyPlan({
      environment: 'preview',
      stack: 'preview',
      at,
      plan: { manifest: made, signature: signManifest(made, key), sealed },
      keys: { trusted: [{ key: createPublicKey(key), name: 'ours' }], identities: [identity] },
      checkout: { commit: made.commit ?? '', dirty: false },
      onlyCommitted: true,
      words: { wipe: [], reviewed: undefined, withoutBackup: [] },
      backup: () => Promise.resolve({ kind: 'none', why: 'no backups are made' }),
      judge: () => ({ verdict: 'CREATE', severity: 'safe', counts: {}, doomed: false, losses: [] }),
      preflight: () => Promise.resolve([]),
      leftBehind: () => Promise.resolve([]),
      notDone: () => Promise.resolve(['the server is still being installed']),
      onOutput: () => undefined,
      dryRun: false,
      progress: silent,
    });
  }

  it('is its outputs, and what is not done all the same', async () => {
    expect(await apply()).toMatchObject({
      applied: true,
      outputs: { address: '192.0.2.1' },
      notes: ['the server is still being installed'],
    });
  });

  it('says that the plan is applied where its outputs cannot be read, and keeps the notes', async () => {
    expect(await apply('output ')).toMatchObject({
      applied: true,
      outputs: {},
      notes: [
        'the server is still being installed',
        expect.stringMatching(
          /^the outputs could not be read: .* the plan is applied all the same; look at what there is: \.\/cogni plan preview$/,
        ),
      ],
    });
  });

  it('says so where the state cannot be read, so that nobody looked at what is not done', async () => {
    expect(await apply('state pull')).toMatchObject({
      applied: true,
      outputs: { address: '192.0.2.1' },
      notes: [expect.stringMatching(/^the state could not be read: .* is applied all the same/)],
    });
  });
});
