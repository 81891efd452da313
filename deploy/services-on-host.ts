import { ExitCode, Failure } from '../foundation/failure';
import { app, hostLayout, slotOf } from '../services';
import { layout } from './rolling/layout';
import { requireAnswered } from './rolling/required-answers';
import { readContainers, type Container } from './status/containers';
import type { Transport } from './transport';

/** The containers of a host that stay, and the service that gets the requests. */
export interface ServicesOnHost {
  readonly containers: readonly Container[];
  /** Compose service of the slot that serves; undefined while none does. */
  readonly serving: string | undefined;
}

const projects = [hostLayout.edge.project, hostLayout.runtime.project, hostLayout.sourcecred.project];

/** @throws Failure when Docker does not answer, or the file that names what serves */
export async function readServices(transport: Transport, environment: string): Promise<ServicesOnHost> {
  const { folder, file } = layout.edge.upstream;
  const [containers, upstream] = await Promise.all([
    readContainers(transport, environment, projects),
    transport.run({ argv: ['cat', '--', `${folder}/${file}`], deadline: 20_000 }),
  ]);
  requireAnswered({ upstream }, transport.describe(), environment);
  const slot = slotOf(upstream.stdout.trim());
  return { containers, serving: slot && app.slots[slot].service };
}

/**
 * The container that a person means: by its service; `app` is the slot that serves, `edge` is Caddy.
 *
 * @throws Failure that lists what there is (exit code 2), and for `app` while nothing serves
 */
export function findContainer(
  { containers, serving }: ServicesOnHost,
  name: string,
  environment: string,
): Container {
  const wanted = name === app.name ? serving : name === 'edge' ? layout.edge.service : name;
  const found = containers.find(({ service, oneOff }) => service === wanted && !oneOff);
  if (found) return found;
  const services = [...new Set(containers.map(({ service }) => service))];
  throw new Failure({
    what:
      name === app.name && wanted === undefined
        ? `no application serves on ${environment}`
        : `${environment} has no container of a service ${JSON.stringify(name)}`,
    faults: services.map((service) => `there is: ${service}`),
    next: `./cogni status ${environment}`,
    exitCode: ExitCode.usage,
  });
}
