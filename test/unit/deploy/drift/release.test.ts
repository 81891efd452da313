import { createHash } from 'node:crypto';
import type { ComparedProject } from '../../../../deploy/diff/compare';
import { releaseDrift, type ReleaseOnHost } from '../../../../deploy/drift/release';

const folder = '/opt/cogni/runtime';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const digest = (digit: string): string => `postgres@sha256:${digit.repeat(64)}`;
const composeWith = (image: string): string =>
  [
    'services:',
    '  postgres:',
    `    image: "${image}"`,
    '    environment: {SECRET: "${AUTH_SECRET:?needed}"}',
    '    networks: [internal]',
    'networks:',
    '  internal: {}',
    '',
  ].join('\n');
const compose = composeWith(digest('a'));
const rendered: ComparedProject = {
  name: 'cogni-runtime',
  folder,
  files: [
    { path: 'compose.yaml', content: compose, mode: 0o644 },
    { path: 'first', content: 'none\n', mode: 0o644, seed: true },
  ],
  settings: { required: ['AUTH_SECRET'], optional: ['METRICS_TOKEN'] },
};

/** A host that has and runs what was deployed to it, which is what is rendered today. */
const well: ReleaseOnHost = {
  project: rendered,
  state: {
    files: { 'compose.yaml': { mode: 0o644, content: compose }, first: { mode: 0o644, content: 'app-a\n' } },
    settings: ['AUTH_SECRET'],
    containers: [{ service: 'postgres', state: 'running', image: digest('a'), configHash: 'one' }],
    rendered: { postgres: 'one' },
  },
  networks: [{ name: 'cogni-runtime_internal', project: 'cogni-runtime' }],
  recorded: { 'compose.yaml': sha256(compose), first: sha256('none\n') },
  deployed: { postgres: 'one' },
};
const found = (more: Partial<ReleaseOnHost>): object => {
  const { drift, waiting } = releaseDrift({ ...well, ...more }, (text) => text);
  const text = (changes: typeof drift): readonly string[] =>
    changes.map(({ of, name, what }) => `${of} ${name}: ${what}`);
  return { drift: text(drift), waiting: text(waiting) };
};
const stateWith = (more: Partial<ReleaseOnHost['state']>): Pick<ReleaseOnHost, 'state'> => ({
  state: { ...well.state, ...more },
});

describe('a release on a host', () => {
  it('is no drift where it has and runs what was deployed; a first content belongs to whoever changed it', () => {
    expect(found({})).toEqual({ drift: [], waiting: [] });
  });

  it('is drift where others may read its settings', () => {
    expect(found(stateWith({ settingsMode: 0o600 }))).toEqual({ drift: [], waiting: [] });
    expect(found(stateWith({ settingsMode: 0o644 }))).toEqual({
      drift: [`file ${folder}/.env: has another mode than deploys give it: 644, not 600`],
      waiting: [],
    });
  });

  it('is no drift where the checkout has moved on since: that waits for the next deploy', () => {
    const newer = composeWith(digest('b'));
    const [file, first] = rendered.files;
    const project = { ...rendered, files: [{ ...file!, content: newer }, first!] };
    expect(found({ project, ...stateWith({ rendered: { postgres: 'two' } }) })).toEqual({
      drift: [],
      waiting: [
        expect.stringMatching(
          /^container cogni-runtime\/postgres: was made from other than what is rendered/,
        ),
        `image ${digest('b')}: would be run by cogni-runtime/postgres, which runs ${digest('a')}`,
        `file ${folder}/compose.yaml: differs`,
      ],
    });
  });

  it('is drift where a file was written by hand, removed, added, or given another mode', () => {
    const files = {
      'compose.yaml': { mode: 0o666, content: compose },
      extra: { mode: 0o644, content: 'x' },
      edited: { mode: 0o644, content: 'by hand' },
      link: { mode: 0o777, unread: 'is a link' },
    };
    const recorded = { ...well.recorded, edited: sha256('deployed'), gone: sha256('x'), link: sha256('x') };
    expect(found({ ...stateWith({ files }), recorded })).toEqual({
      drift: [
        `file ${folder}/compose.yaml: has another mode than was deployed: 666, not 644`,
        `file ${folder}/edited: is not the file that was deployed`,
        `file ${folder}/extra: is there, and no deploy brought it`,
        `file ${folder}/first: was deployed, and is not there`,
        `file ${folder}/gone: was deployed, and is not there`,
        `file ${folder}/link: could not be compared: it is a link`,
      ],
      waiting: [],
    });
  });

  it('is drift where a container does not run, was made otherwise, or is one more', () => {
    const [postgres] = well.state.containers;
    const containersOf = (...containers: ReleaseOnHost['state']['containers']): object =>
      found(stateWith({ containers }));
    expect(containersOf()).toMatchObject({
      drift: [
        'container cogni-runtime/postgres: is rendered, and does not run',
        expect.stringContaining(digest('a')),
      ],
    });
    expect(containersOf({ ...postgres!, configHash: 'by hand' })).toMatchObject({
      drift: [expect.stringContaining('was made from other than what is rendered')],
    });
    expect(containersOf(postgres!, { ...postgres!, service: 'more' })).toMatchObject({
      drift: [
        expect.stringContaining('cogni-runtime/more'),
        expect.stringContaining('which is not rendered'),
      ],
    });
  });

  it('is drift where a setting is missing or read by nobody, by name', () => {
    expect(found(stateWith({ settings: ['OLD', 'METRICS_TOKEN'] }))).toMatchObject({
      drift: [
        'setting AUTH_SECRET: is needed, and is not set there',
        'setting OLD: is set there, and nothing reads it',
      ],
    });
  });

  it('is drift where a network is gone, or there is one more of its project', () => {
    expect(found({ networks: [{ name: 'cogni-runtime_other', project: 'cogni-runtime' }] })).toMatchObject({
      drift: [
        'network cogni-runtime_internal: would be made',
        'network cogni-runtime_other: is there, and is not rendered',
      ],
    });
  });

  it('says it where Compose could not say what it would make', () => {
    expect(found({ deployed: { unknown: 'no such file' } })).toMatchObject({
      drift: ['container cogni-runtime: what runs could not be compared: no such file'],
    });
  });
});
