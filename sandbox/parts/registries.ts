import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../../foundation/failure';
import { tryReadFile, writeAtomically } from '../../foundation/files';
import type { Progress } from '../../foundation/progress';
import { ensureCertificate, type CertificateAuthority } from '../certificates';
import type { Docker } from '../docker';
import { registryImage } from '../images/registry';
import { partName, sandboxNames, type World } from '../world';
import { ensureContainer, tryInspectContainer, untilReady } from './container';
import { askAt } from './ask';
import type { SandboxNetwork } from './network';
import { ensureRegistryLogin, registryLogin, type RegistryLogin } from './registry-login';

/** One of the two registries, as it runs. */
export interface Registry {
  /** Its name inside the sandbox: `hub.cogni.test`. Image references begin with it. */
  readonly name: string;
  /** Port on 127.0.0.1 of this machine, chosen by the engine at each start: the machine's own docker pushes there. */
  readonly port: number;
  /** Undefined for the one that lets everybody in. */
  readonly login: RegistryLogin | undefined;
}

export interface Registries {
  /** Plays the public registry: third-party images, no login. */
  readonly hub: Registry;
  /** Plays the private registry of our own images: nothing without a login. */
  readonly ghcr: Registry;
}

type Kind = keyof Registries;

/** Where the files that a registry reads at its start are mounted. */
const configuration = '/etc/distribution';
const port = 443;

/**
 * Both registries: the distribution registry with TLS under the sandbox's CA, its data in a volume of its own.
 *
 * @returns once both answer as they should: one lets everybody in, the other only with its login
 */
export async function ensureRegistries(
  docker: Docker,
  world: World,
  network: SandboxNetwork,
  authority: CertificateAuthority,
  progress: Progress,
): Promise<Registries> {
  const { htpasswd } = await ensureRegistryLogin(world, progress);
  const image = await registryImage(docker, progress);
  const ensureOne = async (kind: Kind, passwords: string | undefined): Promise<Registry> => {
    const name = sandboxNames[kind];
    const certificate = await ensureCertificate(world, authority, [name]);
    const folder = join(world.folder, 'parts', kind);
    const files: Readonly<Record<string, string>> = {
      'config.yml': registryConfiguration(name, passwords !== undefined),
      'certificate.pem': readFileSync(certificate.certificate, 'utf8'),
      'key.pem': readFileSync(certificate.key, 'utf8'),
      ...(passwords === undefined ? {} : { htpasswd: `${passwords}\n` }),
    };
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const [file, content] of Object.entries(files)) {
      const path = join(folder, file);
      if (tryReadFile(path) !== content) writeAtomically(path, content, 0o600);
    }
    await ensureContainer(
      docker,
      world,
      {
        part: kind,
        image,
        network,
        address: network.parts[kind],
        dns: network.parts.dns,
        publish: port,
        folders: { [configuration]: folder },
        volumes: { '/var/lib/registry': kind },
        reads: Object.values(files),
      },
      progress,
    );
    const registry = await runningRegistry(docker, world, kind);
    await untilReady(docker, world, kind, () => requireAnswer(registry, authority));
    return registry;
  };
  return { hub: await ensureOne('hub', undefined), ghcr: await ensureOne('ghcr', htpasswd) };
}

/** A registry that {@link ensureRegistries} has started. @throws Failure when it does not run */
export async function runningRegistry(docker: Docker, world: World, kind: Kind): Promise<Registry> {
  const container = await tryInspectContainer(docker, partName(world, kind));
  const published = container?.ports[`${port}/tcp`]?.[0]?.HostPort;
  if (container?.status === 'running' && published) {
    return {
      name: sandboxNames[kind],
      port: Number(published),
      login: kind === 'ghcr' ? registryLogin(world) : undefined,
    };
  }
  throw new Failure({
    what: `the sandbox's registry ${sandboxNames[kind]} does not run (${container?.status ?? 'there is no container'})`,
    next: './cogni sandbox up',
  });
}

/** Its configuration file; YAML takes JSON as it is (YAML 1.2 §1.3). */
const registryConfiguration = (name: string, needsLogin: boolean): string =>
  `${JSON.stringify(
    {
      version: 0.1,
      log: { level: 'warn', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: '/var/lib/registry' }, delete: { enabled: true } },
      http: {
        addr: `:${port}`,
        tls: { certificate: `${configuration}/certificate.pem`, key: `${configuration}/key.pem` },
      },
      ...(needsLogin ? { auth: { htpasswd: { realm: name, path: `${configuration}/htpasswd` } } } : {}),
    },
    null,
    2,
  )}\n`;

/** The value of the Authorization header for a registry, where it needs one (RFC 7617). */
export const authorization = ({ login }: Registry): Readonly<Record<string, string>> =>
  login === undefined
    ? {}
    : {
        authorization: `Basic ${Buffer.from(`${login.username}:${login.password.reveal()}`).toString('base64')}`,
      };

/** Where this machine reaches it: the name is for the certificate, the loopback port for the way. */
export const addressOf = (registry: Registry): string => `https://${registry.name}:${registry.port}`;

async function requireAnswer(registry: Registry, authority: CertificateAuthority): Promise<void> {
  const ask = async (headers: Readonly<Record<string, string>>): Promise<number> => {
    const url = `${addressOf(registry)}/v2/`;
    return (await askAt('127.0.0.1', authority)({ url, headers, deadline: 5_000 })).status;
  };
  const known = await ask(authorization(registry));
  if (known !== 200) throw new Error(`it answers ${known} to whoever may come in`);
  if (registry.login === undefined) return;
  const stranger = await ask({});
  if (stranger !== 401) throw new Error(`it answers ${stranger} to a request without a login`);
}
