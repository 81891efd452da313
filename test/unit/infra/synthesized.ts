import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, TerraformStack } from 'cdktf';

/** A synthesized stack as Terraform reads it. */
export interface Document {
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  readonly data?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly provider?: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  readonly output?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly variable?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly terraform: Readonly<Record<string, unknown>>;
}

export interface Synthesized {
  readonly document: Document;
  readonly text: string;
  /** Construct paths of everything that Terraform knows, sorted. */
  readonly paths: readonly string[];
}

/** Builds stacks in an app of their own, synthesizes them, and gives them by their id. */
export function synthesized(build: (app: App) => unknown): ReadonlyMap<string, Synthesized> {
  const outdir = mkdtempSync(join(tmpdir(), 'cogni-synth-'));
  try {
    const app = new App({ outdir, stackTraces: false });
    build(app);
    app.synth();
    const stacks = app.node.children.filter((child) => TerraformStack.isStack(child));
    return new Map(
      stacks.map((stack) => {
        const text = readFileSync(join(outdir, 'stacks', stack.node.id, 'cdk.tf.json'), 'utf8');
        const paths = stack.node
          .findAll()
          .map((node) => node.node.path)
          .sort();
        return [stack.node.id, { document: JSON.parse(text) as Document, text, paths }];
      }),
    );
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** One resource of a document; the test fails when it is not there. */
export function resource(document: Document, type: string, name: string): Readonly<Record<string, unknown>> {
  const found = document.resource?.[type]?.[name];
  if (!found)
    throw new Error(`no ${type}.${name} among ${JSON.stringify(Object.keys(document.resource ?? {}))}`);
  return found;
}
