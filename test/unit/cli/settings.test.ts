import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkSettings } from '../../../cli/check-settings';
import {
  generateMissing,
  generationFor,
  generationText,
  missingFrom,
  writeNewSettings,
} from '../../../cli/generate-settings';
import { requireFreshDocuments, settingsDocuments, writeDocuments } from '../../../cli/settings-documents';
import { isForOthers, oneSource, readSource, settingsSource } from '../../../cli/settings-source';
import type { Failure } from '../../../foundation/failure';
import { parseDotEnv, renderExampleFile, settingNames } from '../../../services';
import { deploySettings } from '../services/example';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-settings-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (text: string): string => {
  const file = join(folder, 'settings.env');
  writeFileSync(file, text);
  return file;
};

/** The block with these variables in the process, and the former ones after it. */
function withVariables<Result>(
  variables: Readonly<Record<string, string | undefined>>,
  block: () => Result,
): Result {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  for (const [name, value] of Object.entries(variables))
    if (value === undefined) Reflect.deleteProperty(process.env, name);
  const restore = (): void => {
    for (const name of Object.keys(variables)) Reflect.deleteProperty(process.env, name);
    Object.assign(process.env, before);
  };
  try {
    const result = block();
    if (result instanceof Promise) return result.finally(restore) as Result;
    restore();
    return result;
  } catch (thrown) {
    restore();
    throw thrown;
  }
}

describe('the documents of the catalogue', () => {
  it('are committed as they are made today', () => {
    expect(() => requireFreshDocuments()).not.toThrow();
  });

  it('are written where they are missing or stale, and only there', () => {
    const paths = settingsDocuments().map(([path]) => path);
    expect(writeDocuments(folder)).toEqual(paths);
    expect(writeDocuments(folder)).toEqual([]);
    writeFileSync(join(folder, '.env.example'), 'stale');
    expect(() => requireFreshDocuments(folder)).toThrow(
      /do not say[^]*- \.env\.example\n[^]*\.\/cogni settings docs/,
    );
    expect(writeDocuments(folder)).toEqual(['.env.example']);
  });
});

/** A sandbox's part of an environment. */
const played = {
  domain: 'preview.cogni.test',
  projectId: 1,
  deployKeyFile: 'keys/preview.pub',
  acmeDirectory: 'https://acme.cogni.test/directory',
  imageLockFile: 'images.lock.json',
  imageRepository: 'ghcr.cogni.test/cogni/app',
  stateFolder: 'state',
};

const unset = Object.fromEntries(settingNames.map((name) => [name, undefined]));

/** A sandbox in which the settings file of preview holds this, for its owner alone. */
function sandboxWith(text: string | undefined): {
  readonly file: string;
  /** What a block gives there, with these settings in the shell and no others. */
  on<Result>(variables: Readonly<Record<string, string>>, block: () => Result): Result;
} {
  const sandbox = join(folder, 'sandbox');
  mkdirSync(join(sandbox, 'preview'), { recursive: true });
  writeFileSync(
    join(sandbox, 'sandbox.json'),
    JSON.stringify({ version: 1, environments: { preview: played } }),
  );
  const file = join(sandbox, 'preview', 'settings.env');
  if (text !== undefined) writeFileSync(file, text, { mode: 0o600 });
  return {
    file,
    on: (variables, block) => withVariables({ ...unset, COGNI_SANDBOX: sandbox, ...variables }, block),
  };
}

describe('generating settings', () => {
  it('makes what is missing, and leaves out what is there', () => {
    const names = missingFrom({ AUTH_SECRET: 'there' }).map(([name]) => name);
    expect(names).toContain('APP_DB_PASSWORD');
    expect(names).not.toContain('AUTH_SECRET');
  });

  it('takes an empty line for a setting that is missing, and fills it in where it stands', async () => {
    const { file, on } = sandboxWith('# mine\nAUTH_SECRET=\nAPP_DB_USER=cogni_app\n');
    const { made } = await on({}, () => generateMissing('preview'));
    expect(made).toContain('AUTH_SECRET');
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines.slice(0, 3)).toEqual([
      '# mine',
      expect.stringMatching(/^AUTH_SECRET=\w{32,}$/),
      'APP_DB_USER=cogni_app',
    ]);
    expect(parseDotEnv(lines.join('\n'), file)).toHaveProperty('APP_DB_PASSWORD');
    expect((await on({}, () => generateMissing('preview'))).made).toEqual([]);
  });

  it('makes no second value of what the shell has, and just what a dry run says', async () => {
    const { file, on } = sandboxWith('APP_DB_PASSWORD=of-the-file-0123456789\n');
    const shell = { AUTH_SECRET: 'of-the-shell', APP_DB_PASSWORD: 'of-the-shell' };
    const dry = on(shell, () => generationFor('preview'));
    const { made, inShell } = await on(shell, () => generateMissing('preview'));
    expect(made).toEqual(dry.missing.map(([name]) => name));
    expect(inShell).toEqual(dry.inShell);
    expect(inShell).toEqual(['AUTH_SECRET']);
    const there = parseDotEnv(readFileSync(file, 'utf8'), file);
    expect(Object.keys(there)).toEqual(['APP_DB_PASSWORD', ...made]);
    expect(there['APP_DB_PASSWORD']).toBe('of-the-file-0123456789');
    expect(generationText('made', inShell)).toMatch(/left to this shell, which has them.*: AUTH_SECRET$/);
  });

  it('loses nothing where two runs are at it at once', async () => {
    const { file, on } = sandboxWith(undefined);
    const runs = on({}, () => Promise.all([generateMissing('preview'), generateMissing('preview')]));
    const made = (await runs).map((each) => each.made.length);
    expect(Math.min(...made)).toBe(0);
    expect(Object.keys(parseDotEnv(readFileSync(file, 'utf8'), file))).toHaveLength(Math.max(...made));
  });

  it('takes a file away from everybody but its owner, whether or not it had to add something', async () => {
    const { file, on } = sandboxWith('AUTH_SECRET=\n');
    for (const more of ['made', 'nothing']) {
      chmodSync(file, 0o644);
      await on({}, () => generateMissing('preview'));
      expect({ more, mode: statSync(file).mode & 0o777 }).toEqual({ more, mode: 0o600 });
    }
  });

  it('writes a new file for its owner alone, and never over another', () => {
    const file = join(folder, 'deep', 'new.env');
    writeNewSettings(file, missingFrom({}));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const before = readFileSync(file, 'utf8');
    expect(parseDotEnv(before, file)).toHaveProperty('AUTH_SECRET');
    expect(() => writeNewSettings(file, missingFrom({}))).toThrow(
      'is there already, and is never overwritten',
    );
    expect(readFileSync(file, 'utf8')).toBe(before);
  });
});

describe('a new file of settings that cannot be written to its end', () => {
  it('is not there at all, so that the next run makes it', () => {
    const file = join(folder, 'new.env');
    // Nothing that could be written: what fails comes after the name was chosen.
    expect(() => writeNewSettings(file, undefined as never)).toThrow();
    expect(readdirSync(folder)).toEqual([]);
    writeNewSettings(file, missingFrom({}));
    expect(readdirSync(folder)).toEqual(['new.env']);
  });
});

describe('checking settings', () => {
  it('tells everything that the services of the environment lack, before keys, digests and an account are there', () => {
    const file = join(folder, 'new.env');
    writeNewSettings(file, missingFrom({}));
    const check = (): unknown => withVariables(unset, () => checkSettings('preview', file));
    expect(check).toThrow(/the settings of preview cannot be used to provision and deploy: \d+ faults/);
    for (const fault of [
      'CHERRY_AUTH_TOKEN is missing, and so is CHERRY_AUTH_KEY',
      'CHERRY_PROJECT_ID is missing: Number of the Cherry project',
      'GHCR_DEPLOY_TOKEN is missing',
      'OPENROUTER_API_KEY is missing',
      'GRAFANA_CLOUD_LOKI_URL is missing',
      'PROMETHEUS_PASSWORD is missing',
      'DOMAIN is still a placeholder: put the real value there, in stacks/environments.ts',
    ]) {
      expect(check).toThrow(fault);
    }
    expect(check).not.toThrow('is not ready');
  });

  it('asks a job that deploys for nothing that rents a host', () => {
    const file = join(folder, 'new.env');
    writeNewSettings(file, missingFrom({}));
    const check = (): unknown => withVariables(unset, () => checkSettings('preview', file, 'deploy'));
    expect(check).toThrow(/the settings of preview cannot be used to deploy: \d+ faults/);
    expect(check).toThrow('GHCR_DEPLOY_TOKEN is missing');
    expect(check).not.toThrow('CHERRY');
  });

  it('tells the lines that cannot be read together with everything else, each setting once', () => {
    const file = write(['no line', "AUTH_SECRET='a'b'", 'APP_DB_USER=', 'LOOK_AWAY=1', ''].join('\n'));
    const check = (): unknown => withVariables(unset, () => checkSettings('preview', file, 'deploy'));
    expect(check).toThrow(`${file}, line 1 is not NAME=value`);
    expect(check).toThrow(`${file}, line 2: AUTH_SECRET is not quoted in a way that all readers take alike`);
    expect(check).not.toThrow('AUTH_SECRET is missing');
    expect(check).toThrow('APP_DB_USER is empty');
    expect(check).toThrow('LOOK_AWAY is no setting');
    expect(check).toThrow('GHCR_DEPLOY_TOKEN is missing');
    expect(() => withVariables(unset, () => settingsSource('preview', file))).toThrow(
      /cannot be read as an \.env file[^]*line 1 is not[^]*line 2: AUTH_SECRET is not/,
    );
  });

  it('shows nothing of a secret that was pasted over several lines, and so reads as a name', () => {
    const file = write(
      [
        "AUTH_SECRET='planted",
        'plantedplanted=',
        "planted2='",
        'planted3==',
        'JBSWY3DPEHPK3PXPJBSWY3DP=',
        'OLD_NAME=x',
        '',
      ].join('\n'),
    );
    const check = (): unknown => withVariables(unset, () => checkSettings('preview', file, 'deploy'));
    expect(check).toThrow('line 2 is no setting: see ./cogni settings list');
    expect(check).toThrow('line 3 is not quoted');
    expect(check).toThrow('line 5 is no setting');
    expect(check).toThrow('OLD_NAME is no setting');
    expect(check).not.toThrow('planted');
    expect(check).not.toThrow('JBSWY3DP');
  });

  it('has nothing to say of a copy of .env.example that was filled in', async () => {
    const { file, on } = sandboxWith(renderExampleFile());
    await on({}, () => generateMissing('preview'));
    const values: Readonly<Record<string, string>> = {
      ...deploySettings,
      CHERRY_PROJECT_ID: '4242',
      OPENROUTER_API_KEY: 'sk-or-0123456789',
      GHCR_DEPLOY_TOKEN: 'ghp_0123456789',
    };
    const filled = readFileSync(file, 'utf8').replace(
      /^(\w+)=$/gm,
      (line, name: string) => `${line}${values[name] ?? ''}`,
    );
    writeFileSync(file, filled);
    const shell = { CHERRY_AUTH_TOKEN: 'cherry-token-0123', CHERRY_PROJECT_ID: '4242' };
    expect(on(shell, () => checkSettings('preview', undefined)).overruled).toEqual([]);
  });

  it('tells what is missing for one purpose and empty in the file once', () => {
    const { on } = sandboxWith('CHERRY_AUTH_TOKEN=\n');
    const faults = on({}, () => {
      try {
        return checkSettings('preview', undefined);
      } catch (thrown) {
        return (thrown as Failure).faults;
      }
    });
    expect(faults).toContainEqual(
      expect.stringMatching(/^CHERRY_AUTH_TOKEN is missing, and so is CHERRY_AUTH_KEY: /),
    );
    expect(JSON.stringify(faults).match(/CHERRY_AUTH_TOKEN is/g)).toHaveLength(1);
  });

  it('says that the shell sets something otherwise than the file, complete or not, and no value', () => {
    const { on } = sandboxWith('CHERRY_AUTH_TOKEN=planted-of-file\nAPP_DB_USER=cogni_app\n');
    const shell = { CHERRY_AUTH_TOKEN: 'planted-of-shell', APP_DB_USER: 'cogni_app' };
    const { overruled } = on(shell, () => checkSettings('preview', undefined, 'provision'));
    expect(overruled).toEqual(['CHERRY_AUTH_TOKEN']);
    const check = (): unknown => on(shell, () => checkSettings('preview', undefined));
    expect(check).toThrow(
      "this shell sets CHERRY_AUTH_TOKEN otherwise than the environment's file, and commands take the shell's",
    );
    expect(check).not.toThrow('planted');
    // The token has two names, and is one.
    const otherwise = { CHERRY_AUTH_KEY: 'planted-of-shell', APP_DB_USER: 'cogni_app' };
    expect(on(otherwise, () => checkSettings('preview', undefined, 'provision')).overruled).toEqual([
      'CHERRY_AUTH_TOKEN',
    ]);
    const same = { CHERRY_AUTH_KEY: 'planted-of-file', APP_DB_USER: 'cogni_app' };
    expect(on(same, () => checkSettings('preview', undefined, 'provision')).overruled).toEqual([]);
  });

  it("finds that others may read the environment's own file, and leaves one that was named to whoever named it", () => {
    const text = 'CHERRY_AUTH_TOKEN=cherry-token-0123\nCHERRY_PROJECT_ID=4242\n';
    const { file, on } = sandboxWith(text);
    const shell = { CHERRY_AUTH_TOKEN: 'cherry-token-0123', CHERRY_PROJECT_ID: '4242' };
    const check = (from?: string) => (): unknown =>
      on(shell, () => checkSettings('preview', from, 'provision'));
    chmodSync(file, 0o640);
    expect(check()).toThrow(`${file} may be read or written by others than its owner: chmod 600 ${file}`);
    expect(check(file)).not.toThrow();
    chmodSync(file, 0o600);
    expect(check()).not.toThrow();
    expect(isForOthers('/dev/null')).toBe(false);
  });

  it('tells what is wrong with the first of two lines that set the same', () => {
    const file = write(
      'CHERRY_PROJECT_ID=four\nCHERRY_PROJECT_ID=4242\nCHERRY_AUTH_TOKEN=cherry-token-0123\n',
    );
    const check = (): unknown => withVariables(unset, () => checkSettings('preview', file, 'provision'));
    expect(check).toThrow('line 2: CHERRY_PROJECT_ID is there twice');
    expect(check).toThrow('CHERRY_PROJECT_ID is not a whole number');
  });

  it('asks for one purpose alone, and refuses one that the environment has not', () => {
    const complete = { ...unset, CHERRY_PROJECT_ID: '4242', CHERRY_AUTH_KEY: 'cherry-key-0123' };
    expect(withVariables(complete, () => checkSettings('preview', 'environment', 'provision'))).toEqual({
      purposes: ['provision'],
      complete: ['CHERRY_AUTH_KEY', 'CHERRY_PROJECT_ID'],
      overruled: [],
    });
    const check = (): unknown =>
      withVariables(complete, () => checkSettings('preview', 'environment', 'sourcecred'));
    expect(check).toThrow(/nobody will run SourceCred for preview[^]*\(for provision and deploy\)/);
  });

  it('takes nothing to provision with from the usual file, which Terraform does not read', () => {
    const { on } = sandboxWith("CHERRY_AUTH_TOKEN='p1anted-token'\n");
    const check = (variables: Readonly<Record<string, string>>) => (): unknown =>
      on(variables, () => checkSettings('preview', undefined, 'provision'));
    expect(check({})).toThrow(
      'CHERRY_AUTH_TOKEN stands in the file alone, and cdktf reads the variables of this shell: export it',
    );
    expect(check({})).not.toThrow('p1anted');
    // The record of a sandbox has the number of its project.
    expect(check({ CHERRY_AUTH_TOKEN: 'p1anted-token' })()).toMatchObject({
      complete: ['CHERRY_AUTH_TOKEN', 'CHERRY_PROJECT_ID'],
    });
  });
});

describe('reading settings from somewhere', () => {
  it('takes a named file before the variables of the shell', () => {
    const file = write('APP_DB_USER=of_file\n');
    const { settings, file: alone } = withVariables({ APP_DB_USER: 'of_shell', APP_DB_NAME: 'cogni' }, () =>
      readSource('preview', file),
    );
    expect(settings).toMatchObject({ APP_DB_USER: 'of_file', APP_DB_NAME: 'cogni' });
    expect(alone.values).toEqual({ APP_DB_USER: 'of_file' });
  });

  it('takes the shell alone when told so', () => {
    const source = withVariables({ APP_DB_USER: 'of_shell' }, () => readSource('preview', 'environment'));
    expect(source.settings['APP_DB_USER']).toBe('of_shell');
    expect(source.file.values).toEqual({});
  });

  it('takes an empty setting for an absent one in GitHub Actions, and nowhere else', () => {
    const read = (actions: string | undefined) =>
      withVariables(
        { GITHUB_ACTIONS: actions, METRICS_TOKEN: '' },
        () => oneSource('environment')['METRICS_TOKEN'],
      );
    expect(read('true')).toBeUndefined();
    expect(read(undefined)).toBe('');
  });

  it('says which file is not there', () => {
    expect(() => readSource('preview', join(folder, 'none.env'))).toThrow('there is no settings file');
  });

  it('says that a folder is none, and what to name instead', () => {
    expect(() => readSource('preview', folder)).toThrow(
      `the settings cannot be read from ${folder}: it is a folder`,
    );
    expect(() => oneSource(folder)).toThrow(/next: +name a file that is there, - for standard input/);
  });

  it('refuses a file that is not in UTF-8, in which a value would be another one', () => {
    const file = join(folder, 'latin1.env');
    writeFileSync(file, Buffer.from("ALERT='gr\xfcn'\n", 'latin1'));
    expect(() => readSource('preview', file)).toThrow(`from ${file}: it is no text in UTF-8`);
    writeFileSync(file, '\uFEFFAPP_DB_USER=cogni_app\n');
    expect(readSource('preview', file).file.values).toEqual({ APP_DB_USER: 'cogni_app' });
  });
});
