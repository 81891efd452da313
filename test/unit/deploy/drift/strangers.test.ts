import { strangersOf, type AnyContainer, type Guest } from '../../../../deploy/drift/strangers';

const compose = [
  'services:',
  '  app-a: {image: app, networks: {edge: {}, internal: {}}}',
  '  postgres: {image: postgres, networks: [internal]}',
  '  alone: {image: alone, network_mode: none}',
  '  beside: {image: beside, network_mode: "service:postgres"}',
  '  plain: {image: plain}',
  '  job: {image: job, profiles: [bootstrap], networks: [internal]}',
  'networks:',
  '  edge: {name: cogni-edge, external: true}',
  '  internal: {}',
  '',
].join('\n');
const internal = 'cogni-runtime_internal';
const container = (
  service: string,
  networks: readonly string[],
  more: Partial<AnyContainer> = {},
): AnyContainer => ({
  ...{ name: `cogni-runtime-${service}-1`, project: 'cogni-runtime', service, networks },
  ...{ oneOff: false, state: 'running', image: `${service}@sha256:0` },
  ...more,
});
const well = [
  container('app-a', [internal, 'cogni-edge']),
  container('postgres', [internal]),
  container('alone', ['none']),
  container('beside', []),
  container('plain', ['cogni-runtime_default']),
];
const networks = [
  { name: 'bridge', project: '' },
  { name: 'host', project: '' },
  { name: 'none', project: '' },
  { name: 'cogni-edge', project: '' },
  { name: internal, project: 'cogni-runtime' },
];
const found = (
  containers: readonly AnyContainer[],
  more: typeof networks = [],
  guests: readonly Guest[] = [],
): readonly string[] =>
  strangersOf([{ name: 'cogni-runtime', compose }], containers, [...networks, ...more], guests).map(
    ({ of, name, what }) => `${of} ${name}: ${what}`,
  );

const guest: Guest = {
  name: 'cogni-receiver-production',
  compose: 'services:\n  receiver: {image: "receiver@sha256:0", networks: [out]}\nnetworks:\n  out: {}\n',
};

describe('what nobody rendered', () => {
  it('is nothing where every container and network is of a project, and in its place', () => {
    expect(found(well)).toEqual([]);
  });

  it('is nothing of a project that is there for another environment, and everything of one that is not', () => {
    const project = guest.name;
    const receiver = container('receiver', [`${project}_out`], { name: `${project}-receiver-1`, project });
    const network = { name: `${project}_out`, project };
    expect(found([...well, receiver], [network], [guest])).toEqual([]);
    expect(found([...well, receiver], [network])).toHaveLength(2);
  });

  it('is what wears the labels of such a project, and is another service, container, image or network of it', () => {
    const [project, out] = [guest.name, `${guest.name}_out`];
    const right = { name: `${project}-receiver-1`, project };
    const as = (more: Partial<AnyContainer>, networks = [out]): readonly string[] =>
      found([...well, container('receiver', networks, { ...right, ...more })], [], [guest]);
    expect(as({})).toEqual([]);
    for (const more of [{ service: 'miner' }, { name: 'miner' }, { oneOff: true }, { image: 'miner:1' }])
      expect(as(more)).toEqual([expect.stringMatching(/^container \S+: is /)]);
    expect(as({ image: 'miner:1' })).toEqual([
      `container ${right.name}: is not what is rendered (running, miner:1, of the Compose project ${project}): that runs receiver@sha256:0`,
    ]);
    expect(as({}, [out, 'cogni-edge'])).toEqual([
      `network ${project}/receiver: is in the network cogni-edge, which is not rendered for it`,
    ]);
    expect(found(well, [{ name: `${project}_backdoor`, project }], [guest])).toHaveLength(1);
    const anyImage = { ...guest, anyImage: true } as const;
    const other = container('receiver', [out], { ...right, image: 'another' });
    expect(found([...well, other], [], [anyImage])).toEqual([]);
  });

  it('is a container that was run by hand, of another project, or left by a job', () => {
    const miner = container('', ['bridge'], { name: 'miner', project: '', image: 'miner:1' });
    const other = container('web', [], { name: 'other-web-1', project: 'other', state: 'exited' });
    const job = container('job', [internal], { name: 'cogni-runtime-job-run-1', oneOff: true });
    expect(found([...well, miner, other, job])).toEqual([
      'container miner: is there, and nothing that is rendered made it (running, miner:1)',
      'container other-web-1: is there, and nothing that is rendered made it (exited, web@sha256:0, of the Compose project other)',
      'container cogni-runtime-job-run-1: is what a run of a job has left (running, job@sha256:0, of the Compose project cogni-runtime)',
    ]);
  });

  it('is a network that nothing of ours made', () => {
    expect(found(well, [{ name: 'backdoor', project: '' }])).toEqual([
      'network backdoor: is there, and nothing that is rendered made it',
    ]);
  });

  it('is a way into a container that is not rendered, and one that was taken away', () => {
    const [app, , ...rest] = well;
    const reached = container('postgres', [internal, 'cogni-edge']);
    expect(found([app!, reached, ...rest])).toEqual([
      'network cogni-runtime/postgres: is in the network cogni-edge, which is not rendered for it',
    ]);
    expect(found([app!, container('postgres', []), ...rest])).toEqual([
      `network cogni-runtime/postgres: is not in the network ${internal}`,
    ]);
    expect(found([container('alone', ['none', 'bridge'])])).toHaveLength(1);
  });

  it('is not told of a container that has ended, nor of the networks of one that has those of another', () => {
    expect(found([container('postgres', [], { state: 'exited' }), container('beside', [])])).toEqual([]);
  });
});
