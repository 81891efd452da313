import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DriftFinding, DriftReport } from '../../../deploy/drift/finding';
import { DeployedWorld } from '../../e2e/deployed-world';
import { cogni, testWorld, textOf } from '../../e2e/sandbox-cli';

const planted = 'planted-by-hand-0123456789';
const runtime = '/opt/cogni/runtime';
const edge = '/opt/cogni/edge';

/** Something that a person does on a host by hand, and what has to be found of it. */
interface HandChange {
  readonly what: string;
  /** Words for a shell on the host. */
  readonly does: string;
  readonly found: Partial<DriftFinding>;
  /** Words for a shell that take it away, where no command of ours does: it is somebody's. */
  readonly takenAway?: string;
}

const text = (pattern: RegExp): string => expect.stringMatching(pattern) as string;

const changes: readonly HandChange[] = [
  {
    what: 'a container is made anew from another image',
    does: `cd ${runtime} && image=$(docker inspect --format '{{.Config.Image}}' cogni-runtime-postgres-1) &&
      printf 'services: {litellm: {image: "%s", entrypoint: [sleep], command: [infinity], healthcheck: {test: [CMD, "true"]}}}' "$image" >/tmp/other.yaml &&
      docker compose --file compose.yaml --file /tmp/other.yaml up --detach --no-deps litellm && rm /tmp/other.yaml`,
    found: {
      of: 'container',
      name: 'cogni-runtime/litellm',
      what: text(/was made from other than what is rendered/),
      next: './cogni deploy preview --image-tag preview-1111111',
    },
  },
  {
    what: 'a container is started that calls itself one of our project',
    does: `docker run --detach --name=guest --label=com.docker.compose.project=cogni-runtime --label=com.docker.compose.service=guest \\
      --label=com.docker.compose.oneoff=False --entrypoint=sleep "$(docker inspect --format '{{.Config.Image}}' cogni-runtime-postgres-1)" infinity`,
    found: {
      of: 'container',
      name: 'cogni-runtime/guest',
      what: text(/is not rendered/),
      next: text(/^find out who needs it/),
    },
    takenAway: 'docker rm --force guest',
  },
  {
    what: 'a container is started beside all projects',
    does: `docker run --detach --name=stranger --entrypoint=sleep "$(docker inspect --format '{{.Config.Image}}' cogni-runtime-postgres-1)" infinity`,
    found: { of: 'container', name: 'stranger', what: text(/nothing that is rendered made it \(running, /) },
    takenAway: 'docker rm --force stranger',
  },
  {
    what: 'the database is put into a network of somebody else',
    does: 'docker network create backdoor && docker network connect backdoor cogni-runtime-postgres-1',
    found: {
      of: 'network',
      name: 'cogni-runtime/postgres',
      what: 'is in the network backdoor, which is not rendered for it',
    },
    takenAway: 'docker network disconnect backdoor cogni-runtime-postgres-1; docker network rm backdoor',
  },
  {
    what: 'the Caddyfile is edited',
    does: `printf '\\n# ${planted}\\n' >>${edge}/caddy/Caddyfile`,
    found: {
      of: 'file',
      name: `${edge}/caddy/Caddyfile`,
      what: text(/differs/),
      next: './cogni edge apply preview --dry-run',
    },
  },
  {
    what: 'another configuration is loaded into the running Caddy',
    does: `docker exec cogni-edge-caddy-1 sh -c 'cp /etc/caddy/Caddyfile /tmp/Caddyfile &&
      printf "\\nhttp://:8099 {\\n\\trespond planted\\n}\\n" >>/tmp/Caddyfile && caddy reload --config=/tmp/Caddyfile --adapter=caddyfile'`,
    found: {
      of: 'caddy',
      name: 'cogni-edge/caddy',
      what: text(/something else than its Caddyfile/),
      next: text(/^\.\/cogni edge apply preview/),
    },
  },
  {
    what: 'a setting is added',
    does: `printf 'BACK_DOOR=${planted}\\n' >>${runtime}/.env`,
    found: { of: 'setting', name: 'BACK_DOOR', what: 'is set there, and nothing reads it' },
  },
  {
    what: 'others are let read the settings',
    does: `chmod 0644 ${runtime}/.env`,
    found: { of: 'file', name: `${runtime}/.env`, what: text(/644, not 600/) },
  },
  {
    what: 'a file of a service is edited',
    does: `printf '\\n# ${planted}\\n' >>${runtime}/compose.yaml`,
    found: { of: 'file', name: `${runtime}/compose.yaml`, what: 'is not the file that was deployed' },
  },
  {
    what: 'a cron job is left behind',
    does: `printf '* * * * * root true # ${planted}\\n' >/etc/cron.d/left-behind`,
    found: { of: 'cron', name: '/etc/cron.d/left-behind', what: text(/neither the bootstrap nor a package/) },
    takenAway: 'rm /etc/cron.d/left-behind',
  },
  {
    what: 'a unit is left behind',
    does: `printf '[Service]\\nExecStart=/bin/true ${planted}\\n' >/etc/systemd/system/left-behind.service`,
    found: { of: 'unit', name: '/etc/systemd/system/left-behind.service' },
    takenAway: 'rm /etc/systemd/system/left-behind.service',
  },
  {
    what: 'the server of SSH is told something else',
    does: `for file in /etc/ssh/sshd_config.d/*cogni*; do printf '# ${planted}\\n' >>"$file"; done`,
    found: {
      of: 'phase',
      name: 'ssh',
      what: text(/^the bootstrap would do this again/),
      next: './cogni host converge preview',
    },
  },
];

/** What people do on a host by hand, one thing after the other. One story, in order. */
describe('drift of a host', () => {
  let world: DeployedWorld;
  beforeAll(async () => {
    world = await DeployedWorld.withVersion('preview-1111111');
  });
  afterAll(() => cogni('sandbox', 'down'));

  /** A look, and everything that it printed. */
  const look = async (): Promise<{
    readonly report: DriftReport;
    readonly code: number | null;
    readonly said: string;
  }> => {
    const output = await world.cogni('drift', 'preview', '--json');
    const report = ((): DriftReport => {
      try {
        return JSON.parse(output.stdout) as DriftReport;
      } catch {
        throw new Error(textOf(output));
      }
    })();
    return { report, code: output.code, said: textOf(output) };
  };
  const succeeded = async (...words: readonly string[]): Promise<void> => {
    const output = await world.cogni(...words);
    expect({ words, code: output.code, said: output.code === 0 ? '' : textOf(output) }).toEqual({
      words,
      code: 0,
      said: '',
    });
  };

  it('is none right after a deploy', async () => {
    const { report, code } = await look();
    expect({ code, drift: report.drift, waiting: report.waiting, state: report.state }).toEqual({
      code: 0,
      drift: [],
      waiting: [],
      state: 'same',
    });
  });

  it('is none after a second release either, nor after going back', async () => {
    await world.publish('preview-2222222');
    await succeeded('deploy', 'preview', '--image-tag', 'preview-2222222');
    expect((await look()).report.drift).toEqual([]);
    await succeeded('rollback', 'preview');
    expect((await look()).report.drift).toEqual([]);
  });

  it('is found and named, each thing that was done by hand, without a value', async () => {
    for (const { what, does } of changes) {
      const done = await world.docker.tryDocker(['exec', world.hostName, 'sh', '-c', does]);
      expect({ what, code: done.code, said: done.code === 0 ? '' : `${done.stdout}${done.stderr}` }).toEqual({
        what,
        code: 0,
        said: '',
      });
    }
    const { report, code, said } = await look();
    expect({ code, state: report.state }).toEqual({ code: 10, state: 'differs' });
    for (const { what, found } of changes)
      expect({ what, found: report.drift }).toEqual({
        what,
        found: expect.arrayContaining([expect.objectContaining(found)]) as unknown,
      });
    expect(said).not.toContain(planted);
    const settings = readFileSync(join(testWorld.folder, 'preview', 'settings.env'), 'utf8');
    const values = [...settings.matchAll(/^[A-Z_]*(?:PASSWORD|SECRET|TOKEN|KEY)[A-Z_]*=(.{12,})$/gm)];
    expect(values.length).toBeGreaterThan(3);
    for (const [, value = ''] of values) expect(said).not.toContain(value);
  });

  it('is gone after the commands that its findings name, and after what is somebody’s was taken away', async () => {
    const { report } = await look();
    const commands = [...new Set(report.drift.map(({ next }) => next))].filter((next) =>
      next.startsWith('./cogni '),
    );
    for (const { takenAway } of changes)
      if (takenAway !== undefined) await world.onHost('sh', '-c', takenAway);
    // A look at what it would do is what is advised first.
    for (const command of commands) await succeeded(...command.replace(' --dry-run', '').split(' ').slice(1));
    const after = await look();
    expect({ code: after.code, drift: after.report.drift }).toEqual({ code: 0, drift: [] });
    expect((await world.ask('/readyz')).status).toBe(200);
  });

  it('of a container that was made anew from the very image is found, and gone after what its finding says', async () => {
    await world.onHost(
      'sh',
      '-c',
      `cd ${runtime} && printf 'services: {litellm: {environment: {PLANTED: "${planted}"}}}' >/tmp/other.yaml &&
        docker compose --file compose.yaml --file /tmp/other.yaml up --detach --no-deps litellm && rm /tmp/other.yaml`,
    );
    const { report, said } = await look();
    expect(report.drift).toMatchObject([{ of: 'container', name: 'cogni-runtime/litellm' }]);
    expect(said).not.toContain(planted);
    // A deploy takes it for the right one: it runs the image of the release, and is well.
    await world.until(
      'it is well',
      async () =>
        (await world.onHost('docker', 'ps', '--format={{.Names}} {{.Status}}')).includes('litellm-1 Up') &&
        !(await world.onHost('docker', 'ps', '--format={{.Names}} {{.Status}}')).includes('starting'),
    );
    const [{ next } = { next: '' }] = report.drift;
    expect(next).toMatch(/^on the host: flock \S+ docker compose /);
    await world.onHost('sh', '-c', next.replace('on the host: ', ''));
    expect((await look()).report.drift).toEqual([]);
  });
});
