import { dirname, join } from 'node:path';
import type { Docker } from '../docker';
import { sandboxSource } from '../sources';
import { machineShares, partName, type World } from '../world';

/** What is sent, how fast, and where to. */
export interface LoadProps {
  readonly docker: Docker;
  readonly world: World;
  /** Names its container; two loads at once have two. */
  readonly name: string;
  /** Image that has Node.js: the demo application's. */
  readonly image: string;
  /** DNS server of the sandbox. */
  readonly dns: string;
  /** Certificate file of the sandbox's authority on this machine. */
  readonly authority: string;
  /** `https://preview.cogni.test` */
  readonly url: string;
  /** Requests a second, whatever becomes of them. */
  readonly rate: number;
  /** @default false */
  readonly http2?: boolean;
  /** Sends questions for a model, which LiteLLM passes on, and nothing else. @default false */
  readonly asks?: boolean;
  /** Milliseconds that everything takes longer, each way. @default 0 */
  readonly delay?: number;
  /** Connections that send a POST after each 4.5 to 8 s of being idle. @default 0 */
  readonly idle?: number;
  /** Event streams (SSE) that are kept open. @default 0 */
  readonly eventStreams?: number;
  /** WebSockets that are kept open. @default 0 */
  readonly webSockets?: number;
  /** Most seconds that it runs when nobody stops it. */
  readonly seconds: number;
}

/** What became of the requests (`generator.js`). Times are milliseconds. */
export interface LoadReport {
  readonly sent: number;
  readonly lost: number;
  /** The first of the lost ones. */
  readonly examples: readonly { readonly at: string; readonly kind: string; readonly problem: string }[];
  /** Lost ones by the second (Unix time) in which they were sent. */
  readonly lostBySecond: Readonly<Record<string, number>>;
  readonly counts: Readonly<Record<string, number>>;
  /** Answers by the build that gave them. */
  readonly builds: Readonly<Record<string, number>>;
  /** How long those took that are not slow by themselves, by the second (Unix time) in which they were sent. */
  readonly fastBySecond: Readonly<Record<string, readonly number[]>>;
  /** Streams that ended before the load did. */
  readonly streams: readonly StreamEnd[];
}

/** `how` is `ended` where the end was said, `broken…` where the connection broke, `refused…` where it was never open. */
export interface StreamEnd {
  readonly kind: 'events' | 'webSocket';
  /** What it was open to. */
  readonly build?: string;
  readonly from: string;
  readonly until: string;
  readonly how: string;
}

export interface Load {
  /** Sends nothing more, waits for what is on its way, and says what became of all of it. */
  stop(): Promise<LoadReport>;
}

/** Starts requests to a site of the sandbox from a container of their own, through DNS, TLS and the edge. */
export async function startLoad(props: LoadProps): Promise<Load> {
  const { docker, world, image, dns, authority, name, ...options } = props;
  const container = partName(world, name);
  await docker.tryDocker(['rm', '--force', container]);
  const mount = (source: string, target: string): string =>
    `--mount=type=bind,source=${source},target=${target},readonly`;
  await docker.docker([
    'run',
    '--detach',
    `--name=${container}`,
    `--label=${world.label}`,
    `--network=${world.network}`,
    `--dns=${dns}`,
    mount(dirname(sandboxSource('load', 'generator.js')), '/load'),
    mount(authority, '/authority.crt'),
    '--env=NODE_EXTRA_CA_CERTS=/authority.crt',
    '--entrypoint=node',
    `--cpu-shares=${machineShares}`,
    // The image's own asks an application, every few seconds, in a process of its own.
    '--no-healthcheck',
    image,
    join('/load', 'generator.js'),
    JSON.stringify(options),
  ]);
  return {
    stop: async () => {
      await docker.tryDocker(['kill', '--signal=TERM', container]);
      await docker.docker(['wait', container]);
      const { stdout, stderr } = await docker.tryDocker(['logs', container]);
      await docker.docker(['rm', '--force', container]);
      try {
        return JSON.parse(stdout) as LoadReport;
      } catch (cause) {
        throw new Error(`the load ended without a report: ${stdout}${stderr}`, { cause });
      }
    },
  };
}
