import { renderedCompose, requiredSettings } from '../../../../deploy/diff/rendered-compose';

describe('a Compose file as it was rendered', () => {
  it('has services that stay, with the networks of their containers by the names on a host', () => {
    const text = [
      'services:',
      '  app: {image: app, networks: {edge: {aliases: [a]}, internal: {}}}',
      '  plain: {image: plain}',
      '  alone: {image: alone, network_mode: none}',
      '  beside: {image: beside, network_mode: "container:x"}',
      '  job: {image: job, profiles: [jobs], networks: [jobs]}',
      'networks: {edge: {name: cogni-edge, external: true}, internal: {}, jobs: {}}',
    ].join('\n');
    expect(renderedCompose('cogni-x', text)).toEqual({
      services: [
        { name: 'app', image: 'app', networks: ['cogni-edge', 'cogni-x_internal'] },
        { name: 'plain', image: 'plain', networks: ['cogni-x_default'] },
        { name: 'alone', image: 'alone', networks: ['none'] },
        { name: 'beside', image: 'beside', networks: undefined },
      ],
      networks: [
        { name: 'cogni-edge', external: true },
        { name: 'cogni-x_internal', external: false },
      ],
    });
    expect(renderedCompose('cogni-x', '')).toEqual({ services: [], networks: [] });
  });

  it('needs the settings that it cannot be started without, and none that is written as text', () => {
    expect(requiredSettings('a: "${B:?see}" ${A:?} ${C:-x} $${D:?x}')).toEqual(['A', 'B']);
  });
});
