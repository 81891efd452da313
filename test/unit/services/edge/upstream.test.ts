import { app, hostLayout, renderRuntime, runtimeProject } from '../../../../services';
import { Upstream } from '../../../../services/edge/upstream';
import { digest } from '../example';
import { probeService, sourcecredProbe } from './probe-services';

describe('an upstream of the edge', () => {
  it('is a service on the network that it shares with the edge, by its own name', () => {
    expect(sourcecredProbe()).toMatchObject({ host: 'sourcecred', port: 6006 });
  });

  it('is called by the first further name that the service has on that network', () => {
    const service = probeService('web', hostLayout.network, 'cogni-web', 'other');
    expect(Upstream.of(service, 80)).toMatchObject({ host: 'cogni-web', port: 80 });
  });

  it('is never a service that the edge cannot reach, nor a port that there is not: both are said at once', () => {
    expect(() => Upstream.of(probeService('web', 'elsewhere'), 0)).toThrow(
      [
        'the edge can have no route to probe/web',
        `  - the service web is not on the network ${hostLayout.network}`,
        '  - 0 is not a port: a whole number from 1 to 65535',
        'state: nothing was changed',
        `next:  attach the service to an ExternalNetwork named ${hostLayout.network}, and name the port it listens on`,
      ].join('\n'),
    );
    for (const port of [-1, 1.5, 65_536, Number.NaN]) {
      expect(() => Upstream.of(probeService('web', hostLayout.network), port)).toThrow(
        `${port} is not a port`,
      );
    }
  });

  it('would be the application of the runtime: a deploy writes the name that it has there', () => {
    const images = { postgres: `docker.io/library/postgres@${digest('c')}` } as const;
    const service = runtimeProject({ images }).services.find(({ name }) => name === app.slots.a.service);
    expect(service && Upstream.of(service, app.port)).toMatchObject({
      host: app.slots.a.upstream,
      port: app.port,
    });
    const compose = renderRuntime({ images }).find(({ path }) => path === 'compose.yaml')?.content;
    expect(compose).toMatch(new RegExp(`PORT: "?'?${app.port}`));
  });
});
