import { Bytes, ExternalNetwork, Project, Service } from '../../../../compose';
import { hostLayout } from '../../../../services';
import { boundedLog } from '../../../../services/defaults';
import { Upstream } from '../../../../services/edge/upstream';
import { digest } from '../example';

/** A service on a network of that name, under further names there. */
export function probeService(name: string, network: string, ...aliases: readonly string[]): Service {
  const project = new Project(undefined, 'probe', { generatedBy: 'a test', logging: boundedLog });
  return new Service(project, name, {
    image: `registry.test/${name}@${digest('b')}`,
    restart: 'always',
    memory: Bytes.mebibytes(64),
    networks: [new ExternalNetwork(project, 'shared', { name: network }).as(...aliases)],
  });
}

/** As SourceCred is on a host: `sourcecred:6006`. */
export const sourcecredProbe = (): Upstream =>
  Upstream.of(probeService('sourcecred', hostLayout.network), 6006);
