import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { ExitCode, Failure } from '../../../../foundation/failure';
import {
  parseSealedPlan,
  readSealedPlan,
  renderSealedPlan,
  writeSealedPlan,
  type SealedPlan,
} from '../../../../infra/plan/sealed-plan';
import { signManifest } from '../../../../infra/plan/signature';
import { manifest, signer } from './samples';

const plan: SealedPlan = {
  manifest: manifest(),
  signature: signManifest(manifest(), signer()),
  sealed: '-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n',
};
const text = renderSealedPlan(plan);
const refusal = (content: string): Failure => {
  try {
    parseSealedPlan(content, 'x.plan');
  } catch (thrown) {
    return thrown as Failure;
  }
  throw new Error('it was taken');
};

describe('a kept plan', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sealed-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is read as it was written', () => {
    const path = join(folder, 'deep', 'x.plan');
    writeSealedPlan(path, plan);
    expect(readSealedPlan(path)).toEqual(plan);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each<[string, string, string]>([
    ['empty', '', 'it is empty'],
    ["Terraform's own file", 'PK\u0003\u0004', "it is Terraform's own plan file"],
    ['an age file alone', plan.sealed, 'it is an age file without a manifest'],
    ['something else', 'hello', 'it is no file of cogni plan'],
    ['other JSON', '{"kind": "x"}', 'it is no file of cogni plan'],
    ['a list', '[]', 'it is no file of cogni plan'],
    [
      'a manifest without a plan',
      JSON.stringify({ kind: 'cogni-plan', manifest: manifest() }),
      'it holds a manifest, but no plan',
    ],
    [
      'of a newer format',
      text.replace('"format": 1', '"format": 2'),
      'its format is 2; this checkout reads 1',
    ],
    ['without a signature', text.replace('"signature"', '"sig"'), 'it is not of the form'],
  ])('that is %s is refused, and says what it is', (_, content, why) => {
    const { what, exitCode } = refusal(content);
    expect([what.includes(why), exitCode]).toEqual([true, ExitCode.refused]);
  });

  it('that is cut off anywhere is refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: text.trimEnd().length - 1 }), (length) => {
        expect(refusal(text.slice(0, length))).toBeInstanceOf(Failure);
      }),
    );
  });

  it('that a plan in JSON was given for points to cogni review', () => {
    expect(refusal('{"format_version": "1.2"}').faults.join()).toContain('cogni review');
  });

  it('is not there at all when the disk is full', () => {
    const full = (): never => {
      throw new Error('ENOSPC: no space left on device, write');
    };
    expect(() => writeSealedPlan(join(folder, 'x.plan'), plan, full)).toThrow(
      /could not be kept .*no space left[\s\S]*nothing of the plan is left/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that is not there, or is a folder, is a fault of the command line', () => {
    for (const path of [join(folder, 'none'), folder])
      expect(() => readSealedPlan(path)).toThrow(/the plan cannot be read/);
  });

  it('with a manifest that is not one says every fault', () => {
    writeFileSync(
      join(folder, 'x'),
      text.replace('"clean": true', '"clean": "yes"').replace('"serial": 3', '"serial": -1'),
    );
    expect(() => readSealedPlan(join(folder, 'x'))).toThrow(/clean[\s\S]*serial|serial[\s\S]*clean/);
  });
});
