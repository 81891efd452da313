import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
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
    lost = archived.serverNow();
  });
  afterAll(async () => {
    archived.forgetKey();
    await cogni('sandbox', 'down');
  });

  const rebuild = (...words: readonly string[]): Promise<Output> =>
    world.cogni('rebuild', 'preview', ...archived.options, ...words);
  const word = (): readonly string[] => ['--replace', `preview-cogni@${lost}`];
  const folder = join(testWorld.folder, 'preview', 'rebuild');
  /** Names of what was kept of rebuilds, the newest last. */
  const kept = (ending: string): readonly string[] =>
    readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .sort();
  const stages = (): readonly { stage: string; outcome: string }[] => {
    const report = JSON.parse(readFileSync(join(folder, kept('.json').at(-1) ?? ''), 'utf8')) as {
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
    await archived.replaceInSilence(lost);
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

  describe('and is lost once more, the receiver of its log with it', () => {
    /** Nothing listens there: as of a receiver whose host is lost too. */
    const receiver = `deploy@127.0.0.1 ssh-ed25519 ${Buffer.concat([Buffer.from('0000000b7373682d6564323535313900000020', 'hex'), Buffer.alloc(32, 7)]).toString('base64')}`;
    const nameReceiver = (): void => {
      const file = join(testWorld.folder, 'sandbox.json');
      const overrides = JSON.parse(readFileSync(file, 'utf8')) as { environments: { preview: object } };
      overrides.environments.preview = { ...overrides.environments.preview, archiveReceiver: receiver };
      writeFileSync(file, JSON.stringify(overrides));
    };
    let second: number;
    let third: number;

    it('is not begun before a person does without the receiver, which may have what was committed last', async () => {
      second = archived.serverNow();
      await archived.replaceInSilence(second);
      nameReceiver();
      const asked = ['--replace', `preview-cogni@${second}`] as const;
      const refused = await rebuild(...asked);
      expect(refused.code).toBe(3);
      expect(refused.stderr).toMatch(
        /the receiver of the log, .* cannot be asked \(.+\): --without-receiver preview-cogni says/,
      );
      const other = await rebuild(...asked, '--without-receiver', 'production-cogni');
      expect(other.code).toBe(3);
      expect(other.stderr).toContain('--without-receiver production-cogni is not preview-cogni');
    });

    it('gives way to another rebuild where the host that it has made is lost before it serves', async () => {
      await archived.killedAt(
        'restore the database',
        ...['rebuild', 'preview', ...archived.options, '--replace', `preview-cogni@${second}`],
        ...['--without-receiver', 'preview-cogni'],
      );
      await world.findHost();
      third = archived.serverNow();
      expect(third).not.toBe(second);
      await archived.replaceInSilence(third);
      const unfinished = (kept('.jsonl').at(-1) ?? '').replace('.jsonl', '');
      const words = ['--replace', `preview-cogni@${third}`, '--without-receiver', 'preview-cogni'] as const;
      // The one that was begun gives another server up.
      const same = await rebuild(...words);
      expect(same.code).toBe(3);
      expect(same.stderr).toContain(`--anew ${unfinished}`);
      const wrong = await rebuild(...words, '--anew', 'another');
      expect(wrong.code).toBe(3);
      expect(wrong.stderr).toContain(`--anew another is not ${unfinished}`);

      const { code, stdout, stderr } = await rebuild(...words, '--anew', unfinished, '--json');
      expect({ code, said: code === 0 ? '' : stderr }).toEqual({ code: 0, said: '' });
      expect(JSON.parse(stdout)).toMatchObject({ finished: true, givenUp: { server: third } });
      const given = readFileSync(join(folder, `${unfinished}.jsonl`), 'utf8');
      expect(given).toContain('"kind":"given-up"');
    });

    it('serves again with its rows, and both machines are out of the way', async () => {
      await world.findHost();
      expect([second, third]).not.toContain(archived.serverNow());
      expect(await world.version()).toMatchObject({ buildSha: '2222222' });
      expect(await archived.trace()).toBe('after the backup, before');
      expect(await fingerprint()).toBe(certificate);
      expect(stages().at(-1)).toMatchObject({ stage: 'drill', outcome: 'done' });
      const { servers } = (await control('GET', '/state')) as {
        servers: Record<string, { hostname: string; state: string }>;
      };
      for (const given of [second, third])
        expect(servers[given]).toMatchObject({
          hostname: `lost-${given}-preview-cogni`,
          state: 'inactive',
        });
    });
  });
});
