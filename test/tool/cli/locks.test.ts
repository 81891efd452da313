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
import { imageNames, parseImageLock } from '../../../services';
import { commandsRun } from '../../setup-page';

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

/**
 * The commands of docs/setup.md that make the locks, as they stand there and in their order, in a copy of the checkout. What
 * answers in place of the registries is a double: no test asks the real ones.
 */
describe('the locks of docs/setup.md', () => {
  const lines = commandsRun('with doubles of the registries');
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

  beforeAll(async () => {
    const root = mkdtempSync(join(tmpdir(), 'cogni-locks-'));
    [folder, doubles] = [join(root, 'checkout'), join(root, 'doubles')];
    mkdirSync(doubles, { recursive: true });
    const parts = ['cogni', 'scripts/ensure-built.sh', 'package.json', 'package-lock.json', 'cdktf.json'];
    const locks = ['services/images.lock.json', 'infra/locks/providers.lock.hcl'];
    for (const path of [...parts, ...locks, 'dist']) {
      if (!existsSync(join(checkout, path))) continue;
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      cpSync(join(checkout, path), join(folder, path), { recursive: true, preserveTimestamps: true });
    }
    symlinkSync(join(checkout, 'node_modules'), join(folder, 'node_modules'));
    // The copy is as built as the checkout is: nothing is to be installed or compiled through the link.
    utimesSync(join(folder, 'package-lock.json'), 0, 0);
    utimesSync(join(folder, 'dist', '.built'), new Date(), new Date());
    writeFileSync(join(doubles, 'registries.js'), registries(join(doubles, 'asked')));
    writeFileSync(join(doubles, 'terraform'), terraform, { mode: 0o755 });
    const providers = [
      block('registry.terraform.io/cherryservers/cherryservers', '1.5.3'),
      block('registry.terraform.io/hashicorp/null', '3.2.4'),
    ];
    writeFileSync(join(doubles, 'lock.hcl'), providers.join('\n'));
    await shell('git init -q . && git add services infra && git commit -qm begin');
  });
  afterAll(() => rmSync(dirname(folder), { recursive: true, force: true }));

  it('are three commands', () => expect(lines).toHaveLength(3));

  it.each(lines)('come from a command that works as it stands: %s', async (line) => {
    const { code, stderr } = await shell(line);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    // A lock is among the sources: the next command would compile, which the copy has nothing for.
    if (line.startsWith('./cogni')) await shell('touch dist/.built');
  });

  it('hold a digest for each image, and hashes for each provider, and are committed', async () => {
    const images = parseImageLock(readFileSync(join(folder, 'services/images.lock.json'), 'utf8'), 'copy');
    for (const name of imageNames) expect(images[name].digest).toBe(digest);
    const asked = readFileSync(join(doubles, 'asked'), 'utf8');
    expect(asked).toContain(`/v2/library/caddy/manifests/${images.caddy.tag}`);
    const providers = readFileSync(join(folder, 'infra/locks/providers.lock.hcl'), 'utf8');
    expect(providerLockFaults(providers)).toEqual([]);
    expect(readFileSync(join(doubles, 'words'), 'utf8')).toContain('-platform=linux_arm64');
    expect((await shell('git log --format=%s -1 && git status --porcelain services infra')).stdout).toBe(
      'Lock images and providers\n',
    );
  });
});
