import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setupEnvironments } from '../../cli/settings-documents';
import { newIdentity, recipientOf } from '../../foundation/age';
import type { Output } from '../../foundation/process';
import { Secret } from '../../foundation/secret';
import { domainOf } from '../../sandbox/up';
import { setupCommands } from '../../services';
import { dockerAt } from '../../sandbox/docker';
import { cogni, inSandbox, testWorld, textOf } from './sandbox-cli';

/**
 * The commands of docs/setup.md that speak to accounts, hosts and registries, as they stand on the page and in its order,
 * on the sandbox: from its account to a production that serves. (`test/tool/cli/setup.test.ts` runs the other ones; those
 * for preview have the same words.)
 */
describe('docs/setup.md, followed for production', () => {
  const docker = dockerAt(process.env['DOCKER_HOST']);
  const production = setupEnvironments().find(({ name }) => name === 'production');
  const domain = domainOf('production');
  const sha = 'b'.repeat(40);
  const page = setupCommands(setupEnvironments())
    .filter(({ proof }) => proof === 'parsed')
    .map(({ line }) => line);
  const lines = [
    ...new Set(
      page.filter((line) => line.includes('production') || line.includes(production?.domain ?? '-')),
    ),
  ].filter((line) => !line.includes('preview'));

  /** Of whoever keeps the export of the settings. */
  const keyFile = join(testWorld.folder, 'export-key.txt');
  let recipient = '';

  beforeAll(async () => {
    await cogni('sandbox', 'down');
    expect((await cogni('sandbox', 'up')).code).toBe(0);
    expect((await cogni('sandbox', 'publish', `prod-${sha}`)).code).toBe(0);
    const identity = await newIdentity();
    writeFileSync(keyFile, identity, { mode: 0o600 });
    recipient = await recipientOf(Secret.of('identity', identity));
  });
  afterAll(async () => {
    await cogni('sandbox', 'down');
  });

  /** With what a person would put in: the build, the domain, keys, and the word that a plan was read. */
  const follow = async (line: string): Promise<Output> => {
    const words = line
      .replace('<sha>', sha)
      .replace('<recipient>', recipient)
      .replace('<file>', join(testWorld.folder, 'production', 'settings.age'))
      .replace('<key>', keyFile)
      .replace('~/.ssh/cogni_prod_deploy', join(testWorld.folder, 'ssh', 'production'))
      .replaceAll(production?.domain ?? '-', domain)
      .split(' ');
    const [program = '', ...more] = words;
    if (program === 'npx' || program === './cogni')
      return inSandbox([
        program,
        ...more,
        ...(more[1] === 'deploy' && program === 'npx' ? ['--auto-approve'] : []),
      ]);
    // Whoever asks for the site has the sandbox's DNS and trusts its authority, as the machines of its network do.
    const names = await docker.docker(['ps', '--format={{.Names}}', `--filter=label=${testWorld.label}`]);
    const host = names.split('\n').find((name) => /-host-\d+$/.test(name)) ?? '';
    return docker.tryDocker(['exec', host, ...words]);
  };

  it('has commands for each part of the way', () => {
    expect(lines.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual(
      expect.arrayContaining([
        'npx cdktf diff',
        'npx cdktf deploy',
        './cogni host check',
        './cogni deploy production',
      ]),
    );
  });

  it.each(lines)('%s', async (line) => {
    const output = await follow(line);
    expect({ code: output.code, said: output.code === 0 ? '' : textOf(output) }).toEqual({
      code: 0,
      said: '',
    });
  });

  it('ends with a site that serves the release, and leads www there', async () => {
    expect((await follow(`curl --fail --silent https://${domain}/version`)).stdout).toContain(sha);
    const www = await follow(`curl --silent --head https://www.${domain}/`);
    expect(www.stdout).toMatch(/^HTTP\/\S+ 308/);
    expect(www.stdout.toLowerCase()).toContain(`location: https://${domain}/`);
  });

  it('has the same words for preview, but for its name, its domain, its builds and its address', () => {
    const preview = setupEnvironments().find(({ name }) => name === 'preview');
    const same = lines
      .filter((line) => !/cdktf \w+ production-address$/.test(line))
      .map((line) =>
        line
          .replace('production-address ', '')
          .replaceAll('production', 'preview')
          .replaceAll('prod-<sha>', 'preview-<sha>')
          .replaceAll('cogni_prod_deploy', 'cogni_preview_deploy')
          .replaceAll(production?.domain ?? '-', preview?.domain ?? '-'),
      );
    expect(page.filter((line) => line.includes('preview') || line.includes(preview?.domain ?? '-'))).toEqual(
      expect.arrayContaining(same),
    );
  });
});
