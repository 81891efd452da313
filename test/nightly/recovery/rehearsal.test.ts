import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Output } from '../../../foundation/process';
import type { DeployedWorld } from '../../e2e/deployed-world';
import { cogni, control, testWorld, textOf } from '../../e2e/sandbox-cli';
import { ArchivedWorld } from './archived-world';

/** A rebuild that is rehearsed beside the host that lives. One story, in order. */
describe('a rebuild that is rehearsed', () => {
  let archived: ArchivedWorld;
  let world: DeployedWorld;
  let before: unknown;

  beforeAll(async () => {
    archived = await ArchivedWorld.withVersion('preview-1111111');
    ({ world } = archived);
    await archived.writeTrace();
  });
  afterAll(async () => {
    await world.endLoads();
    archived.forgetKey();
    await cogni('sandbox', 'down');
  });

  const command = (): readonly string[] => ['rebuild', 'preview', '--rehearse', ...archived.options];
  const rehearse = (...words: readonly string[]): Promise<Output> => world.cogni(...command(), ...words);
  const succeeded = (output: Output): void =>
    expect({ code: output.code, said: output.code === 0 ? '' : textOf(output) }).toEqual({
      code: 0,
      said: '',
    });
  /** Everything that a rebuild of the living one would change: its state, its pin, its settings, its records, its data, its archive. */
  const living = async (): Promise<unknown> => {
    const hash = (file: string): string =>
      createHash('sha256')
        .update(readFileSync(join(testWorld.folder, file)))
        .digest('hex');
    const list = await world.cogni('backup', 'list', 'preview', '--json');
    const { backups, gaps, alarms } = JSON.parse(list.stdout) as Record<string, unknown>;
    return {
      files: Object.fromEntries(
        [
          ...readdirSync(join(testWorld.folder, 'state'))
            .filter((name) => !name.includes('rehearsal'))
            .map((name) => join('state', name)),
          'preview/known_hosts',
        ].map((file) => [file, hash(file)]),
      ),
      traces: await world.traces(),
      records: await world.onHost(
        'sh',
        '-c',
        'cd /var/lib/cogni/deploy && cat identity.json journal.jsonl && find releases -type f -exec sha256sum {} + | sort',
      ),
      containers: await world.onHost('docker', 'ps', '--all', '--no-trunc', '--format={{.ID}} {{.Names}}'),
      timeline: await archived.sql('SELECT timeline_id FROM pg_control_checkpoint()'),
      archive: {
        backups: (backups as { label: string }[]).map(({ label }) => label),
        gaps,
        alarms,
      },
    };
  };
  const servers = async (): Promise<readonly string[]> => {
    const state = (await control('GET', '/state')) as {
      servers: Record<string, { hostname: string; state: string }>;
    };
    return Object.values(state.servers)
      .filter(({ state: is }) => is !== 'terminating')
      .map(({ hostname }) => hostname)
      .sort();
  };
  const folder = join(testWorld.folder, 'preview-rehearsal');

  it('says beforehand what it will do and what that costs, and changes nothing', async () => {
    before = await living();
    const look = await rehearse('--dry-run', '--json');
    succeeded(look);
    expect(JSON.parse(look.stdout)).toMatchObject({
      rehearsal: true,
      costs: expect.stringMatching(/^\d+(\.\d+)? EUR an hour/) as string,
      refusedFor: [],
      release: { from: 'record', tag: 'preview-1111111' },
    });
    expect(await servers()).toEqual(['preview-cogni']);
    expect(existsSync(folder)).toBe(false);
  });

  it('comes to its end beside the living host, also when it is killed in the middle; visitors notice nothing', async () => {
    const load = await world.load('rehearsed', 5);
    await archived.killedAt('apply plan ', ...command(), '--keep');
    await archived.killedAt('restore the database', ...command(), '--keep');
    const rehearsed = await rehearse('--keep', '--json');
    const { sent, lost, examples } = await load.stop();
    succeeded(rehearsed);
    expect(JSON.parse(rehearsed.stdout)).toMatchObject({
      rehearsal: true,
      finished: true,
      release: { tag: 'preview-1111111' },
    });
    expect({ lost, examples }).toEqual({ lost: 0, examples: [] });
    expect(sent).toBeGreaterThan(100);
  });

  it('has made a host that serves the rows, on a machine of its own', async () => {
    expect(await servers()).toEqual(['preview-cogni', 'preview-cogni-rehearsal']);
    expect(await archived.trace('preview-rehearsal')).toBe('after the backup, before');
    const status = await world.cogni('status', 'preview-rehearsal', '--json');
    expect(JSON.parse(status.stdout)).toMatchObject({ release: { tag: 'preview-1111111' } });
    // What is written there stays there.
    await archived.sql("INSERT INTO trace VALUES ('rehearsed')", 'preview-rehearsal');
    expect(await archived.trace()).toBe('after the backup, before');
  });

  it('has left the living one as it was, byte by byte, and is no twin of it', async () => {
    const check = await world.cogni('host', 'check', 'preview', '--json');
    expect(JSON.parse(check.stdout)).toMatchObject({ verdict: { id: 'well' } });
    expect(await living()).toEqual(before);
  });

  it('is not begun again while its machine stands', async () => {
    const again = await rehearse();
    expect(again.code).toBe(3);
    expect(again.stderr).toContain('./cogni rebuild preview --rehearse --remove removes it');
  });

  it('is removed by one command, also when that is killed, and nothing of it is left', async () => {
    const remove = ['rebuild', 'preview', '--rehearse', '--remove'] as const;
    const begun = world.begin(...remove);
    const ended = new Promise((resolve) => begun.child.once('exit', resolve));
    expect(await world.whileRuns(begun, async () => (await servers()).length === 1)).toBe(true);
    begun.child.kill('SIGKILL');
    await ended;
    succeeded(await world.cogni(...remove));
    expect(await servers()).toEqual(['preview-cogni']);
    expect(existsSync(folder)).toBe(false);
    expect(await living()).toEqual(before);
    expect((await world.cogni('status', 'preview-rehearsal')).code).toBe(2);
    // There is nothing left to remove, which is no failure.
    succeeded(await world.cogni(...remove));
  });

  it('removes its machine by itself at its end, and keeps a report with a picture', async () => {
    const rehearsed = await rehearse('--json');
    succeeded(rehearsed);
    const report = JSON.parse(rehearsed.stdout) as {
      id: string;
      stages: { stage: string; outcome: string }[];
    };
    expect(report.stages.at(-1)).toMatchObject({ stage: 'remove', outcome: 'done' });
    expect(await servers()).toEqual(['preview-cogni']);
    expect(existsSync(folder)).toBe(false);
    const page = readFileSync(join(testWorld.folder, 'preview', 'rehearsals', `${report.id}.md`), 'utf8');
    expect(page).toContain('nothing of it is left but this report');
    expect(existsSync(join(testWorld.folder, 'preview', 'rehearsals', `${report.id}.svg`))).toBe(true);
    expect(await living()).toEqual(before);
  });
});
