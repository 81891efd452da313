import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { run, type Output } from '../../../foundation/process';
import { providerLockFaults } from '../../../infra/provider-lock';
import { settingsDocuments, setupEnvironments } from '../../../cli/settings-documents';
import { imageNames, parseImageLock } from '../../../services';
import { commandsOf, commandsRun } from '../../setup-page';

const checkout = resolve(__dirname, '..', '..', '..');
const digest = `sha256:${'ab'.repeat(32)}`;

/** In place of the registries, for whatever program of Node: it lets nobody in without a token, and keeps what it was asked. */
const registries = (asked: string): string => `
const { appendFileSync } = require('node:fs');
globalThis.fetch = async (url, { headers }) => {
  appendFileSync(${JSON.stringify(asked)}, url + '\\n');
  if (url.includes('/token')) return Response.json({ token: 'anonymous' });
  const challenge = 'Bearer realm="https://auth.registry.test/token",service="registry.test"';
  return headers.authorization === 'Bearer anonymous'
    ? new Response(null, { headers: { 'docker-content-digest': '${digest}' } })
    : new Response(null, { status: 401, headers: { 'www-authenticate': challenge } });
};`;

const block = (address: string, version: string): string =>
  `provider "${address}" {\n  version = "${version}"\n  hashes = ["h1:${'a'.repeat(43)}="]\n}\n`;

/** In place of Terraform, which would ask its registry: it writes hashes for what the configuration there requires. */
const terraform = `#!/bin/sh
case "$1 $2" in
  'version -json') echo '{"terraform_version":"1.11.4"}' ;;
  'providers lock')
    test -s main.tf.json || exit 1
    echo "$@" >"$(dirname "$0")/words"
    cp "$(dirname "$0")/lock.hcl" .terraform.lock.hcl
    ;;
  *) exit 1 ;;
esac
`;

/** The copy with the real names in it, which a person writes. */
const named = (text: string): string =>
  setupEnvironments().reduce(
    (changed, { name, domain }) => changed.replaceAll(`'${domain}'`, `'${name}.cogni.test'`),
    text,
  );

/**
 * What docs/setup.md has people put into the repository: its commands that make the records' documents, the locks and the public keys part
 * of it, as they stand there and in their order, in a copy of the checkout. What answers in place of the registries is a double: no test
 * asks the real ones. GitHub is a bare repository.
 */
describe('what docs/setup.md commits', () => {
  const environments = setupEnvironments();
  const parts = [
    'Accounts, once',
    ...environments.map(({ name }) => name.replace(/^./, (first) => first.toUpperCase())),
  ];
  // As often as they stand there: each part pushes.
  const lines = parts.flatMap((part) => commandsOf(part, 'in a copy of the checkout'));
  let folder: string;
  let doubles: string;

  const shell = (line: string): Promise<Output> =>
    run({
      argv: ['bash', '-euc', line],
      cwd: folder,
      env: {
        NODE_OPTIONS: `--require=${join(doubles, 'registries.js')}`,
        PATH: [doubles, process.env['PATH']].join(delimiter),
        TERRAFORM_BINARY_NAME: undefined,
        NO_COLOR: '1',
        ...Object.fromEntries(
          ['AUTHOR', 'COMMITTER'].flatMap((who) => [
            [`GIT_${who}_NAME`, 'somebody'],
            [`GIT_${who}_EMAIL`, 'somebody@cogni.test'],
          ]),
        ),
      },
      deadline: 60_000,
    });

  /** A change of what is compiled, in the sources and as the compiler would leave it: the copy has no sources to compile. */
  const change = (path: string, to: (text: string) => string): void => {
    for (const each of [path, join('dist', path.replace(/ts$/, 'js'))]) {
      const before = readFileSync(join(folder, each), 'utf8');
      writeFileSync(join(folder, each), to(before));
      expect(readFileSync(join(folder, each), 'utf8')).not.toBe(before);
    }
    built();
  };
  const built = (): void => utimesSync(join(folder, 'dist', '.built'), new Date(), new Date());

  beforeAll(async () => {
    const root = mkdtempSync(join(tmpdir(), 'cogni-commits-'));
    [folder, doubles] = [join(root, 'checkout'), join(root, 'doubles')];
    mkdirSync(doubles, { recursive: true });
    const program = ['cogni', 'scripts/ensure-built.sh', 'package.json', 'package-lock.json', 'cdktf.json'];
    const locks = ['services/images.lock.json', 'infra/locks/providers.lock.hcl'];
    const records = ['stacks/environments.ts', '.github', ...settingsDocuments().map(([path]) => path)];
    for (const path of [...program, ...locks, ...records, '.gitignore', 'dist']) {
      if (!existsSync(join(checkout, path))) continue;
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      cpSync(join(checkout, path), join(folder, path), { recursive: true, preserveTimestamps: true });
    }
    symlinkSync(join(checkout, 'node_modules'), join(folder, 'node_modules'));
    mkdirSync(join(folder, 'keys'));
    // The copy is as built as the checkout is: nothing is to be installed or compiled through the link.
    utimesSync(join(folder, 'package-lock.json'), 0, 0);
    built();
    writeFileSync(join(doubles, 'registries.js'), registries(join(doubles, 'asked')));
    writeFileSync(join(doubles, 'terraform'), terraform, { mode: 0o755 });
    const providers = [
      block('registry.terraform.io/cherryservers/cherryservers', '1.5.3'),
      block('registry.terraform.io/hashicorp/null', '3.2.4'),
    ];
    writeFileSync(join(doubles, 'lock.hcl'), providers.join('\n'));
    const begun = await shell(
      [
        'git init -q --bare ../github',
        'git init -q .',
        // A link is no folder to .gitignore.
        'echo node_modules >>.git/info/exclude',
        'git add . && git commit -qm begin',
        'git remote add origin ../github && git push -qu origin HEAD',
      ].join('\n'),
    );
    expect(begun).toMatchObject({ code: 0 });
    change('stacks/environments.ts', named);
  });
  afterAll(() => rmSync(dirname(folder), { recursive: true, force: true }));

  it('is every command of that kind on the page', () => {
    expect([...new Set(lines)]).toEqual(commandsRun('in a copy of the checkout'));
  });

  it.each(lines.map((line, at) => [`${at + 1}. ${line}`, line]))(
    'comes from a command that works as it stands: %s',
    async (_, line) => {
      const key = /^git add (keys\/\S+)$/.exec(line)?.[1];
      // The commands before it leave it there (setup.test.ts runs those).
      if (key !== undefined) writeFileSync(join(folder, key), `ssh-ed25519 AAAA ${key}\n`);
      const { code, stderr } = await shell(line);
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
      // A lock is among the sources: the next command would compile, which the copy has nothing for.
      built();
    },
  );

  it('is a digest for each image, and hashes for each provider', () => {
    const images = parseImageLock(readFileSync(join(folder, 'services/images.lock.json'), 'utf8'), 'copy');
    for (const name of imageNames) expect(images[name].digest).toBe(digest);
    const asked = readFileSync(join(doubles, 'asked'), 'utf8');
    expect(asked).toContain(`/v2/library/caddy/manifests/${images.caddy.tag}`);
    const providers = readFileSync(join(folder, 'infra/locks/providers.lock.hcl'), 'utf8');
    expect(providerLockFaults(providers)).toEqual([]);
    expect(readFileSync(join(doubles, 'words'), 'utf8')).toContain('-platform=linux_arm64');
  });

  it('is all that there is: nothing is left to commit or to push, and no document is stale', async () => {
    expect((await shell('git status --porcelain')).stdout).toBe('');
    expect((await shell('git log --format=%s @{upstream}..HEAD')).stdout).toBe('');
    expect(await shell('./cogni settings docs --check')).toMatchObject({ code: 0 });
  });

  it('is on the branch that the workflows of each environment run with', async () => {
    for (const { name, branch, deployKeyFile } of environments) {
      const { stdout } = await shell(`git --git-dir=../github show ${branch}:${deployKeyFile}`);
      expect({ name, key: stdout }).toEqual({ name, key: `ssh-ed25519 AAAA ${deployKeyFile}\n` });
    }
  });

  it('is what a recovery clones: names, locks and the public key of every environment', async () => {
    expect(await shell('git clone -q ../github ../again')).toMatchObject({ code: 0 });
    const cloned = (path: string): string => readFileSync(join(dirname(folder), 'again', path), 'utf8');
    expect(cloned('services/images.lock.json')).toContain(digest);
    expect(providerLockFaults(cloned('infra/locks/providers.lock.hcl'))).toEqual([]);
    for (const { name, domain, deployKeyFile } of environments) {
      expect(cloned('stacks/environments.ts')).toContain(`'${name}.cogni.test'`);
      expect(cloned('docs/setup.md')).toContain(`https://${name}.cogni.test/version`);
      expect(cloned('docs/setup.md')).not.toContain(`https://${domain}/version`);
      expect(cloned(deployKeyFile)).toMatch(/^ssh-ed25519 /);
    }
  });
});
