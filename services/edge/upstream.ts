import { ExternalNetwork, type Workload } from '../../compose';
import { Failure } from '../../foundation/failure';
import { hostLayout } from '../host-layout';

/** Where a route of the edge leads. Made from a service, so that it cannot name one that is not there. */
export class Upstream {
  private constructor(
    /** Its name on the network that it shares with the edge. */
    readonly host: string,
    readonly port: number,
  ) {}

  /**
   * A service of another project, by the first of its further names on the edge's network, or else its own name.
   *
   * @param port that it listens on
   * @throws Failure when it is not on that network, or when there is no such port
   */
  static of(service: Workload, port: number): Upstream {
    const place = service.attachments.find(
      ({ network }) => network instanceof ExternalNetwork && network.external.name === hostLayout.network,
    );
    const faults = [
      ...(place ? [] : [`the service ${service.name} is not on the network ${hostLayout.network}`]),
      ...(Number.isInteger(port) && port >= 1 && port <= 65_535
        ? []
        : [`${port} is not a port: a whole number from 1 to 65535`]),
    ];
    if (!place || faults.length > 0) {
      throw new Failure({
        what: `the edge can have no route to ${service.project.name}/${service.name}`,
        faults,
        next: `attach the service to an ExternalNetwork named ${hostLayout.network}, and name the port it listens on`,
      });
    }
    return new Upstream(place.aliases[0] ?? service.name, port);
  }
}
