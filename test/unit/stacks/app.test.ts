import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../../foundation/failure';
import { synthesize, type AppProps, type SynthesizedStack } from '../../../stacks/app';
import type { EnvironmentRecord } from '../../../stacks/environment';
import { examineEnvironments, type Surroundings } from '../../../stacks/load';
import type { Document } from '../infra/synthesized';
import { otherRecord, record, surroundings } from './example';

interface Result {
  readonly stacks: readonly SynthesizedStack[];
  /** Text of each synthesized file, by path below the output folder. */
  readonly files: Readonly<Record<string, string>>;
  readonly document: (stack: string) => Document;
  /** Texts of a stack's warnings. */
  readonly warnings: (stack: string) => readonly string[];
}

describe('the CDKTF app', () => {
  let temporary: string;
  beforeEach(() => {
    temporary = mkdtempSync(join(tmpdir(), 'cogni-app-'));
  });
  afterEach(() => rmSync(temporary, { recursive: true }));

  /** Synthesizes in a checkout of that name. */
  function synth(
    records: readonly EnvironmentRecord[],
    more: Partial<AppProps> = {},
    around: Partial<Surroundings> = {},
    name = 'checkout',
  ): Result {
    const checkout = join(temporary, name);
    const outputFolder = join(checkout, 'cdktf.out');
    mkdirSync(outputFolder, { recursive: true });
    const known = surroundings(around);
    const here = {
      ...known,
      checkout,
      readFile: (path: string) => known.readFile(path.replace(checkout, '/checkout')),
    };
    const stacks = synthesize({
      outputFolder,
      examined: examineEnvironments(records, here),
      surroundings: here,
      userData: ({ domain }) => `#cloud-config\n# ${domain}\nwrite_files:\n`,
      environmentFolder: (environment) => join(checkout, '.cogni', environment),
      warnings: [],
      ...more,
    });
    const files = Object.fromEntries(
      readdirSync(outputFolder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => {
          const path = join(entry.parentPath, entry.name);
          return [path.slice(outputFolder.length + 1), readFileSync(path, 'utf8')];
        }),
    );
    const manifest = JSON.parse(files['manifest.json']!) as {
      stacks: Record<string, { annotations: { level: string; message: string }[] }>;
    };
    return {
      stacks,
      files,
      document: (stack) => JSON.parse(files[`stacks/${stack}/cdk.tf.json`]!) as Document,
      warnings: (stack) =>
        manifest.stacks[stack]!.annotations.map(({ level, message }) => {
          expect(level).toBe('@cdktf/warn');
          return message;
        }),
    };
  }

  it('has a stack for each host, and one for each floating address', () => {
    expect(synth([record(), otherRecord()]).stacks.map(({ id, kind }) => [id, kind])).toEqual([
      ['preview', 'host'],
      ['production-address', 'address'],
      ['production', 'host'],
    ]);
  });

  it('has no stack for a host that exists already', () => {
    const host = { kind: 'existing', name: 'staging-cogni', address: '203.0.113.7' } as const;
    const { stacks, files } = synth([record(), otherRecord({ host })]);
    expect(stacks.map(({ id }) => id)).toEqual(['preview']);
    expect(files).not.toHaveProperty(['stacks/production/cdk.tf.json']);
  });

  it('keeps the states of all stacks apart', () => {
    const { stacks, document } = synth([record(), otherRecord()]);
    expect(stacks.map(({ id }) => document(id).terraform['backend'])).toEqual(
      ['preview', 'production-address', 'production'].map((id) => ({
        local: { path: `../../../.cogni/state/cherry-base-${id}.tfstate` },
      })),
    );
  });

  it('lets Terraform delete neither host nor address of a protected environment', () => {
    const { document } = synth([record(), otherRecord()]);
    const lifecycleOf = (stack: string, type: string, name: string): unknown =>
      document(stack).resource![type]![name]!['lifecycle'];
    expect(lifecycleOf('production', 'cherryservers_server', 'host')).toHaveProperty('prevent_destroy', true);
    expect(lifecycleOf('production-address', 'cherryservers_ip', 'floating_address')).toHaveProperty(
      'prevent_destroy',
      true,
    );
    expect(lifecycleOf('preview', 'cherryservers_server', 'host')).not.toHaveProperty('prevent_destroy');
  });

  it('leads from the folder of a stack to the launcher and the pin', () => {
    const text = synth([record()]).files['stacks/preview/cdk.tf.json'];
    expect(text).toContain('"../../../cogni"');
    expect(text).toContain('/../../../.cogni/preview/known_hosts$');
  });

  it('follows a sandbox to where it keeps state and pins', () => {
    const sandbox = join(temporary, 'checkout', '.cogni', 'sandbox');
    const { files } = synth([record({ state: { kind: 'local', folder: join(sandbox, 'state') } })], {
      environmentFolder: (environment) => join(sandbox, environment),
    });
    const text = files['stacks/preview/cdk.tf.json'];
    expect(text).toContain('"../../../.cogni/sandbox/state/cherry-base-preview.tfstate"');
    expect(text).toContain('/../../../.cogni/sandbox/preview/known_hosts$');
  });

  it('gives the same bytes on every run, in every folder, and whatever else the environment holds', () => {
    const records = [record(), otherRecord()];
    const one = synth(records);
    const again = synth(records);
    const variables = { ZZZ: '1', CHERRY_PROJECT_ID: '4242', AAA: '2', HOME: '/elsewhere' };
    const elsewhere = synth(records, {}, { variables }, 'another-folder');
    expect(again.files).toEqual(one.files);
    expect(elsewhere.files).toEqual(one.files);
    expect(JSON.stringify(one.files)).not.toContain(temporary);
  });

  it('says once, on a stack that Terraform could work on, what will make it fail', () => {
    const props = { warnings: ['no Cherry token'] };
    const { warnings } = synth([record({ domain: 'example.org' }), otherRecord()], props);
    expect(warnings('preview')).toEqual([expect.stringContaining('preview is not ready')]);
    expect(warnings('production-address')).toEqual(['no Cherry token']);
    expect(warnings('production')).toEqual([]);
  });

  describe('with an environment that has faults', () => {
    const records = [record(), otherRecord({ domain: 'example.org' })];

    it('has the stacks of the others as ever', () => {
      expect(synth(records).files['stacks/preview/cdk.tf.json']).toBe(
        synth([record(), otherRecord()], {}, {}, 'sound').files['stacks/preview/cdk.tf.json'],
      );
    });

    it('has refused stacks in place of its own, host and address alike', () => {
      const { stacks, document } = synth(records);
      expect(stacks.map(({ id, kind }) => [id, kind])).toEqual([
        ['preview', 'host'],
        ['production-address', 'refused'],
        ['production', 'refused'],
      ]);
      expect(document('production').resource).toBeUndefined();
      expect(document('production-address').resource).toBeUndefined();
    });

    it('says so once, as a warning', () => {
      const { warnings } = synth(records);
      expect(warnings('production')).toEqual([
        expect.stringMatching(
          /^production is not ready: one thing is wrong with it\n {2}- .*is a placeholder/,
        ),
      ]);
      expect(warnings('production-address')).toEqual([]);
      expect(warnings('preview')).toEqual([]);
    });

    it('refuses in the same way what cannot be rendered', () => {
      const { stacks, warnings } = synth([record(), otherRecord()], {
        userData: ({ name }) => {
          if (name === 'preview') return '#cloud-config\nwrite_files:\n';
          throw new Failure({
            what: 'user-data of 17000 bytes is over the limit of 16384',
            next: 'make it smaller',
          });
        },
      });
      expect(stacks.map(({ id, kind }) => [id, kind])).toEqual([
        ['preview', 'host'],
        ['production-address', 'refused'],
        ['production', 'refused'],
      ]);
      expect(warnings('production')).toEqual([
        expect.stringMatching(/over the limit[^]*next: {2}make it smaller/),
      ]);
    });
  });

  it('does not hide a fault of its own', () => {
    const userData = (): string => {
      throw new TypeError('undefined is not a function');
    };
    expect(() => synth([record()], { userData })).toThrow(TypeError);
  });
});
