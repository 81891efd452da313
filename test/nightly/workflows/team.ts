import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newIdentity, recipientOf } from '../../../foundation/age';
import { httpsVia } from '../../../foundation/https';
import { capture, type Output } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { lookupVia } from '../../../foundation/resolve';
import { Secret } from '../../../foundation/secret';
import { ensureCertificate, ensureCertificateAuthority } from '../../../sandbox/certificates';
import { dockerAt, type Docker } from '../../../sandbox/docker';
import { hostContainerName } from '../../../sandbox/host/container';
import { demoImages } from '../../../sandbox/images/demo-app';
import { tryPushed } from '../../../sandbox/parts/push';
import { runningRegistry } from '../../../sandbox/parts/registries';
import { registryLogin } from '../../../sandbox/parts/registry-login';
import { sandboxNames } from '../../../sandbox/world';
import { isSettingName } from '../../../services';
import { declarationOf } from '../../../services/settings/catalogue';
import { Project, storyOf } from '../../rehearsal/project';
import { writeDockerProgram } from '../../rehearsal/tools';
import {
  authorityPem,
  cdktf,
  checkout,
  cogni,
  control,
  inSandbox,
  testWorld,
  textOf,
  upFile,
} from '../../e2e/sandbox-cli';
import { githubDouble, type GithubDouble } from '../../unit/workflows/github/double';

type EnvironmentName = 'preview' | 'production';
const names: readonly EnvironmentName[] = ['preview', 'production'];

/** A team that has set this project up for itself, in a sandbox: repository, GitHub's environments, a chat. */
export class Team {
  /** What the chat was told. */
  readonly told: string[] = [];

  private constructor(
    private readonly folder: string,
    readonly docker: Docker,
    readonly github: GithubDouble,
    readonly project: Project,
    private readonly chat: Server,
  ) {}

  /** Brings the sandbox up anew and sets all of it up, but for the hosts. */
  static async start(): Promise<Team> {
    await cogni('sandbox', 'down');
    succeeded(await cogni('sandbox', 'up'));
    const folder = mkdtempSync(join(tmpdir(), 'cogni-team-'));
    const docker = dockerAt(upFile().engine ?? process.env['DOCKER_HOST']);
    const github = await githubDouble();
    for (const name of names) {
      github.environments.add(name);
      github.environments.add(`${name}-look`);
    }
    const login = registryLogin(testWorld);
    const chat = await startChat();
    const keys = await planKeys(chat.url);
    const images = await demoImages(docker, silent);
    const project = await Project.make({
      folder,
      checkout,
      github,
      actor: login.username,
      registryToken: login.password.reveal(),
      machine: (root) => machineVariables(root, docker),
      own: {
        // A version of the demonstration is a layer of settings on images that are there.
        Dockerfile: () =>
          [
            versionStage(images.app.reference, 'runner'),
            versionStage(images.migrator.reference, 'migrator'),
          ].join('\n'),
        '.dockerignore': () => '*\n',
        'keys/planner.pub': () => keys.planner,
        'stacks/environments.ts': (text) =>
          text.replaceAll(
            /^( +)imageTagPrefix: '(preview|prod)',$/gm,
            (line, indent: string, prefix: string) =>
              `${line}\n${indent}plans: { signers: ['keys/planner.pub'], recipients: ['${keys.recipients[prefix === 'prod' ? 'production' : 'preview']}'] },`,
          ),
      },
    });
    const { port } = await runningRegistry(docker, testWorld, 'ghcr');
    const program = (await capture({ argv: ['sh', '-c', 'command -v docker'], deadline: 5_000 })).trim();
    writeDockerProgram(Project.programs(folder), { docker: program, registry: sandboxNames.ghcr, port });
    const team = new Team(folder, docker, github, project, chat.server);
    chat.onMessage = (text) => void team.told.push(text);
    for (const name of names) succeeded(await team.sync(name, '--no-host', '--shared'));
    return team;
  }

  /** `./cogni <words>` of somebody of the team, who has all settings in a file and a token of the repository. */
  person(...words: readonly string[]): Promise<Output> {
    return inSandbox(['./cogni', ...words], {
      GITHUB_TOKEN: this.github.token,
      GITHUB_API_URL: this.github.url,
      GITHUB_REPOSITORY: this.project.repository,
    });
  }

  /** Gives GitHub what its jobs need, with the deploy key. */
  sync(name: EnvironmentName, ...more: readonly string[]): Promise<Output> {
    return this.person(
      'settings',
      'sync',
      name,
      '--deploy-key',
      join(testWorld.folder, 'ssh', name),
      ...more,
    );
  }

  /** Hosts of both environments without the workflows for that, and what GitHub has to know of them. */
  async makeHosts(): Promise<void> {
    succeeded(await cdktf('deploy', 'preview', 'production-address', 'production', '--auto-approve'));
    for (const name of names) {
      succeeded(await this.sync(name));
      succeeded(await this.sync(name, '--look'));
    }
  }

  /** What a person types on the host of an environment, as root. */
  async onHost(name: EnvironmentName, line: string): Promise<void> {
    const servers = (await control('GET', '/machines')) as readonly {
      readonly api: { readonly id: number; readonly hostname: string };
    }[];
    const server = servers.find(({ api }) => api.hostname === `${name}-cogni`);
    if (server === undefined) throw new Error(`there is no host of ${name}`);
    await this.docker.docker(['exec', hostContainerName(testWorld, server.api.id), 'sh', '-c', line]);
  }

  /** What a site answers at `/version`. */
  async build(name: EnvironmentName): Promise<unknown> {
    const https = httpsVia({
      authorities: [authorityPem()],
      lookup: lookupVia(upFile().variables['COGNI_DNS'] ?? ''),
    });
    const { body } = await https({ url: `https://${name}.cogni.test/version`, deadline: 10_000 });
    return (JSON.parse(body.toString('utf8')) as { readonly buildSha?: unknown }).buildSha;
  }

  /** Digest that a tag of the application means; undefined where there is none. */
  async digestOf(tag: string): Promise<string | undefined> {
    const registry = await runningRegistry(this.docker, testWorld, 'ghcr');
    const authority = await ensureCertificateAuthority(testWorld);
    return (await tryPushed({ registry, authority }, 'cogni/app', tag))?.digest;
  }

  /** Names of the secrets that their jobs are given. */
  get secretNames(): readonly string[] {
    return [...new Set(this.secrets().map(([name]) => name))].sort();
  }

  /** Where a secret of theirs can be read: in what was printed, shown, kept or written to a pull request. Names, with the place. */
  leaks(): readonly string[] {
    const forms = this.secrets().flatMap(([name, value]) =>
      formsOf(value).map((form) => [name, form] as const),
    );
    const places = new Map<string, string>([
      ...this.project.played.map((run) => [`${run.file}#${run.id}`, storyWhole(run)] as const),
      ...this.github.comments.map(({ id, body }) => [`comment ${id}`, body] as const),
      ...this.github.issues.map(({ number, body }) => [`issue ${number}`, body] as const),
      ...this.told.map((text, index) => [`message ${index}`, text] as const),
      ...this.project.played.flatMap(({ id }) =>
        this.project.artifacts.textsOf(id).map(([file, text]) => [`artifact ${file}`, text] as const),
      ),
    ]);
    return [...places].flatMap(([place, text]) => [
      ...new Set(forms.filter(([, form]) => text.includes(form)).map(([name]) => `${name} in ${place}`)),
    ]);
  }

  private secrets(): readonly (readonly [name: string, value: string])[] {
    return [...this.github.secrets].flatMap(([key, value]) => {
      const name = key.slice(key.indexOf('/') + 1);
      return isSettingName(name) && declarationOf(name).kind === 'secret'
        ? [[name, value.trim()] as const]
        : [];
    });
  }

  async stop(): Promise<void> {
    this.chat.closeAllConnections();
    this.chat.close();
    await this.github.stop();
    await cogni('sandbox', 'down');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const storyWhole = (run: Parameters<typeof storyOf>[0]): string =>
  Object.values(run.jobs)
    .map(({ log, summary }) => `${log}\n${summary}`)
    .join('\n');

/** A value as it stands and encoded; of one with several lines each line, however it is indented. */
const formsOf = (value: string): readonly string[] => [
  ...value.split('\n').filter((line) => line === value || (line.length > 30 && !line.startsWith('-----'))),
  encodeURIComponent(value),
  Buffer.from(value).toString('base64'),
  Buffer.from(value).toString('hex'),
];

function succeeded(output: Output): void {
  if (output.code !== 0) throw new Error(textOf(output));
}

const versionStage = (base: string, target: string): string =>
  [
    `FROM ${base} AS ${target}`,
    'ARG BUILD_SHA',
    'ENV APP_BUILD_SHA=$BUILD_SHA APP_VERSION=$BUILD_SHA',
    '',
  ].join('\n');

/**
 * What a machine of GitHub's gets of the sandbox: how to reach it, and what it is called there. No token, no key, no settings and no files
 * of an environment: those come out of the secrets of its job, or not at all.
 */
function machineVariables(root: string, docker: Docker): Readonly<Record<string, string>> {
  const withheld = ['CHERRY_AUTH_KEY', 'CHERRY_AUTH_TOKEN', 'SSH_AUTH_SOCK', 'COGNI_SANDBOX', 'CDKTF_OUTPUT'];
  const folder = join(root, 'sandbox');
  mkdirSync(folder, { recursive: true });
  const overrides = JSON.parse(readFileSync(join(testWorld.folder, 'sandbox.json'), 'utf8')) as {
    readonly environments: Readonly<Record<string, object>>;
  };
  const environments = Object.entries(overrides.environments).map(([name, each]) => [
    name,
    { ...each, recordPlans: true },
  ]);
  writeFileSync(
    join(folder, 'sandbox.json'),
    JSON.stringify({ ...overrides, environments: Object.fromEntries(environments) }),
  );
  return {
    ...Object.fromEntries(Object.entries(upFile().variables).filter(([name]) => !withheld.includes(name))),
    ...(docker.host === undefined ? {} : { DOCKER_HOST: docker.host }),
    COGNI_SANDBOX: folder,
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
  };
}

/** Keys for plans of both environments, and the address of the chat: written where the team keeps its settings. */
async function planKeys(
  chat: string,
): Promise<{ readonly planner: string; readonly recipients: Readonly<Record<EnvironmentName, string>> }> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const signing = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
  const recipients = { preview: '', production: '' };
  for (const name of names) {
    const identity = await newIdentity();
    recipients[name] = await recipientOf(Secret.of('plan identity', identity));
    const lines = [
      `COGNI_PLAN_SIGNING_KEY=${signing}`,
      `COGNI_PLAN_IDENTITY=${identity}`,
      `TEAM_WEBHOOK_URL=${chat}`,
    ];
    appendFileSync(join(testWorld.folder, name, 'settings.env'), `${lines.join('\n')}\n`);
  }
  return { planner: publicKey.export({ type: 'spki', format: 'pem' }).toString(), recipients };
}

/** An incoming webhook: takes what is posted to its address, and nothing else. */
async function startChat(): Promise<{ server: Server; url: string; onMessage: (text: string) => void }> {
  const authority = await ensureCertificateAuthority(testWorld);
  const { certificate, key } = await ensureCertificate(testWorld, authority, ['127.0.0.1']);
  const path = '/hooks/p1anted-address-of-the-chat';
  const chat = { url: '', onMessage: (_text: string): void => undefined };
  const server = createServer(
    { cert: readFileSync(certificate), key: readFileSync(key) },
    (request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      request.on('end', () => {
        const known = request.method === 'POST' && request.url === path;
        if (known) chat.onMessage(text);
        response.writeHead(known ? 200 : 404).end();
      });
    },
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  chat.url = `https://127.0.0.1:${address.port}${path}`;
  return Object.assign(chat, { server });
}
