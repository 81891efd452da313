import type { Docker } from './docker';

/** What an engine says of itself (`docker info`), as far as the sandbox has to know it. */
export interface EngineFacts {
  /** `20.10.24+dfsg1` */
  readonly version: string;
  /** `linux` everywhere but on Windows containers. */
  readonly os: string;
  /** `Debian GNU/Linux 12 (bookworm)`, `Docker Desktop`. */
  readonly operatingSystem: string;
  readonly cgroupVersion: 1 | 2;
  /** Whether containers can be given a memory limit. */
  readonly memoryLimit: boolean;
  /** `overlay2`, `vfs`, ... */
  readonly storageDriver: string;
  /** Folder on the engine's machine that holds images, containers and volumes. */
  readonly dataRoot: string;
  /** Runs without root: its containers' addresses cannot be reached from the machine. */
  readonly rootless: boolean;
  /** Maps root in a container to another user (`userns-remap`) unless a container opts out. */
  readonly remapsUsers: boolean;
}

/** The oldest engine with private cgroup namespaces (Docker 20.10 release notes), which the hosts need. */
const oldest: readonly [number, number] = [20, 10];

/** Milliseconds: an engine that hangs must not hang us. */
const deadline = 20_000;

/** What the engine says, or why it cannot be asked: the client's own words. */
export async function askEngine(docker: Docker): Promise<EngineFacts | { readonly silent: string }> {
  const output = await docker.tryDocker(['info', '--format', '{{json .}}'], { deadline });
  const said = output.stderr.trim() || (output.timedOut ? `no answer within ${deadline / 1000} s` : '');
  if (output.code !== 0)
    return { silent: said || `docker info ended with exit code ${output.code ?? 'none'}` };
  const facts = parseEngineFacts(output.stdout);
  return facts ?? { silent: said || 'its answer to docker info is not understood' };
}

/** Reads the answer of `docker info --format '{{json .}}'`; undefined when no engine stands behind it. */
export function parseEngineFacts(json: string): EngineFacts | undefined {
  let info: unknown;
  try {
    info = JSON.parse(json);
  } catch {
    return undefined;
  }
  const field = (name: string): unknown => (info as Record<string, unknown> | null)?.[name];
  const text = (name: string): string => (typeof field(name) === 'string' ? (field(name) as string) : '');
  if (text('ServerVersion') === '') return undefined;
  const security = Array.isArray(field('SecurityOptions')) ? (field('SecurityOptions') as unknown[]) : [];
  const hasSecurity = (name: string): boolean =>
    security.some((option) => typeof option === 'string' && option.split(',').includes(`name=${name}`));
  return {
    version: text('ServerVersion'),
    os: text('OSType'),
    operatingSystem: text('OperatingSystem'),
    cgroupVersion: text('CgroupVersion') === '2' ? 2 : 1,
    memoryLimit: field('MemoryLimit') === true,
    storageDriver: text('Driver'),
    dataRoot: text('DockerRootDir'),
    rootless: hasSecurity('rootless'),
    remapsUsers: hasSecurity('userns'),
  };
}

/** Everything that keeps the sandbox from working on this engine; empty when it will do. */
export function engineFaults(facts: EngineFacts): readonly string[] {
  const [major = 0, minor = 0] = facts.version.split('.').map((part) => Number.parseInt(part, 10) || 0);
  const tooOld = major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
  return [
    ...(tooOld ? [`its version is ${facts.version}; needed is Docker ${oldest.join('.')} or newer`] : []),
    ...(facts.os === 'linux' ? [] : [`it runs ${facts.os || 'an unknown system'}; needed is Linux`]),
    ...(facts.rootless
      ? ['it runs rootless; hosts with systemd and an engine of their own need a rootful one']
      : []),
    ...(facts.operatingSystem === 'Docker Desktop'
      ? [
          'it is Docker Desktop, whose containers have no address on this machine; needed is an engine on Linux itself',
        ]
      : []),
  ];
}
