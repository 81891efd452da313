import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withFileLock } from '../foundation/file-lock';
import { tryReadFile, writeAtomically } from '../foundation/files';
import type { Progress } from '../foundation/progress';
import { Secret } from '../foundation/secret';
import { imageReference, renderImageLock } from '../services';
import { ensureCertificateAuthority, type CertificateAuthority } from './certificates';
import { ensureEmulator } from './emulator-daemon';
import { acmeDirectory, ensureAcme } from './parts/acme';
import { ensureDns } from './parts/dns';
import { ensureModels, modelsUrl } from './parts/models';
import { ensureNetwork } from './parts/network';
import { ensureS3, type ArchiveStore } from './parts/s3';
import { ensureRegistries } from './parts/registries';
import { ensureRegistryLogin } from './parts/registry-login';
import { pushThirdParty } from './parts/third-party';
import { prepareMachine } from './prepare';
import { ensureSettings } from './settings-file';
import { ensureAgent, ensureDeployKey, type DeployKeyFiles } from './ssh-key';
import { terraformEnvironment } from './terraform/environment';
import { ensureMirror } from './terraform/mirror';
import { sandboxNames, type World } from './world';

/** An environment that the sandbox plays: what it has to know of its record. */
export interface PlayedEnvironment {
  readonly name: string;
  /** Host name of its server. */
  readonly hostName: string;
  readonly www: boolean;
  /** First part of its image tags: `preview` for `preview-<sha>`. */
  readonly imageTagPrefix: string;
}

/** What is left in the folder for `env` and `status`: `<folder>/up.json`. */
export interface UpFile {
  /** Variables for a shell: what `cogni sandbox env` prints. Mode 0600, a token is among them. */
  readonly variables: Readonly<Record<string, string>>;
  /** Which providers Terraform gets. */
  readonly provider: 'stand-in' | 'registry';
  readonly nullProvider: 'real' | 'stand-in';
  readonly terraform: string;
  /** Where the emulator's control API is. */
  readonly control: string;
  /** Value for `DOCKER_HOST` that leads to the engine; absent where the docker client finds it by itself. */
  readonly engine?: string;
}

/** Number of the project that the emulator has from the beginning. */
const projectId = 254000;

export const domainOf = (environment: string): string => `${environment}.${sandboxNames.zone}`;
const upFile = (world: World): string => join(world.folder, 'up.json');

/** What the last `up` left, or undefined when the sandbox is not up. */
export function tryReadUp(world: World): UpFile | undefined {
  const text = tryReadFile(upFile(world));
  return text === undefined ? undefined : (JSON.parse(text) as UpFile);
}

/** Only one `up` or `down` at a time; the lock lies beside the folder, since `down` removes that. */
export const withWorldLock = <T>(
  world: World,
  purpose: string,
  progress: Progress,
  work: () => Promise<T>,
): Promise<T> =>
  withFileLock(
    `${world.folder}.lock`,
    { purpose, wait: 30 * 60_000, onWait: (holder) => progress.note(`waiting for ${holder}`) },
    work,
  );

export interface UpOptions {
  /** Public halves of age: every environment is archived, with portable copies for them. @default - as its record says */
  readonly archiveRecipients?: readonly string[];
}

/**
 * Brings the sandbox up, or to what it should be: every part is looked at, and made, started or left alone. Can be killed
 * at any point and run again.
 */
export async function up(
  world: World,
  environments: readonly PlayedEnvironment[],
  progress: Progress,
  { archiveRecipients }: UpOptions = {},
): Promise<UpFile> {
  return withWorldLock(world, 'cogni sandbox up', progress, async () => {
    const { engine, hostImage, terraform } = await prepareMachine(progress, world);
    const { docker } = engine;
    const authority = await ensureCertificateAuthority(world);
    const keys = new Map<string, DeployKeyFiles>();
    for (const { name } of environments) keys.set(name, await ensureDeployKey(world, name));
    const agent = await ensureAgent(
      world,
      [...keys.values()].map(({ privateKey }) => privateKey),
    );

    const network = await ensureNetwork(docker, world, progress);
    const dns = await ensureDns(docker, world, network, progress);
    const registries = await ensureRegistries(docker, world, network, authority, progress);
    await ensureAcme(docker, world, network, authority, progress);
    await ensureModels(docker, world, network, progress);
    const played = environments.map(({ name }) => name);
    const stores = await ensureS3(docker, world, network, authority, played, progress);
    const lock = await pushThirdParty(docker, world, registries, authority, progress);
    const imageLockFile = join(world.folder, 'images.lock.json');
    writeAtomically(imageLockFile, renderImageLock(lock));

    const token = ensureToken(world);
    const emulator = await ensureEmulator(
      {
        world,
        docker,
        authority,
        network,
        dns: dns.address,
        hostImage,
        token,
        domains: domainsOf(environments),
      },
      progress,
    );
    const mirror = await ensureMirror({ folder: join(world.folder, 'terraform'), terraform, progress });

    writeOverrides(world, environments, keys, {
      imageLockFile,
      imageRepository: `${sandboxNames.ghcr}/cogni/app`,
      archiveImage: imageReference(lock, 'postgres'),
      ...(archiveRecipients === undefined || archiveRecipients.length === 0
        ? {}
        : { archiveRecipients: archiveRecipients.join(',') }),
      stores,
    });
    const login = await ensureRegistryLogin(world, progress);
    for (const { name } of environments) {
      ensureSettings(world, name, {
        CHERRY_AUTH_TOKEN: token,
        GHCR_USERNAME: login.username,
        GHCR_DEPLOY_TOKEN: login.password,
        OPENROUTER_API_BASE: modelsUrl,
        ...archiveKeys(stores[name]),
      });
    }

    const left: UpFile = {
      variables: {
        ...terraformEnvironment({
          cliConfig: mirror.cliConfig,
          proxyUrl: emulator.proxy,
          caFile: authority.bundle,
          token: token.reveal(),
          binary: terraform.path,
        }),
        ...variablesOfOurs(world, authority, dns.address),
        SSH_AUTH_SOCK: agent,
      },
      provider: mirror.provider,
      nullProvider: mirror.nullProvider,
      terraform: `${terraform.product} ${terraform.version}`,
      control: emulator.control,
      ...(docker.host === undefined ? {} : { engine: docker.host }),
    };
    writeAtomically(upFile(world), `${JSON.stringify(left, undefined, 2)}\n`, 0o600);
    return left;
  });
}

/** Settings of an environment that are only read where its record has an archive. */
const archiveKeys = (store: ArchiveStore | undefined): Readonly<Record<string, string | Secret>> =>
  store === undefined ? {} : { ARCHIVE_KEY: store.uploader.key, ARCHIVE_SECRET: store.uploader.secret };

/** Read by `cogni` itself and by the CDKTF app. */
const variablesOfOurs = (
  world: World,
  authority: CertificateAuthority,
  dns: string,
): Readonly<Record<string, string>> => ({
  COGNI_SANDBOX: world.folder,
  // What is synthesized for the sandbox stays apart: Terraform remembers a backend in that folder, and would offer to
  // move the state of one world to the other.
  CDKTF_OUTPUT: join(world.folder, 'cdktf.out'),
  COGNI_DNS: dns,
  COGNI_CA: authority.certificate,
});

const domainsOf = (environments: readonly PlayedEnvironment[]): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    environments.map(({ name, hostName, www }) => [
      hostName,
      [domainOf(name), ...(www ? [`www.${domainOf(name)}`] : [])],
    ]),
  );

/** `<folder>/sandbox.json`: what the records of stacks/environments.ts are overridden with (stacks/sandbox-overrides.ts). */
function writeOverrides(
  world: World,
  environments: readonly PlayedEnvironment[],
  keys: ReadonlyMap<string, DeployKeyFiles>,
  {
    stores,
    ...shared
  }: {
    readonly imageLockFile: string;
    readonly imageRepository: string;
    readonly archiveImage: string;
    readonly archiveRecipients?: string;
    readonly stores: Readonly<Record<string, ArchiveStore>>;
  },
): void {
  const overrides = Object.fromEntries(
    environments.map(({ name, www }) => [
      name,
      {
        domain: domainOf(name),
        www,
        projectId,
        deployKeyFile: keys.get(name)?.publicKey,
        acmeDirectory,
        stateFolder: join(world.folder, 'state'),
        // Its database client fetches an engine that may not be reachable.
        litellm: 'without-database',
        archiveEndpoint: stores[name]?.endpoint,
        archiveBucket: stores[name]?.bucket,
        archiveRegion: stores[name]?.region,
        ...shared,
      },
    ]),
  );
  writeAtomically(
    join(world.folder, 'sandbox.json'),
    `${JSON.stringify({ version: 1, environments: overrides }, undefined, 2)}\n`,
  );
}

/** The API token of the sandbox's account: made once. It means nothing anywhere else. */
function ensureToken(world: World): Secret {
  const file = join(world.folder, 'secrets', 'cherry-token');
  if (!existsSync(file)) writeAtomically(file, `sandbox-${randomBytes(24).toString('hex')}\n`, 0o600);
  return Secret.of('CHERRY_AUTH_TOKEN', (tryReadFile(file) ?? '').trim());
}
