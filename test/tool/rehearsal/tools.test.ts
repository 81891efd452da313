import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, type Output } from '../../../foundation/process';
import { GhDouble, writeDockerProgram } from '../../rehearsal/tools';

describe('a program that stands in front of the real one', () => {
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'cogni-programs-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const call = (argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Output> => {
    const [program = '', ...words] = argv;
    return run({ argv: [join(folder, program), ...words], env, deadline: 10_000 });
  };

  describe('of docker', () => {
    beforeEach(() => {
      const real = join(folder, 'real');
      writeFileSync(real, '#!/bin/sh\necho "$@"\n', { mode: 0o755 });
      writeDockerProgram(folder, { docker: real, registry: 'ghcr.cogni.test', port: 5001 });
    });

    it('logs in and pushes by the port where the engine reaches the registry, and leaves no name behind', async () => {
      const login = await call(['docker', 'login', '--username', 'x', '--password-stdin', 'ghcr.cogni.test']);
      expect(login.stdout).toBe('login --username x --password-stdin 127.0.0.1:5001\n');
      const pushed = await call(['docker', 'push', '--quiet', 'ghcr.cogni.test/cogni/app:v1']);
      expect(pushed.stdout.split('\n')).toEqual([
        'tag ghcr.cogni.test/cogni/app:v1 127.0.0.1:5001/cogni/app:v1',
        'push --quiet 127.0.0.1:5001/cogni/app:v1',
        '',
      ]);
      expect(pushed.code).toBe(0);
    });

    it('hands on all else as it is, and pushes nowhere else', async () => {
      expect((await call(['docker', 'build', '--tag', 'a b', '.'])).stdout).toBe('build --tag a b .\n');
      expect(await call(['docker', 'push', 'ghcr.io/a/b:v1'])).toMatchObject({ code: 1, stdout: '' });
      expect(await call(['docker', 'login', 'ghcr.io'])).toMatchObject({ code: 1, stdout: '' });
    });
  });

  describe('of gh', () => {
    const start = ['gh', 'workflow', 'run', 'deploy.yml', '--ref', 'main', '--field', 'commit=a=b'];
    const env = { GH_TOKEN: 'may-start', GH_REPO: 'owner/name' };

    it('writes down which workflow was started, once', async () => {
      const gh = new GhDouble(folder, 'may-start', 'owner/name');
      expect(gh.taken()).toEqual([]);
      expect(await call(start, env)).toMatchObject({ code: 0 });
      expect(gh.taken()).toEqual([{ file: 'deploy.yml', branch: 'main', inputs: { commit: 'a=b' } }]);
      expect(gh.taken()).toEqual([]);
    });

    it.each([
      ['another token', start, { ...env, GH_TOKEN: 'may-read' }, /403/],
      ['another repository', start, { ...env, GH_REPO: 'owner/other' }, /404/],
      ['anything else', ['gh', 'pr', 'list'], env, /played for "workflow run <file>" alone/],
      ['another option', [...start, '--json', 'x'], env, /unknown flag: --json/],
      ['no branch', start.slice(0, 4), env, /no branch/],
    ])('refuses %s', async (_what, argv, variables, says) => {
      const gh = new GhDouble(folder, 'may-start', 'owner/name');
      const { code, stderr } = await call(argv, variables);
      expect([code, stderr]).toEqual([1, expect.stringMatching(says)]);
      expect(gh.taken()).toEqual([]);
    });
  });
});
