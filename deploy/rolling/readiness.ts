import { ExitCode, Failure } from '../../foundation/failure';
import type { ReleaseImages } from '../registry';
import { layout } from './layout';
import { deployCommand, type DeployRequest } from './request';
import type { HostFacts } from './survey';

const gibibyte = 1024 ** 3;

/** What unpacked layers take, by their compressed size; and what must be left for databases and logs. */
const unpacked = 3;
const spare = gibibyte;

/**
 * Refuses a host that cannot take the release, before anything on it is changed.
 *
 * @throws Failure with every fault.
 */
export function requireReady(
  facts: HostFacts,
  images: ReleaseImages,
  request: DeployRequest,
  where: string,
): void {
  const { environment } = request;
  const needed = (images.app.compressedBytes + images.migrator.compressedBytes) * unpacked + spare;
  const faults = [
    ...(facts.bootstrapped ? [] : ['its bootstrap has not ended well']),
    ...(facts.edge === 'healthy' ? [] : [`its edge is ${facts.edge}`]),
    ...(facts.freeBytes >= needed
      ? []
      : [
          `it has ${inGibibytes(facts.freeBytes)} of free disk, and the release needs ${inGibibytes(needed)}`,
        ]),
    ...Object.entries(images).flatMap(([name, { platforms }]: [string, ReleaseImages['app']]) =>
      platforms.length === 0 || platforms.includes(facts.platform)
        ? []
        : [`it is ${facts.platform}, and the image of the ${name} is for ${platforms.join(', ')}`],
    ),
  ];
  if (faults.length === 0) return;
  throw new Failure({
    what: `${where} cannot take ${request.tag}`,
    faults,
    next: !facts.bootstrapped
      ? `./cogni host wait ${environment}`
      : facts.edge === 'not running'
        ? `./cogni host converge ${environment}`
        : facts.edge === 'not healthy'
          ? `on the host, "docker compose --project-name=${layout.edge.project} logs --tail=50 ${layout.edge.service}" says why it is not; mend that, then ${deployCommand(request)}`
          : `mend that, then ${deployCommand(request)}`,
    exitCode: facts.bootstrapped ? ExitCode.failed : ExitCode.refused,
  });
}

const inGibibytes = (bytes: number): string => `${(bytes / gibibyte).toFixed(1)} GiB`;
