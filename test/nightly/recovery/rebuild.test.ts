import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newIdentity, recipientOf } from '../../../foundation/age';
import type { Output } from '../../../foundation/process';
import { silent } from '../../../foundation/progress';
import { Secret } from '../../../foundation/secret';
import { postgresImage } from '../../../sandbox/images/postgres';
import { DeployedWorld } from '../../e2e/deployed-world';
import { cogni, control, testWorld, textOf } from '../../e2e/sandbox-cli';

/**
 * The disaster that this project began with: the provider puts another machine behind a server, with an empty disk, and its record stays as it
 * was. One story, in order.
 */
describe('a host that was replaced in silence', () => {
  let world: DeployedWorld;
  let lost: number;
  let more: readonly string[];
  let certificate: string;
  const keys = mkdtempSync(join(tmpdir(), 'cogni-identity-'));
  const key = join(keys, 'key.txt');

  beforeAll(async () => {
    const identity = await newIdentity();
    const recipient = await recipientOf(Secret.of('identity', identity));
    writeFileSync(key, `${identity}\n`, { mode: 0o600 });
    world = await DeployedWorld.withVersion('preview-1111111', { archiveFor: recipient });
    lost = Number(/-host-(\d+)$/.exec(world.hostName)?.[1]);
    const { reference } = await postgresImage(world.docker, silent);
    // The sandbox's registry is none that the engine of this machine could pull from.
    more = ['--identity', key, '--image', reference, '--network', testWorld.network];
  });
  afterAll(async () => {
    rmSync(keys, { recursive: true });
    await cogni('sandbox', 'down');
  });

  const rebuild = (...words: readonly string[]): Promise<Output> =>
    world.cogni('rebuild', 'preview', ...more, ...words);
  const word = (): readonly string[] => ['--replace', `preview-cogni@${lost}`];
  const sql = async (statement: string): Promise<string> => {
    const { code, stdout, stderr } = await world.cogni(
      ...[
        'exec',
        'preview',
        'postgres',
        '--',
        'sh',
        '-c',
        'exec psql -qAt -U "$POSTGRES_USER" -d postgres -c "$0"',
      ],
      statement,
    );
    expect({ code, said: code === 0 ? '' : stderr }).toEqual({ code: 0, said: '' });
    return stdout.trim();
  };
  const stages = (): readonly { stage: string; outcome: string }[] => {
    const folder = join(testWorld.folder, 'preview', 'rebuild');
    const file = readdirSync(folder).find((name) => name.endsWith('.json')) ?? '';
    const report = JSON.parse(readFileSync(join(folder, file), 'utf8')) as {
      stages: { stage: string; outcome: string }[];
    };
    return report.stages;
  };
  const fingerprint = (): Promise<string> =>
    world.onHost(
      'sh',
      '-c',
      'cat /var/lib/docker/volumes/cogni-edge_caddy_data/_data/caddy/certificates/*/*/*.crt | sha256sum',
    );
  /** Kills the command with all that it has begun here, right after it has begun a stage. */
  const killedAt = async (stage: string): Promise<void> => {
    const begun = world.begin('rebuild', 'preview', ...more, ...word());
    const ended = once(begun.child, 'exit');
    await world.until(`the stage of "${stage}" is begun`, () =>
      Promise.resolve(begun.said().includes(`▸ ${stage}`) || begun.child.exitCode !== null),
    );
    expect({ exit: begun.child.exitCode, said: begun.child.exitCode === null ? '' : begun.said() }).toEqual({
      exit: null,
      said: '',
    });
    begun.child.kill('SIGKILL');
    await ended;
  };

  it('has rows, a certificate and records, all of which are off the host as well', async () => {
    await sql("CREATE TABLE trace (what text); INSERT INTO trace VALUES ('before')");
    await world.until('a good backup is there', async () =>
      (await world.cogni('backup', 'list', 'preview', '--json')).stdout.includes('"newestGood": {'),
    );
    const copied = await world.cogni('backup', 'copy', 'preview');
    expect({ code: copied.code, said: copied.code === 0 ? '' : textOf(copied) }).toEqual({
      code: 0,
      said: '',
    });
    certificate = await fingerprint();
    await sql("INSERT INTO trace VALUES ('after the backup')");
    await sql('SELECT pg_switch_wal()');
    const written = await sql('SELECT pg_walfile_name(pg_current_wal_lsn() - 1)');
    await world.until(
      'its log is sent',
      async () => (await sql(`SELECT last_archived_wal >= '${written}' FROM pg_stat_archiver`)) === 't',
    );
  });

  it('is not given up while it is alive and well, whatever is said', async () => {
    const { code, stderr } = await rebuild(...word(), '--lost', 'preview-cogni@well');
    expect(code).toBe(3);
    expect(stderr).toContain('the host is not lost (well)');
  });

  it('is found by the check, and shown to be one that can be rebuilt', async () => {
    await control('POST', `/machines/${lost}/reinstall`, { address: 'kept' });
    const check = await world.cogni('host', 'check', 'preview', '--json');
    expect(JSON.parse(check.stdout)).toMatchObject({
      verdict: { id: expect.stringMatching(/^replaced-silently|hung$/) },
    });
    await world.until('the other machine answers', async () =>
      (await world.cogni('host', 'check', 'preview', '--json')).stdout.includes('replaced-silently'),
    );
    const refused = await rebuild();
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain(`--replace preview-cogni@${lost} says that this is meant`);
    const look = await rebuild(...word(), '--dry-run', '--json');
    expect({ code: look.code, said: look.code === 0 ? '' : textOf(look) }).toEqual({ code: 0, said: '' });
    expect(JSON.parse(look.stdout)).toMatchObject({
      verdict: { id: 'replaced-silently' },
      givenUp: { server: lost },
      release: { from: 'record', tag: 'preview-1111111' },
      refusedFor: [],
    });
  });

  it('comes back by one command, killed while the host is ordered and while the data come, and begun again', async () => {
    await killedAt('apply plan ');
    await killedAt('restore the database');
    const { code, stdout, stderr } = await rebuild(...word(), '--json');
    expect({ code, said: code === 0 ? '' : stderr }).toEqual({ code: 0, said: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      finished: true,
      givenUp: { server: lost },
      release: { tag: 'preview-1111111' },
    });
    expect(stages().filter(({ outcome }) => outcome === 'cut off').length).toBeGreaterThanOrEqual(2);
  });

  it('serves over HTTPS with its rows, the certificate of before and its records, and is proven by a drill', async () => {
    expect((await world.ask('/readyz')).status).toBe(200);
    expect(await world.version()).toMatchObject({ buildSha: '1111111' });
    expect(await sql("SELECT string_agg(what, ', ' ORDER BY what) FROM trace")).toBe(
      'after the backup, before',
    );
    const before = world.hostName;
    await world.findHost();
    expect(world.hostName).not.toBe(before);
    expect(await fingerprint()).toBe(certificate);
    const releases = await world.cogni('releases', 'preview', '--json');
    expect((JSON.parse(releases.stdout) as { releases: unknown[] }).releases).toHaveLength(2);
    expect((await world.cogni('host', 'check', 'preview')).code).toBe(0);
    expect(stages().at(-1)).toMatchObject({ stage: 'drill', outcome: 'done' });
  });

  it('leaves the server that was given up switched off, under another name, and is not rebuilt once more', async () => {
    const { servers } = (await control('GET', '/state')) as {
      servers: Record<string, { hostname: string; state: string; tags: object }>;
    };
    expect(servers[lost]).toMatchObject({ hostname: `lost-${lost}-preview-cogni`, state: 'inactive' });
    const { code, stderr } = await rebuild(...word());
    expect(code).toBe(3);
    expect(stderr).toContain('the host is not lost (well)');
  });
});
