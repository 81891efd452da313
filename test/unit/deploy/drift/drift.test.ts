import { createHash } from 'node:crypto';
import { revisionOf } from '../../../../bootstrap';
import type { ComparedProject } from '../../../../deploy/diff/compare';
import { exitCodeOfDrift, findDrift, type DriftProps } from '../../../../deploy/drift/drift';
import type { DriftReport } from '../../../../deploy/drift/finding';
import { driftText } from '../../../../deploy/drift/text';
import { renderRecord } from '../../../../deploy/rolling/record';
import { fixedNeeds } from '../../bootstrap/fixed-needs';
import { fakeTransport, type Answer } from '../fake-transport';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const digest = (digit: string): string => `x/app@sha256:${digit.repeat(64)}`;
const edgeCompose =
  'services:\n  caddy: {image: caddy, networks: [edge]}\nnetworks:\n  edge: {name: cogni-edge, external: true}\n';
const runtimeCompose =
  'services:\n  postgres: {image: postgres, networks: [internal]}\n  litellm: {image: litellm, networks: [internal]}\nnetworks:\n  internal: {}\n';
const caddyfile = 'respond ok\n';
const project = (name: string, files: ComparedProject['files']): ComparedProject => ({
  ...{ name: `cogni-${name}`, folder: `/opt/cogni/${name}`, files },
  settings: { required: [], optional: [] },
});
const edgeFiles = [
  { path: 'compose.yaml', content: edgeCompose, mode: 0o644 },
  { path: 'caddy/Caddyfile', content: caddyfile, mode: 0o644 },
];
const projects = [
  project('edge', edgeFiles),
  project('runtime', [{ path: 'compose.yaml', content: runtimeCompose, mode: 0o644 }]),
];
const record = renderRecord({
  ...{ version: 2, id: '20261121T081500Z-preview-1', environment: 'preview', domain: 'preview.cogni.test' },
  ...{ strategy: 'rolling', slot: 'a', tag: 'preview-1', buildSha: '1', at: '2026-11-21T08:15:00Z' },
  images: { app: digest('a'), migrator: digest('b'), postgres: digest('c') },
  files: { 'compose.yaml': sha256(runtimeCompose) },
  ...{ by: { who: 'ada', from: 'laptop' }, replaces: null },
});
const files = (...entries: readonly (readonly [string, string])[]): Answer => ({
  stdout: JSON.stringify({
    files: Object.fromEntries(entries.map(([path, content]) => [path, { mode: 0o644, content }])),
    settings: null,
  }),
});
const clock = 'clock 1000 100.00 100\n';
const free: Answer = { stdout: clock };
const held: Answer = { stdout: `${clock}holder 12 34 flock\nsays grace deploys preview-2\n` };

const litellm = `litellm\trunning\tlitellm\t${'3'.repeat(64)}\n`;

/** A host that has and runs what was rendered for it. Rules that are given come before these. */
const asRendered: readonly (readonly [string, Answer])[] = [
  ['lock.holder', free],
  ['-name *.json', { stdout: record }],
  ['deploy/current', { stdout: record }],
  ['docker network ls', { stdout: 'bridge\t\ncogni-edge\t\ncogni-runtime_internal\tcogni-runtime\n' }],
  [' /opt/cogni/edge .next', files(['compose.yaml', edgeCompose], ['caddy/Caddyfile', caddyfile])],
  [' /opt/cogni/runtime .next', files(['compose.yaml', runtimeCompose])],
  ['service=caddy', { stdout: 'running\th1\n' }],
  ['project=cogni-edge', { stdout: `caddy\trunning\tcaddy\t${'1'.repeat(64)}\n` }],
  ['project=cogni-runtime', { stdout: `postgres\trunning\tpostgres\t${'2'.repeat(64)}\n${litellm}` }],
  ['config --hash caddy', { stdout: 'caddy h1\n' }],
  ['config --images', { stdout: 'caddy\n' }],
  ['--project-name=cogni-edge', { stdout: `caddy ${'1'.repeat(64)}\n` }],
  ['--project-name=cogni-runtime', { stdout: `postgres ${'2'.repeat(64)}\nlitellm ${'3'.repeat(64)}\n` }],
  [
    '{{.Networks}}',
    {
      stdout: [
        'cogni-edge-caddy-1\tcogni-edge\tcaddy\tFalse\trunning\tcaddy\tcogni-edge',
        'cogni-runtime-postgres-1\tcogni-runtime\tpostgres\tFalse\trunning\tpostgres\tcogni-runtime_internal',
      ].join('\n'),
    },
  ],
  [
    'sha256sum',
    {
      stdout: `${sha256(edgeCompose)}  /opt/cogni/edge/compose.yaml\n${sha256(caddyfile)}  /opt/cogni/edge/caddy/Caddyfile\n`,
    },
  ],
  ['2019/config', { stdout: 'the same\n' }],
  ['staged, current', { stdout: '[]' }],
  ['bootstrap.sh check', { stdout: 'ssh\tok\t\n' }],
  ['cat -- /var/lib/cogni/bootstrap.ok', { stdout: `{"document":"${revisionOf(fixedNeeds)}"}` }],
  ['dpkg-query', { stdout: '[]' }],
];
type Rules = readonly (readonly [string, Answer | Answer[]])[];
const ours: Pick<DriftProps, 'rendered'> = {
  rendered: {
    needs: fixedNeeds,
    edge: {
      ...{ environment: 'preview', domain: 'preview.cogni.test', files: edgeFiles },
      ...{ by: { who: 'ada', from: 'laptop' }, at: new Date('2026-11-21T08:15:00Z') },
    },
  },
};
const look = (...changed: Rules): Promise<DriftReport> => lookAt(projects, changed);
const lookAt = (
  given: readonly ComparedProject[],
  changed: Rules,
  more: Pick<DriftProps, 'rendered' | 'guests'> = ours,
): Promise<DriftReport> =>
  findDrift({
    environment: 'preview',
    transport: fakeTransport([...changed, ...asRendered]),
    projects: given,
    mask: (text) => text,
    ...more,
  });
const text = ({ of, name, what, next }: DriftReport['drift'][number]): string =>
  `${of} ${name}: ${what}; ${next}`;

describe('a look for drift', () => {
  it('sends nobody to a deploy for a container that calls itself one of our project, and everybody for another image', async () => {
    const deploying = './cogni deploy preview --image-tag preview-1';
    const nextFor = async (stdout: string): Promise<readonly string[]> =>
      (await look(['project=cogni-runtime', { stdout }])).drift.map(({ of, next }) => `${of}: ${next}`);
    const well = `postgres\trunning\tpostgres\t${'2'.repeat(64)}\n${litellm}`;
    const somebody = 'find out who needs it: then it goes, or into what is rendered';
    expect(await nextFor(`guest\trunning\tminer\t\n${well}`)).toEqual([
      `container: ${somebody}`,
      `image: ${somebody}`,
    ]);
    expect(await nextFor(`postgres\trunning\tother\t${'9'.repeat(64)}\n${litellm}`)).toEqual([
      `container: ${deploying} --restart-database`,
      `image: ${deploying} --restart-database`,
    ]);
    expect(await nextFor(well.replace(/litellm\t3+/, `other\t${'9'.repeat(64)}`))).toEqual([
      `container: ${deploying}`,
      `image: ${deploying}`,
    ]);
    expect(await nextFor(`postgres\texited\tpostgres\t${'2'.repeat(64)}\n${litellm}`)).toEqual([
      `container: ${deploying}`,
    ]);
  });

  it('finds nothing on a host that has and runs what was rendered for it, and nothing else', async () => {
    const report = await look();
    expect(report).toMatchObject({ state: 'same', drift: [], waiting: [] });
    expect(exitCodeOfDrift(report)).toBe(0);
    expect(driftText(report)).toBe(
      'preview has and runs what was rendered for it (preview-1, deployed 2026-11-21T08:15:00Z by ada)\n',
    );
  });

  it.each<[string, [string, Answer], string]>([
    [
      'a file of the edge',
      [' /opt/cogni/edge .next', files(['compose.yaml', edgeCompose], ['caddy/Caddyfile', 'by hand'])],
      'file /opt/cogni/edge/caddy/Caddyfile: differs; ./cogni edge apply preview --dry-run',
    ],
    [
      'a file of the release',
      [' /opt/cogni/runtime .next', files(['compose.yaml', `${runtimeCompose}# by hand\n`])],
      'file /opt/cogni/runtime/compose.yaml: is not the file that was deployed; ./cogni deploy preview --image-tag preview-1',
    ],
    [
      'a database that runs in a container of before, which a deploy leaves alone unless it is told',
      ['project=cogni-runtime', { stdout: `postgres\trunning\tpostgres\t${'9'.repeat(64)}\n${litellm}` }],
      'container cogni-runtime/postgres: was made from other than what is rendered (it runs postgres): a deploy would make it anew; ./cogni deploy preview --image-tag preview-1 --restart-database',
    ],
    [
      'a container that was made anew from the very image, which a deploy takes for the right one',
      [
        'project=cogni-runtime',
        {
          stdout: `postgres\trunning\tpostgres\t${'2'.repeat(64)}\nlitellm\trunning\tlitellm\t${'9'.repeat(64)}\n`,
        },
      ],
      'container cogni-runtime/litellm: was made from other than what is rendered (it runs litellm): a deploy would make it anew; on the host: flock /var/lib/cogni/deploy/runtime.at-work.lock docker compose --project-directory=/opt/cogni/runtime up --detach --no-deps litellm',
    ],
    [
      'what Caddy serves',
      ['2019/config', { stdout: 'differs at apps\n' }],
      'caddy cogni-edge/caddy: serves something else than its Caddyfile says; ./cogni edge apply preview',
    ],
    [
      'a container that somebody ran',
      [
        '{{.Networks}}',
        { stdout: 'miner\t\t\t\trunning\tminer\tbridge\t\nreader\t\t\t\tcreated\tapp\tbridge\tmigrations\n' },
      ],
      'container miner: is there, and nothing that is rendered made it (running, miner); find out who needs it: then it goes, or into what is rendered',
    ],
    [
      'what a phase of the bootstrap wants',
      ['bootstrap.sh check', { code: 10, stdout: 'firewall\tacts\tload the firewall rules\n' }],
      'phase firewall: the bootstrap would do this again: load the firewall rules; ./cogni host converge preview',
    ],
    [
      'a file of the bootstrap, on a host that was brought to this one',
      ['staged, current', { stdout: '["bootstrap.sh"]' }],
      'file /opt/cogni/bootstrap/bootstrap.sh: is not what the host was brought to; ./cogni host converge preview',
    ],
    [
      'a cron job',
      [
        'dpkg-query',
        { stdout: '[{"kind":"cron","path":"/etc/cron.d/mine","delivered":false,"changed":false}]' },
      ],
      'cron /etc/cron.d/mine: is there, and neither the bootstrap nor a package brought it; find out who needs it: then it goes, or into the bootstrap',
    ],
  ])('finds %s, and says what brings it back', async (_, rule, expected) => {
    const report = await look(rule);
    expect(report.drift.map(text)).toEqual([expected]);
    expect(report.state).toBe('differs');
    expect(exitCodeOfDrift(report)).toBe(10);
    expect(driftText(report)).toContain('preview is not what was rendered for it: 1 difference (');
  });

  it('tells everything of a project that is not rendered any more once, and sends nobody to a command that refuses it', async () => {
    const somebody = 'find out who needs it: then it goes, or into what is rendered';
    const scored =
      'cogni-sourcecred-sourcecred-1\tcogni-sourcecred\tsourcecred\tFalse\trunning\trunner\tcogni-edge';
    const report = await lookAt(
      [...projects, project('sourcecred', [])],
      [
        [' /opt/cogni/sourcecred .next', files(['compose.yaml', 'services: {}\n'])],
        ['project=cogni-sourcecred', { stdout: `sourcecred\trunning\trunner\t${'5'.repeat(64)}\n` }],
        ['{{.Networks}}', { stdout: scored }],
      ],
    );
    expect(report.drift.map(text)).toEqual([
      `container cogni-sourcecred/sourcecred: runs (runner), and is not rendered; ${somebody}`,
      `image runner: is run by cogni-sourcecred/sourcecred, which is not rendered; ${somebody}`,
      `file /opt/cogni/sourcecred/compose.yaml: is there, and is not rendered; ${somebody}`,
    ]);
  });

  it('leaves to a guest what is of another environment, beside a project that is not rendered', async () => {
    const receiver =
      'cogni-receiver-x-receiver-1\tcogni-receiver-x\treceiver\tFalse\trunning\tpg\tcogni-receiver-x_default';
    const report = await lookAt(
      [...projects, project('sourcecred', [])],
      [
        [' /opt/cogni/sourcecred .next', files()],
        ['project=cogni-sourcecred', { stdout: '' }],
        ['{{.Networks}}', { stdout: receiver }],
      ],
      { ...ours, guests: [{ name: 'cogni-receiver-x', compose: 'services:\n  receiver: {image: pg}\n' }] },
    );
    expect(report).toMatchObject({ state: 'same', drift: [], waiting: [] });
  });

  it('names for a receiver with another image or network what makes it again, and for what only wears its labels who to ask', async () => {
    const mend = './cogni receiver up x';
    const compose = 'services:\n  receiver: {image: pg, networks: [out]}\nnetworks:\n  out: {}\n';
    const nextFor = async (container: string): Promise<readonly string[]> =>
      (
        await lookAt(projects, [['{{.Networks}}', { stdout: container }]], {
          ...ours,
          guests: [{ name: 'cogni-receiver-x', compose, mend }],
        })
      ).drift.map(({ of, next, ...more }) => {
        expect(Object.keys(more)).toEqual(['name', 'what']);
        return `${of}: ${next}`;
      });
    const like = (service: string, image: string, networks: string): string =>
      `cogni-receiver-x-${service}-1\tcogni-receiver-x\t${service}\tFalse\trunning\t${image}\t${networks}`;
    const out = 'cogni-receiver-x_out';
    expect(await nextFor(like('receiver', 'pg', out))).toEqual([]);
    expect(await nextFor(like('receiver', 'pg-of-before', out))).toEqual([`container: ${mend}`]);
    expect(await nextFor(like('receiver', 'pg', `${out},cogni-edge`))).toEqual([`network: ${mend}`]);
    expect(await nextFor(like('miner', 'pg', out))).toEqual([
      'container: find out who needs it: then it goes, or into what is rendered',
    ]);
  });

  it('looks at what runs on a host that somebody else made, and says what of it was not looked at', async () => {
    const made = { guests: [{ name: 'cogni-edge', compose: edgeCompose, anyImage: true }] } as const;
    const silent: Rules = ['2019/config', 'staged, current', 'bootstrap.sh', 'dpkg-query'].map(
      (question) => [question, { code: 1, stderr: 'there is none' }] as const,
    );
    const runtime = projects.filter(({ name }) => name === 'cogni-runtime');
    const report = await lookAt(runtime, silent, made);
    expect(report).toMatchObject({ state: 'same', drift: [], waiting: [] });
    expect(driftText(report)).toContain('; somebody else made the host: its edge, firewall, sshd, ');
    const stranger = 'miner\t\t\t\trunning\tminer\tbridge\t\n';
    expect(
      (await lookAt(runtime, [...silent, ['{{.Networks}}', { stdout: stranger }]], made)).drift,
    ).toMatchObject([{ of: 'container', name: 'miner' }]);
    const changed = files(['compose.yaml', `${runtimeCompose}# by hand\n`]);
    expect(
      (await lookAt(runtime, [...silent, [' /opt/cogni/runtime .next', changed]], made)).drift,
    ).toMatchObject([{ of: 'file', what: 'is not the file that was deployed' }]);
  });

  it('leaves an edge file to the comparison of its project, where the phases name it too', async () => {
    const report = await look(['bootstrap.sh check', { code: 11, stdout: 'edge\tdiffers\tcompose.yaml\n' }]);
    expect(report.drift).toEqual([]);
  });

  it('takes a bootstrap that is rendered otherwise today for no drift of a host that was never brought to it', async () => {
    const report = await look(
      ['staged, current', { stdout: '["settings"]' }],
      ['cat -- /var/lib/cogni/bootstrap.ok', { stdout: '{"document":"another"}' }],
    );
    expect(report).toMatchObject({ state: 'same', waiting: [{ name: '/opt/cogni/bootstrap/settings' }] });
    expect(driftText(report)).toContain('which is no drift: 1 difference for the next deploy');
  });

  it('says that Caddy gives no answer where somebody changed its Caddyfile, which it may not take', async () => {
    const report = await look(
      [' /opt/cogni/edge .next', files(['compose.yaml', edgeCompose], ['caddy/Caddyfile', 'by hand'])],
      ['sha256sum', { stdout: `${sha256('by hand')}  /opt/cogni/edge/caddy/Caddyfile\n` }],
      ['2019/config', { code: 1, stderr: 'adapting config using caddyfile: unrecognized directive' }],
    );
    expect(report.drift.map(text)).toEqual([
      'file /opt/cogni/edge/caddy/Caddyfile: differs; ./cogni edge apply preview --dry-run',
      'caddy cogni-edge/caddy: does not say whether it serves its Caddyfile, which is not as rendered; ./cogni edge apply preview',
    ]);
  });

  it('takes a runtime that was never deployed for no drift', async () => {
    const report = await look(
      ['deploy/current', { code: 1 }],
      [' /opt/cogni/runtime .next', files()],
      ['project=cogni-runtime', { stdout: '' }],
      ['{{.Networks}}', { stdout: '' }],
    );
    expect(report).toMatchObject({ state: 'same', about: 'no release was deployed' });
    expect(report.waiting.map(({ of }) => of)).toEqual(['container', 'container', 'image', 'image', 'file']);
  });

  it('says nothing while a deploy is under way or SourceCred is brought, also one that began meanwhile, or Docker Compose of one that was killed, or another run of the phases', async () => {
    const ended: Answer = { stdout: `${clock}says grace deploys preview-2\n` };
    for (const lock of [held, [free, held], [free, ended]]) {
      for (const file of ['deploy/lock.holder', 'deploy/sourcecred.lock.holder']) {
        const report = await look([file, Array.isArray(lock) ? [...lock] : lock]);
        expect(report).toMatchObject({ state: 'busy', drift: [] });
        expect(report.about).toContain('grace deploys preview-2');
        expect(exitCodeOfDrift(report)).toBe(4);
        expect(driftText(report)).toContain('preview was not looked at (somebody is at work');
      }
    }
    const composed: Answer = { stdout: '/var/lib/cogni/deploy/runtime.at-work.lock\n' };
    for (const answer of [composed, [{}, composed]]) {
      const left = await look(['runtime.at-work.lock', answer]);
      expect(left).toMatchObject({ state: 'busy', drift: [] });
      expect(left.about).toContain('Docker Compose is at work at the runtime');
    }
    const report = await look(['bootstrap.sh check', { code: 75 }]);
    expect(report.state).toBe('busy');
  });

  it.each([
    ['Docker', 'docker network ls'],
    ['the list of containers', '{{.Networks}}'],
    ['the units', 'dpkg-query'],
    ['the phases', 'bootstrap.sh check'],
    ['Caddy', '2019/config'],
  ])(
    'fails where %s cannot be asked: half a look would find nothing in the other half',
    async (_, question) => {
      await expect(look([question, { code: 1, stderr: 'no' }])).rejects.toMatchObject({
        exitCode: 1,
        next: expect.stringMatching(/\.\/cogni (drift|host)/) as string,
      });
    },
  );
});
