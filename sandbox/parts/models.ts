import type { Progress } from '../../foundation/progress';
import type { Docker } from '../docker';
import { modelStubImage } from '../images/model-stub';
import { sandboxNames, type World } from '../world';
import { ensureContainer, untilReady } from './container';
import type { SandboxNetwork } from './network';

/** What LiteLLM in the sandbox is given in the place of OpenRouter's API. Plain HTTP: its image trusts public CAs only. */
export const modelsUrl = `http://${sandboxNames.models}:8080/api/v1`;

/**
 * The stub that plays the provider of the models.
 *
 * @returns once it answers
 */
export async function ensureModels(
  docker: Docker,
  world: World,
  network: SandboxNetwork,
  progress: Progress,
): Promise<void> {
  const address = network.parts.models;
  const image = await modelStubImage(docker, progress);
  await ensureContainer(
    docker,
    world,
    { part: 'models', image, network, address, dns: network.parts.dns },
    progress,
  );
  await untilReady(docker, world, 'models', async () => {
    const answer = await fetch(`http://${address}:8080/livez`, { signal: AbortSignal.timeout(5_000) });
    if (answer.status !== 200) throw new Error(`it answers ${answer.status} for /livez`);
  });
}
