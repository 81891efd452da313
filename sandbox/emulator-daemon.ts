import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { tryReadFile, writeAtomically } from '../foundation/files';
import type { Progress } from '../foundation/progress';
import type { Secret } from '../foundation/secret';
import { ensureCertificate, type CertificateAuthority } from './certificates';
import { daemonLives, ensureDaemon, stopDaemon } from './daemon';
import type { Docker } from './docker';
import type { ConfigInput, ReadyFile } from './emulator/config';
import { recordsFolder } from './parts/dns';
import type { SandboxNetwork } from './parts/network';
import type { World } from './world';

/** The emulator as a background process of the sandbox: its pid file and log are `<folder>/emulator.*`. */
const name = 'emulator';
const apiHost = 'api.cherryservers.com';

export interface EmulatorDaemonProps {
  readonly world: World;
  readonly docker: Docker;
  readonly authority: CertificateAuthority;
  readonly network: SandboxNetwork;
  /** Address of the DNS part. */
  readonly dns: string;
  /** Reference of the image that hosts boot from. */
  readonly hostImage: string;
  readonly token: Secret;
  /** DNS names by the host name of the server that gets them. */
  readonly domains: Readonly<Record<string, readonly string[]>>;
}

/** Starts the emulator, or leaves it alone when it runs with this very configuration. */
export async function ensureEmulator(props: EmulatorDaemonProps, progress: Progress): Promise<ReadyFile> {
  const { world, docker, authority, network, token } = props;
  const folder = join(world.folder, 'emulator');
  const readyFile = join(folder, 'ready.json');
  const certificate = await ensureCertificate(world, authority, [apiHost]);
  const config: ConfigInput = {
    stateFile: join(folder, 'state.json'),
    readyFile,
    tls: { certificate: certificate.certificate, key: certificate.key },
    host: apiHost,
    tokens: [{ name: 'sandbox', token: token.reveal(), team: 94000 }],
    addresses: {
      primary: { network: network.subnet, ...network.hosts },
      floating: { network: network.subnet, ...network.floating },
    },
    dnsHosts: recordsFolder(world),
    domains: Object.fromEntries(Object.entries(props.domains).map(([host, names]) => [host, [...names]])),
    machines: {
      kind: 'docker',
      ...(docker.host === undefined ? {} : { engine: docker.host }),
      world: { id: world.id, folder: world.folder, label: world.label, network: world.network },
      authority: authority.certificate,
      dns: props.dns,
      image: props.hostImage,
      folder: join(world.folder, 'hosts'),
    },
  };
  const configFile = join(folder, 'config.json');
  const text = `${JSON.stringify(config, undefined, 2)}\n`;
  const programFile = join(folder, 'program.sha256');
  const program = `${programHash(__dirname)}\n`;
  // A changed configuration, or a changed program, needs another process; its state stays.
  if (tryReadFile(configFile) !== text || tryReadFile(programFile) !== program) {
    await stopDaemon(world.folder, name);
    writeAtomically(configFile, text, 0o600);
    writeAtomically(programFile, program);
  }
  const ready = (): ReadyFile | undefined => {
    const written = tryReadFile(readyFile);
    return written === undefined ? undefined : (JSON.parse(written) as ReadyFile);
  };
  const start = (): Promise<unknown> =>
    ensureDaemon({
      name,
      folder: world.folder,
      argv: [process.execPath, resolve(__dirname, 'emulator', 'main.js'), configFile],
      ready: () => ready() !== undefined,
    });
  if (emulatorLives(world)) await start();
  // What a killed one left behind says nothing of the next.
  else rmSync(readyFile, { force: true });
  if (ready() === undefined) await progress.step('start the emulator of the Cherry API', start);
  return ready()!;
}

/**
 * Hash of the program as it is compiled now, by content: the same code compiled again is the same program.
 *
 * @param folder the compiled `sandbox/`, of which the emulator is a part and the rest its libraries
 */
export function programHash(folder: string): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (/\.(js|json)$/.test(file)) hash.update(`${file}\0`).update(readFileSync(join(folder, file)));
  }
  return hash.digest('hex');
}

export const emulatorLives = (world: World): boolean => daemonLives(world.folder, name);

export const stopEmulator = (world: World): Promise<void> => stopDaemon(world.folder, name);
