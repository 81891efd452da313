import { join } from 'node:path';
import type { ImageDigest } from '../../compose';
import { applySourcecred, type SourcecredResult } from '../../deploy/sourcecred/apply';
import { connect, type SshHost } from '../../deploy/ssh';
import { readSettings } from '../../services';
import { renderSourcecred } from '../../services/sourcecred/sourcecred';
import type { DeployedWorld } from './deployed-world';
import { settingsOfPreview } from './planted-secrets';
import { testWorld, upFile } from './sandbox-cli';

/**
 * A double of SourceCred's runner, whose image can be built where its base can be had alone: it reads the rendered
 * configuration, insists on its token, writes into its volume how often it was started, and shows that with the
 * repositories. With a token of `bad` letters it ends.
 */
const program = `
const { readFileSync, writeFileSync } = require('node:fs');
const configured = readFileSync('/etc/sourcecred/config/plugins/sourcecred/github/config.json', 'utf8');
const token = process.env.SOURCECRED_GITHUB_TOKEN;
if (!token) throw new Error('no token');
if (/bad/.test(token)) throw new Error('GitHub does not take the token');
let starts = 0;
try { starts = Number(readFileSync('/instance/starts', 'utf8')); } catch {}
writeFileSync('/instance/starts', String(starts + 1));
require('node:http').createServer((request, response) => {
  response.end(JSON.stringify({ ...JSON.parse(configured), starts: starts + 1 }));
}).listen(Number(process.env.PORT));
`;

export const goodToken = `ghp_${'g'.repeat(36)}`;
export const badToken = `ghp_${'bad'.repeat(12)}`;

/** Makes the double's image on the host from the application's, and pushes it. @returns it, by digest */
export async function runnerDouble(world: DeployedWorld): Promise<ImageDigest> {
  const { GHCR_USERNAME: user = '', GHCR_DEPLOY_TOKEN: password = '' } = settingsOfPreview();
  const name = 'ghcr.cogni.test/cogni/sourcecred-runner';
  const app = await world.onHost('docker', 'ps', '--quiet', '--filter=name=cogni-runtime-app');
  const image = await world.onHost('docker', 'inspect', '--format={{.Config.Image}}', app);
  // A volume begins with the owner that the image gives its folder.
  const folder = `fs.mkdirSync('/instance'); fs.chownSync('/instance', 1001, 1001)`;
  await world.onHost(
    ...['docker', 'run', '--name=double', '--user=0:0', '--entrypoint=node', image, '-e', folder],
  );
  const entry = JSON.stringify(['node', '-e', program]);
  await world.onHost(
    ...['docker', 'commit', `--change=ENTRYPOINT ${entry}`, '--change=CMD []'],
    'double',
    `${name}:double`,
  );
  await world.onHost('docker', 'rm', 'double');
  await world.onHost(
    'docker',
    '--config=/tmp/push',
    'login',
    `--username=${user}`,
    `--password=${password}`,
    'ghcr.cogni.test',
  );
  await world.onHost('docker', '--config=/tmp/push', 'push', '--quiet', `${name}:double`);
  await world.onHost('rm', '-rf', '/tmp/push');
  const digests = await world.onHost('docker', 'inspect', '--format={{json .RepoDigests}}', `${name}:double`);
  // Only what was pulled counts.
  await world.onHost('docker', 'image', 'rm', '--force', `${name}:double`);
  return (JSON.parse(digests) as ImageDigest[])[0] ?? ('none' as ImageDigest);
}

/** `./cogni sourcecred apply` without its record: the sandbox's environments have no SourceCred. */
export async function applyDouble(
  world: DeployedWorld,
  image: ImageDigest,
  repository: string,
  token: string,
): Promise<SourcecredResult> {
  const { variables } = upFile();
  const address = await world.docker.docker([
    'inspect',
    '--format={{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
    world.hostName,
  ]);
  const host: SshHost = {
    environment: 'preview',
    address: address.trim(),
    user: 'deploy',
    knownHosts: join(testWorld.folder, 'preview', 'known_hosts'),
    hostKeyAlias: 'cogni-preview',
  };
  const instance = { repositories: [repository] as const, currency: { name: 'Grain', suffix: 'G' } };
  return applySourcecred(
    {
      environment: 'preview',
      domain: 'preview.cogni.test',
      files: renderSourcecred({ image, instance }),
      image,
      settings: readSettings({ ...settingsOfPreview(), SOURCECRED_GITHUB_TOKEN: token }, 'sourcecred'),
      by: { who: 'ada', from: 'laptop' },
      at: new Date(),
    },
    host,
    {
      connect: (to, options) =>
        connect(to, { ...options, env: { SSH_AUTH_SOCK: variables['SSH_AUTH_SOCK'] } }),
    },
  );
}
