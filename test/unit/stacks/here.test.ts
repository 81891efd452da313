import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../../foundation/failure';
import { checkout } from '../../../infra/checkout';
import {
  environmentFolder,
  findEnvironment,
  outputFolder,
  surroundingsHere,
  warningsFor,
} from '../../../stacks/here';
import { ed25519 } from '../infra/keys';

describe('what surrounds the environments on this machine', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-here-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is no sandbox unless COGNI_SANDBOX says so', () => {
    expect(surroundingsHere({})).not.toHaveProperty('sandbox');
  });

  it('is the sandbox whose folder COGNI_SANDBOX names', () => {
    writeFileSync(join(folder, 'deploy.pub'), ed25519(3));
    const preview = {
      domain: 'preview.cogni.test',
      projectId: 1,
      deployKeyFile: join(folder, 'deploy.pub'),
      acmeDirectory: 'https://acme.cogni.test/acme/local/directory',
      imageLockFile: join(folder, 'images.lock.json'),
      imageRepository: 'ghcr.cogni.test/cogni/demo',
      stateFolder: join(folder, 'state'),
    };
    writeFileSync(join(folder, 'sandbox.json'), JSON.stringify({ version: 1, environments: { preview } }));
    expect(findEnvironment('preview', { COGNI_SANDBOX: folder })).toMatchObject({
      domain: 'preview.cogni.test',
      host: { projectId: 1, deployKey: { type: 'ssh-ed25519' } },
    });
  });

  it('is refused when that sandbox is not there', () => {
    const look = (): unknown => surroundingsHere({ COGNI_SANDBOX: folder });
    expect(look).toThrow(Failure);
    expect(look).toThrow(
      /there is no sandbox: .*sandbox\.json is missing[^]*next: {2}\.\/cogni sandbox up .*unset COGNI_SANDBOX/,
    );
  });

  it('keeps the local files of an environment in the checkout, or with the sandbox', () => {
    expect(environmentFolder('preview', {})).toBe(join(checkout, '.cogni', 'preview'));
    expect(environmentFolder('preview', { COGNI_SANDBOX: folder })).toBe(join(folder, 'preview'));
  });

  it('has what can be read of the settings file of an environment, and those of the living one for a rehearsal', () => {
    mkdirSync(join(folder, 'preview'));
    writeFileSync(join(folder, 'sandbox.json'), JSON.stringify({ version: 1, environments: {} }));
    writeFileSync(join(folder, 'preview', 'settings.env'), 'no line\nCHERRY_PROJECT_ID=77\n');
    const { settingsOf } = surroundingsHere({ COGNI_SANDBOX: folder });
    expect(settingsOf?.('preview')).toEqual({ CHERRY_PROJECT_ID: '77' });
    expect(settingsOf?.('preview-rehearsal')).toEqual({ CHERRY_PROJECT_ID: '77' });
    expect(settingsOf?.('production')).toEqual({});
    mkdirSync(join(folder, 'production', 'settings.env'), { recursive: true });
    expect(settingsOf?.('production')).toEqual({});
  });

  it('writes stacks where CDKTF looks for them', () => {
    expect(outputFolder({})).toBe(join(checkout, 'cdktf.out'));
    expect(outputFolder({ CDKTF_OUTPUT: 'x/out' })).toBe(join(checkout, 'x/out'));
    expect(outputFolder({ CDKTF_OUTPUT: 'x/out', CDKTF_OUTDIR: '/y/out' })).toBe('/y/out');
  });

  describe('warns before Terraform fails', () => {
    const path = (): string => {
      mkdirSync(join(folder, 'bin'), { recursive: true });
      writeFileSync(join(folder, 'bin', 'terraform'), '');
      return join(folder, 'bin');
    };

    it.each(['CHERRY_AUTH_TOKEN', 'CHERRY_AUTH_KEY'])(
      'of nothing when %s is set and Terraform is there',
      (name) => {
        expect(warningsFor({ PATH: path(), [name]: 'x' })).toEqual([]);
      },
    );

    it('of a missing token, with the two ways to get one', () => {
      expect(warningsFor({ PATH: path() })).toEqual([
        expect.stringMatching(
          /^no Cherry token: [^]*export CHERRY_AUTH_TOKEN=[^]*eval "\$\(\.\/cogni sandbox env\)"/,
        ),
      ]);
    });

    it('of a missing Terraform, with the oldest version that will do', () => {
      expect(warningsFor({ PATH: join(folder, 'none'), CHERRY_AUTH_TOKEN: 'x' })).toEqual([
        expect.stringMatching(/^no Terraform: "terraform" is not on PATH[^]*Terraform 1\.10\.0 or newer/),
      ]);
    });

    it('of a program that TERRAFORM_BINARY_NAME names and that is not there', () => {
      const variables = { PATH: path(), CHERRY_AUTH_TOKEN: 'x' };
      expect(warningsFor({ ...variables, TERRAFORM_BINARY_NAME: join(folder, 'bin', 'terraform') })).toEqual(
        [],
      );
      expect(warningsFor({ ...variables, TERRAFORM_BINARY_NAME: 'tofu' })).toEqual([
        expect.stringContaining('"tofu" is not on PATH'),
      ]);
    });
  });
});
