import type { ComparedProject } from '../../../../deploy/diff/compare';
import { runtimeChanges, runtimeItems } from '../../../../deploy/diff/runtime';
import { fakeTransport, type FakeTransport } from '../fake-transport';

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;
const postgres = `docker.io/library/postgres@${digest('b')}`;
const compose = [
  'services:',
  '  app-a:',
  '    image: "${APP_IMAGE:?see ./cogni settings check}"',
  '    networks: {edge: {}, internal: {}}',
  '  postgres:',
  `    image: "${postgres}"`,
  '    networks: [internal]',
  '  db-provision:',
  `    image: "docker.io/library/job@${digest('c')}"`,
  '    profiles: [bootstrap]',
  '    networks: [jobs]',
  'networks:',
  '  edge: {name: cogni-edge, external: true}',
  '  internal: {internal: true}',
  '  jobs: {}',
  '',
].join('\n');
const folder = '/opt/cogni/runtime';
const project: ComparedProject = {
  name: 'cogni-runtime',
  folder,
  files: [{ path: 'compose.yaml', content: compose, mode: 0o644 }],
  settings: { required: ['AUTH_SECRET', 'DOMAIN'], optional: ['METRICS_TOKEN'] },
};
const hash = (digit: string): string => digit.repeat(64);

interface Host {
  readonly content?: string;
  readonly settings?: readonly string[] | null;
  readonly containers?: readonly string[];
  readonly hashes?: string;
  readonly networks?: readonly string[];
}

/** A host on which everything is as rendered, but for what is given. */
const host = (more: Host = {}): FakeTransport =>
  fakeTransport([
    [
      'python3',
      {
        stdout: JSON.stringify({
          files: { 'compose.yaml': { mode: 0o644, content: more.content ?? compose } },
          settings: more.settings === undefined ? ['AUTH_SECRET', 'DOMAIN'] : more.settings,
        }),
      },
    ],
    [
      'docker ps',
      {
        stdout: (
          more.containers ?? [
            `app-a\trunning\tghcr.test/app@${digest('d')}\t${hash('a')}`,
            `postgres\trunning\tpostgres@${digest('b')}\t${hash('b')}`,
          ]
        ).join('\n'),
      },
    ],
    ['--hash=*', { stdout: more.hashes ?? `app-a ${hash('a')}\npostgres ${hash('b')}\n` }],
    [
      'docker network ls',
      {
        stdout: (more.networks ?? ['bridge\t', 'cogni-edge\t', 'cogni-runtime_internal\tcogni-runtime']).join(
          '\n',
        ),
      },
    ],
  ]);
const changesOn = async (transport: FakeTransport): Promise<readonly string[]> =>
  (
    await runtimeChanges({
      transport,
      projects: [project],
      mask: (text) => text,
      again: './cogni plan preview',
    })
  ).map(({ of, name, what }) => `${of} ${name}: ${what}`);

describe('what is rendered for a host', () => {
  it('is containers, images, networks, files and names of settings; jobs, which end, are none of it', () => {
    expect(runtimeItems([project])).toEqual([
      { of: 'container', name: 'cogni-runtime/app-a' },
      { of: 'container', name: 'cogni-runtime/postgres' },
      { of: 'image', name: 'the image of the release (APP_IMAGE)' },
      { of: 'image', name: postgres },
      { of: 'network', name: 'cogni-edge' },
      { of: 'network', name: 'cogni-runtime_internal' },
      { of: 'file', name: `${folder}/compose.yaml` },
      { of: 'setting', name: 'AUTH_SECRET' },
      { of: 'setting', name: 'DOMAIN' },
    ]);
  });

  it('names what two projects share once', () => {
    const items = runtimeItems([project, { ...project, name: 'cogni-other' }]);
    expect(items.filter(({ name }) => name === 'cogni-edge')).toHaveLength(1);
    expect(items.filter(({ name }) => name === 'AUTH_SECRET')).toHaveLength(1);
  });

  it('is nothing but files of a project without services', () => {
    const empty = { ...project, files: [], settings: { required: [], optional: [] } };
    expect(runtimeItems([empty])).toEqual([]);
  });
});

describe('what would change of the runtime on a host', () => {
  it('is nothing where it has and runs just that; an image of the release is not its business', async () => {
    expect(await changesOn(host())).toEqual([]);
  });

  it('is read, and nothing is written; of .env the names alone', async () => {
    const transport = host();
    await changesOn(transport);
    expect(transport.log.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'docker network',
      'python3 -c',
      'docker ps',
      'docker compose',
    ]);
  });

  it('is another image, by its digest and not by how its name is written', async () => {
    const containers = [
      `app-a\trunning\tghcr.test/app@${digest('d')}\t${hash('a')}`,
      `postgres\trunning\tpostgres@${digest('e')}\t${hash('e')}`,
    ];
    expect(await changesOn(host({ containers }))).toEqual([
      expect.stringMatching(/^container cogni-runtime\/postgres: was made from other than what is rendered/),
      `image ${postgres}: would be run by cogni-runtime/postgres, which runs postgres@${digest('e')}`,
    ]);
  });

  it('is a service that does not run there yet, and one that is not rendered any more', async () => {
    const containers = [
      `app-a\trunning\tghcr.test/app@${digest('d')}\t${hash('a')}`,
      `old\trunning\told@${digest('f')}\t${hash('f')}`,
    ];
    expect(await changesOn(host({ containers }))).toEqual([
      `container cogni-runtime/old: runs (old@${digest('f')}), and is not rendered`,
      'container cogni-runtime/postgres: is rendered, and does not run',
      `image ${postgres}: would be run by cogni-runtime/postgres, which runs nothing yet`,
      `image old@${digest('f')}: is run by cogni-runtime/old, which is not rendered`,
    ]);
  });

  it('is one container more than is rendered, of which no image would come', async () => {
    const containers = [
      `app-a\trunning\tghcr.test/app@${digest('d')}\t${hash('a')}`,
      `postgres\trunning\tpostgres@${digest('e')}\t${hash('e')}`,
      `postgres\trunning\tpostgres@${digest('b')}\t${hash('b')}`,
    ];
    expect(await changesOn(host({ containers }))).toEqual([
      `container cogni-runtime/postgres: is there once more than it is rendered (running, postgres@${digest('e')})`,
    ]);
  });

  it('is a network that would be made, one that must be there, and one that is left; jobs have their own', async () => {
    expect(await changesOn(host({ networks: ['bridge\t', 'cogni-runtime_old\tcogni-runtime'] }))).toEqual([
      'network cogni-edge: is needed, and is not there',
      'network cogni-runtime_internal: would be made',
      'network cogni-runtime_old: is there, and is not rendered',
    ]);
  });

  it('is a file, by its path alone', async () => {
    expect(await changesOn(host({ content: 'services: {secret: 1}\n' }))).toEqual([
      `file ${folder}/compose.yaml: differs`,
    ]);
  });

  it('is the name of a setting that is needed, or that nothing reads', async () => {
    expect(await changesOn(host({ settings: ['DOMAIN', 'METRICS_TOKEN', 'OLD'] }))).toEqual([
      'setting AUTH_SECRET: is needed, and is not set there',
      'setting OLD: is set there, and nothing reads it',
    ]);
    expect(await changesOn(host({ settings: null }))).toEqual([
      'setting AUTH_SECRET: is needed, and is not set there',
      'setting DOMAIN: is needed, and is not set there',
    ]);
  });

  it('is not called nothing where the host cannot say', async () => {
    const transport = fakeTransport([['docker network ls', { code: 1, stderr: 'no daemon' }]]);
    await expect(changesOn(transport)).rejects.toThrow(
      /networks of .* could not be looked at[\s\S]*no daemon/,
    );
  });
});
