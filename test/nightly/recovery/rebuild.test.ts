import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Output } from '../../../foundation/process';
import type { DeployedWorld } from '../../e2e/deployed-world';
import { cogni, control, testWorld, textOf } from '../../e2e/sandbox-cli';
import { ArchivedWorld } from './archived-world';

/**
 * The disaster that this project began with: the provider puts another machine behind a server, with an empty disk, and its record stays as it
 * was. One story, in order.
 */
describe('a host that was replaced in silence', () => {
  let archived: ArchivedWorld;
  let world: DeployedWorld;
  let lost: number;
  let certificate: string;

  beforeAll(async () => {
    archived = await ArchivedWorld.withVersion('preview-1111111');
    ({ world } = archived);
    lost = Number(/-host-(\d+)$/.exec(world.hostName)?.[1]);
  });
  afterAll(async () => {
    archived.forgetKey();
    await cogni('sandbox', 'down');
  });

  const rebuild = (...words: readonly string[]): Promise<Output> =>
    world.cogni('rebuild', 'preview', ...archived.options, ...words);
  const word = (): readonly string[] => ['--replace', `preview-cogni@${lost}`];
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
  const killedAt = (stage: string): Promise<void> =>
    archived.killedAt(stage, 'rebuild', 'preview', ...archived.options, ...word());

  it('has rows, a certificate and records, all of which are off the host as well', async () => {
    await archived.writeTrace();
    certificate = await fingerprint();
  });

  it('serves a release that is younger than the last portable copy: its records went off the host with its deploy', async () => {
    await world.publish('preview-2222222');
    const deployed = await world.deploy('preview-2222222');
    expect({ code: deployed.code, said: deployed.code === 0 ? '' : textOf(deployed) }).toEqual({
      code: 0,
      said: '',
    });
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
      release: { from: 'record', tag: 'preview-2222222' },
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
      release: { tag: 'preview-2222222' },
    });
    expect(stages().filter(({ outcome }) => outcome === 'cut off').length).toBeGreaterThanOrEqual(2);
  });

  it('serves over HTTPS with its rows, the certificate of before and its records, and is proven by a drill', async () => {
    expect((await world.ask('/readyz')).status).toBe(200);
    expect(await world.version()).toMatchObject({ buildSha: '2222222' });
    expect(await archived.trace()).toBe('after the backup, before');
    const before = world.hostName;
    await world.findHost();
    expect(world.hostName).not.toBe(before);
    expect(await fingerprint()).toBe(certificate);
    const releases = await world.cogni('releases', 'preview', '--json');
    expect((JSON.parse(releases.stdout) as { releases: unknown[] }).releases).toHaveLength(3);
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
