import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import { judgeHere, type ReviewedPlan } from '../../../cli/judge-plan';
import { open } from '../../../foundation/age';
import { silent } from '../../../foundation/progress';
import { backendBlock, stateKey, type StateBackend } from '../../../infra/backend';
import { applyPlan, type Applied } from '../../../infra/plan/apply-plan';
import { planKeys } from '../../../infra/plan/plan-keys';
import { planStack, type KeptPlan } from '../../../infra/plan/plan-stack';
import { readSealedPlan } from '../../../infra/plan/sealed-plan';
import type { TerraformAt } from '../../../infra/plan/terraform-run';
import { neededWords } from '../../../infra/plan/words';

const commit = '1'.repeat(40);

/** One environment as one machine has it: `cogni plan` and `cogni apply` over a stack without a provider. */
export class StateDesk {
  private readonly folder = mkdtempSync(join(tmpdir(), 'cogni-state-'));
  readonly at: TerraformAt;

  constructor(
    private readonly environment: string,
    private readonly backend: StateBackend,
    env: Readonly<Record<string, string | undefined>>,
  ) {
    const stack = join(this.folder, 'stack');
    mkdirSync(stack);
    this.at = { folder: stack, env: { ...env, TF_CLI_CONFIG_FILE: undefined } };
  }

  /**
   * @param value another one changes the one resource
   * @param command run while it is made, or changed
   */
  write(value: string, command = 'true'): void {
    const { type, attributes } = backendBlock(this.backend, stateKey(this.environment), (folder) =>
      resolve(this.folder, folder),
    );
    const configuration = {
      terraform: { backend: { [type]: attributes } },
      resource: {
        terraform_data: {
          it: { triggers_replace: value, provisioner: [{ 'local-exec': { command } }] },
        },
      },
      output: { value: { value } },
    };
    writeFileSync(join(this.at.folder, 'cdk.tf.json'), JSON.stringify(configuration));
  }

  /** A provisioner's command that waits until it is let go, and says the process that runs it. */
  get waiting(): string {
    const [begun, go] = ['begun', 'go'].map((name) => join(this.folder, name));
    return `echo $PPID > ${begun}.part && mv ${begun}.part ${begun}; while [ -d ${this.folder} ] && [ ! -e ${go} ]; do sleep 0.1; done`;
  }

  /** Process id of the Terraform that waits; undefined while it does not yet. */
  get waitingTerraform(): number | undefined {
    const begun = join(this.folder, 'begun');
    return existsSync(begun) ? Number(readFileSync(begun, 'utf8')) : undefined;
  }

  letGo(): void {
    writeFileSync(join(this.folder, 'go'), '');
  }

  async plan(): Promise<KeptPlan<ReviewedPlan>> {
    return planStack({
      environment: this.environment,
      stack: this.environment,
      at: this.at,
      keys: await this.keys(),
      checkout: { commit, dirty: false },
      madeBy: 'somebody',
      validFor: 60 * 60_000,
      file: () => this.kept,
      imports: [],
      preflight: () => Promise.resolve(),
      judge: this.judge,
      progress: silent,
    });
  }

  async apply({ judged, manifest }: KeptPlan<ReviewedPlan>): Promise<Applied> {
    const words = neededWords(judged, manifest.plan.sha256).map((word) => word.split(' '));
    const wordsOf = (option: string): readonly string[] =>
      words.flatMap(([name, word = '']) => (name === option ? [word] : []));
    return applyPlan({
      environment: this.environment,
      stack: this.environment,
      at: this.at,
      plan: readSealedPlan(this.kept),
      keys: await this.keys(),
      checkout: { commit, dirty: false },
      onlyCommitted: true,
      words: { wipe: wordsOf('--wipe'), reviewed: wordsOf('--reviewed')[0], withoutBackup: [] },
      backup: () => Promise.resolve({ kind: 'verified', description: 'nothing is lost here' }),
      judge: this.judge,
      preflight: () => Promise.resolve([]),
      leftBehind: () => Promise.resolve([]),
      notDone: () => Promise.resolve([]),
      onOutput: () => undefined,
      dryRun: false,
      progress: silent,
    });
  }

  /** Everything that is written on this machine, by name, and the plan file as it is when it is decrypted. */
  async written(): Promise<ReadonlyMap<string, string>> {
    const files = readdirSync(this.folder, { recursive: true, withFileTypes: true })
      .filter((each) => each.isFile())
      .map(({ parentPath, name }) => join(parentPath, name));
    const plan = await open(readSealedPlan(this.kept).sealed, (await this.keys()).identities);
    return new Map([
      ...files.map((file) => [file, readFileSync(file, 'latin1')] as const),
      ...unzipped(Buffer.from(plan)),
    ]);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get judge(): (facts: Parameters<ReturnType<typeof judgeHere>>[0]) => ReviewedPlan {
    return judgeHere({ environment: { name: this.environment }, commit });
  }

  private get kept(): string {
    return join(this.folder, 'kept.plan');
  }

  private keys = (): ReturnType<typeof planKeys> =>
    planKeys({ environment: this.environment, folder: join(this.folder, 'keys') });
}

/** The files of a ZIP archive (PKWARE's APPNOTE, 4.3), by way of its directory at the end. */
function unzipped(archive: Buffer): readonly (readonly [string, string])[] {
  const files: (readonly [string, string])[] = [];
  for (let at = archive.indexOf('PK\x01\x02', 0, 'latin1'); at >= 0;) {
    const [size, name, extra, comment] = [20, 28, 30, 32].map((offset) =>
      offset === 20 ? archive.readUInt32LE(at + offset) : archive.readUInt16LE(at + offset),
    ) as [number, number, number, number];
    const local = archive.readUInt32LE(at + 42);
    const data = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const bytes = archive.subarray(data, data + size);
    const content = archive.readUInt16LE(local + 8) === 8 ? inflateRawSync(bytes) : bytes;
    files.push([`plan:${archive.toString('latin1', at + 46, at + 46 + name)}`, content.toString('latin1')]);
    at = archive.indexOf('PK\x01\x02', at + 46 + name + extra + comment, 'latin1');
  }
  return files;
}
