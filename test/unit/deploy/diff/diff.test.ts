import type { ComparedProject } from '../../../../deploy/diff/compare';
import { diffHost, diffText, type DiffResult } from '../../../../deploy/diff/diff';
import { secretsMask } from '../../../../deploy/diff/mask';
import { fakeTransport, type Answer, type FakeTransport } from '../fake-transport';

const folder = '/opt/cogni/runtime';
const project: ComparedProject = {
  name: 'cogni-runtime',
  folder,
  files: [
    { path: 'compose.yaml', content: 'services:\n  app: {}\n', mode: 0o644 },
    { path: 'caddy/upstream/active', content: 'none\n', mode: 0o644, seed: true },
  ],
  settings: { required: ['AUTH_SECRET', 'DOMAIN'], optional: ['METRICS_TOKEN'] },
};
const hash = (digit: string): string => digit.repeat(64);
const asRendered = {
  'compose.yaml': { mode: 0o644, content: 'services:\n  app: {}\n' },
  'caddy/upstream/active': { mode: 0o644, content: 'cogni-app\n' },
};
const running = `app\trunning\tghcr.test/app@sha256:1\t${hash('a')}\n`;

interface Host {
  readonly files?: unknown;
  readonly settings?: readonly string[] | null;
  readonly settingsMode?: number;
  readonly containers?: string;
  readonly hashes?: Answer;
}

/** A host on which everything is as rendered, but for what is given. */
function host(more: Host = {}): FakeTransport {
  const { files = asRendered, settings = ['AUTH_SECRET', 'DOMAIN'], containers = running } = more;
  return fakeTransport([
    ['python3', { stdout: JSON.stringify({ files, settings, settingsMode: more.settingsMode ?? 0o600 }) }],
    ['docker ps', { stdout: containers }],
    ['--hash=*', more.hashes ?? { stdout: `app ${hash('a')}\n` }],
  ]);
}

const diff = (transport: FakeTransport): Promise<DiffResult> =>
  diffHost({
    transport,
    projects: [project],
    mask: secretsMask([]),
    again: './cogni render preview --diff',
  });
const found = async (more: Host): Promise<readonly string[]> =>
  (await diff(host(more))).differences.map(({ at, what }) => `${at}: ${what}`);

describe('comparing what is rendered with a host', () => {
  it('finds nothing on a host that has and runs just that', async () => {
    expect(await diff(host())).toEqual({ same: true, differences: [] });
  });

  it('tells the host which paths are state, to be left out', async () => {
    const transport = host();
    await diffHost({
      transport,
      projects: [{ ...project, state: ['caddy/upstream/maintenance'] }],
      mask: secretsMask([]),
      again: './cogni render preview --diff',
    });
    expect(transport.log[0]).toMatch(
      / \/opt\/cogni\/runtime \.next \.previous caddy\/upstream\/maintenance$/,
    );
  });

  it('only reads, and takes no value out of .env', async () => {
    const transport = host();
    await diff(transport);
    expect(transport.log.map((line) => line.replace(/-c [\s\S]* \/opt/, '-c … /opt'))).toEqual([
      'python3 -c … /opt/cogni/runtime .next .previous',
      'docker ps --all --no-trunc --filter=label=com.docker.compose.project=cogni-runtime --filter=label=com.docker.compose.oneoff=False --format={{.Label "com.docker.compose.service"}}\t{{.State}}\t{{.Image}}\t{{.Label "com.docker.compose.config-hash"}}',
      'docker compose --project-name=cogni-runtime --project-directory=/opt/cogni/runtime --env-file=/opt/cogni/runtime/.env --file=- config --hash=*',
    ]);
    expect(transport.inputs).toEqual(['services:\n  app: {}\n']);
  });

  it('shows a changed file as a diff from the host to what is rendered', async () => {
    const files = { ...asRendered, 'compose.yaml': { mode: 0o644, content: 'services:\n  old: {}\n' } };
    expect((await diff(host({ files }))).differences).toEqual([
      {
        of: 'file',
        at: `${folder}/compose.yaml`,
        what: 'differs',
        diff: [
          `--- ${folder}/compose.yaml`,
          `+++ rendered${folder}/compose.yaml`,
          '@@ -1,2 +1,2 @@',
          ' services:',
          '-  old: {}',
          '+  app: {}',
          '',
        ].join('\n'),
      },
    ]);
  });

  it('leaves the content of a seed to the host, and misses it where it is gone', async () => {
    expect(await found({})).toEqual([]);
    const files = { 'compose.yaml': asRendered['compose.yaml'] };
    expect(await found({ files })).toEqual([
      `${folder}/caddy/upstream/active: is rendered, and is not there`,
    ]);
  });

  it('finds another mode, what is not rendered, and what cannot be compared', async () => {
    const files = {
      ...asRendered,
      'compose.yaml': { ...asRendered['compose.yaml'], mode: 0o600 },
      extra: { mode: 0o644, content: 'AUTH_SECRET=0123\n' },
      link: { mode: 0o777, unread: 'is a link' },
    };
    const { differences } = await diff(host({ files }));
    expect(differences.map(({ at, what }) => `${at}: ${what}`)).toEqual([
      `${folder}/compose.yaml: mode 0600 there, 0644 rendered`,
      `${folder}/extra: is there, and is not rendered`,
      `${folder}/link: is there, and is not rendered`,
    ]);
    expect(differences[1]?.diff).toContain('-AUTH_SECRET=[secret AUTH_SECRET]');
  });

  it('hides a secret of which a part alone is near to a change, and says so where nothing else differs', async () => {
    const lines = (marker: string): string =>
      ['AUTH_SECRET: |', ...Array.from({ length: 6 }, () => '  planted'), `${marker}: 1`, ''].join('\n');
    const rendered = { ...project, files: [{ path: 'a.yaml', content: lines('new'), mode: 0o644 }] };
    const against = async (content: string): Promise<DiffResult['differences']> => {
      const transport = host({ files: { 'a.yaml': { mode: 0o644, content } } });
      const mask = secretsMask([]);
      return (await diffHost({ transport, projects: [rendered], mask, again: 'x' })).differences;
    };
    expect((await against(lines('old')))[0]?.diff).toMatch(/^-old: 1\n\+new: 1$/m);
    expect(JSON.stringify(await against(lines('old')))).not.toContain('planted');
    expect(await against(lines('new').replace('planted', 'another'))).toEqual([
      { of: 'file', at: `${folder}/a.yaml`, what: 'differs in what is masked alone', diff: '' },
    ]);
  });

  it('compares the settings of the host by their names', async () => {
    expect(await found({ settings: ['DOMAIN', 'METRICS_TOKEN', 'OLD'] })).toEqual([
      `${folder}/.env: lacks AUTH_SECRET`,
      `${folder}/.env: has what nothing reads: OLD`,
    ]);
    expect(await found({ settings: null })).toEqual([`${folder}/.env: is not there`]);
  });

  it('finds settings that others than their owner may read', async () => {
    expect(await found({ settingsMode: 0o644 })).toEqual([
      `${folder}/.env: has another mode than deploys give it: 644, not 600`,
    ]);
  });

  it.each([
    ['does not run', '', 'is rendered, and does not run'],
    ['has ended', running.replace('running', 'exited'), 'is exited'],
    [
      'was made from something else',
      running.replace(hash('a'), hash('b')),
      'was made from other than what is rendered (it runs ghcr.test/app@sha256:1): a deploy would make it anew',
    ],
  ])('finds a service that %s', async (_what, containers, what) => {
    expect(await found({ containers })).toEqual([`cogni-runtime/app: ${what}`]);
  });

  it('finds a container whose service is not rendered', async () => {
    const containers = `${running}old\trunning\told@sha256:2\t${hash('c')}\n`;
    expect(await found({ containers })).toEqual([
      'cogni-runtime/old: runs (old@sha256:2), and is not rendered',
    ]);
  });

  it.each([
    ['running', 'runs'],
    ['exited', 'is exited'],
  ])('finds everything that is left of a project that is not rendered: %s', async (state, is) => {
    const transport = host({
      files: { 'compose.yaml': { mode: 0o644, content: 'services: {}\n' } },
      settings: ['A_TOKEN'],
      containers: `app\t${state}\told@sha256:2\t${hash('c')}\n`,
      hashes: { code: 1, stderr: 'empty compose file\n' },
    });
    const gone = { ...project, files: [], settings: { required: [], optional: [] } };
    const { differences } = await diffHost({
      ...{ transport, projects: [gone], mask: secretsMask([]), again: 'x' },
    });
    expect(differences.map(({ at, what }) => `${at}: ${what}`)).toEqual([
      `${folder}/compose.yaml: is there, and is not rendered`,
      `${folder}/.env: has what nothing reads: A_TOKEN`,
      `cogni-runtime/app: ${is} (old@sha256:2), and is not rendered`,
    ]);
    expect(transport.log.filter((line) => line.includes('--hash'))).toEqual([]);
  });

  const older = `app\trunning\told@sha256:2\t${hash('b')}\n`;
  const stopped = `app\texited\tolder@sha256:3\t${hash('a')}\n`;
  it.each([
    [
      'after the right one',
      running + older,
      ['is there once more than it is rendered (running, old@sha256:2)'],
    ],
    [
      'before the right one',
      older + running,
      ['is there once more than it is rendered (running, old@sha256:2)'],
    ],
    [
      'of the same',
      running + running,
      ['is there once more than it is rendered (running, ghcr.test/app@sha256:1)'],
    ],
    [
      'where none is right',
      stopped + older,
      [
        'was made from other than what is rendered (it runs old@sha256:2): a deploy would make it anew',
        'is there once more than it is rendered (exited, older@sha256:3)',
      ],
    ],
  ])('finds each further container of a service: %s', async (_what, containers, whats) => {
    expect(await found({ containers })).toEqual(whats.map((what) => `cogni-runtime/app: ${what}`));
  });

  it('says why what runs could not be compared, without failing', async () => {
    const hashes = { code: 1, stderr: 'required variable APP_IMAGE is missing a value\n' };
    expect(await found({ hashes })).toEqual([
      'cogni-runtime: what runs could not be compared: required variable APP_IMAGE is missing a value',
    ]);
  });

  it('fails when the host cannot be asked, without showing the script that it was asked with', async () => {
    const transport = fakeTransport([['python3', { code: 127, stderr: 'python3: not found' }]]);
    const failed = diff(transport);
    await expect(failed).rejects.toThrow(/cogni-runtime on deploy@203\.0\.113\.7 could not be looked at/);
    await expect(failed).rejects.toThrow('next:  mend what it says, then ./cogni render preview --diff');
    await expect(failed).rejects.not.toThrow('import json');
  });

  it('reads as the differences with their diffs, and how many they are', async () => {
    const result = await diff(host({ settings: ['DOMAIN'], containers: '' }));
    expect(diffText(result, 'the same')).toBe(
      [
        `${folder}/.env: lacks AUTH_SECRET`,
        'cogni-runtime/app: is rendered, and does not run',
        '2 differences',
      ].join('\n'),
    );
    expect(diffText({ same: true, differences: [] }, 'the same')).toBe('the same');
  });
});
