import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { defaultLimits } from '../../../../deploy';
import { ExitCode } from '../../../../foundation/failure';
import { planRestore } from '../../../../recovery/restore/plan';
import { surveyRestore } from '../../../../recovery/restore/survey';
import { FakeHost } from './fake-host';
import { carryOut, request, restoreOn, undoOn } from './sample';

const id = '20261121T123000Z';
const newest = { ...request, target: { kind: 'end' }, replace: 'preview-cogni@newest' } as const;
/** Maintenance that is nobody's of these. */
const moved = '{"since":"2026-11-21T09:00:00Z","by":{"who":"bob","from":"desk"},"reason":"move"}';

describe('a restore', () => {
  let host: FakeHost;
  const on = (data: string | undefined): FakeHost => (host = new FakeHost(data));
  afterEach(() => host.remove());

  it('puts the restored data in the place of those of before, which are kept, and lets everything serve again', async () => {
    on('before');
    expect(await restoreOn(host)).toBe(id);
    expect(host.disk()).toEqual({ _data: 'restored', [`before-${id}`]: 'before' });
    expect([...host.running].sort()).toEqual(['app-a', 'backup', 'postgres']);
    expect(host.maintenance).toBe('');
  });

  it('works for a host that never had any data, and keeps nothing then', async () => {
    on(undefined);
    const { replace, ...asked } = request;
    expect(replace).toBeDefined();
    await restoreOn(host, asked);
    expect(host.disk()).toEqual({ _data: 'restored' });
    expect([...host.running]).toEqual([]);
  });

  it('is taken back with what was written to it since kept', async () => {
    on('before');
    await restoreOn(host);
    expect(await undoOn(host, id)).toBe(true);
    expect(host.disk()).toEqual({ _data: 'before', [`undone-${id}`]: 'restored' });
    expect([...host.running].sort()).toEqual(['app-a', 'backup', 'postgres']);
    expect(host.maintenance).toBe('');
  });

  it.each([
    'switch 20261121',
    'cogni-restore /bin/sh /copy/copy.sh at time',
    'copy.sh finish',
    'stop postgres',
    'rm --stop --force postgres',
    'mv --force',
  ])('leaves everything as it was when a step fails before the data are proven: %s', async (fails) => {
    on('before').fails = fails;
    await expect(restoreOn(host)).rejects.toThrow('was taken back');
    expect(host.disk()).toMatchObject({ _data: 'before' });
    expect([...host.running].sort()).toEqual(['app-a', 'backup', 'postgres']);
    expect(host.maintenance).toBe('');
  });

  it('goes back to the data of before when the restored ones cannot be provisioned, and makes another copy the next time', async () => {
    on('before').fails = '--pull=never --name=cogni-runtime-db-provision';
    await expect(restoreOn(host)).rejects.toThrow('provision the database');
    expect(host.disk()).toMatchObject({ _data: 'before' });
    expect([...host.running].sort()).toEqual(['app-a', 'backup', 'postgres']);
    host.fails = 'nothing at all';
    host.log.length = 0;
    await restoreOn(host);
    expect(host.log.some((line) => line.includes('copy.sh restore'))).toBe(true);
    expect(host.disk()).toMatchObject({ _data: 'restored' });
  });

  it('leaves visitors the page of the maintenance when an application does not get ready with the restored data', async () => {
    on('before').fails = `--wait-timeout=${defaultLimits.ready / 1000} app-a`;
    await restoreOn(host);
    expect(host.disk()).toMatchObject({ _data: 'restored' });
    expect(host.maintenance).toContain(`restore ${id}`);
  });

  it('ends as locked, before it has changed anything, where a deploy has come in between the look at the host and the lock', async () => {
    on('before');
    const facts = await surveyRestore(host.transport, request);
    host.deploy();
    await expect(carryOut(host, planRestore(request, facts))).rejects.toMatchObject({
      what: expect.stringContaining('this plan fits no more') as string,
      exitCode: ExitCode.locked,
    });
    expect(host.disk()).toEqual({ _data: 'before' });
    expect(await restoreOn(host)).toBe(id);
  });

  it('leaves a maintenance alone that somebody else has switched on', async () => {
    on('before').maintenance = moved;
    await restoreOn(host);
    expect(host.maintenance).toContain('bob');
  });

  /** What only asks: cut off there, it is where the command before has left it. */
  const asks =
    / sh (look|df) |^docker (ps|inspect|info)|^(find|test|mkdir) |config --services| repo-ls | info$| --version$/;

  /** After how many commands it can be cut off so that something was begun. */
  async function moments(asked = request, maintenance = ''): Promise<readonly number[]> {
    on('before').maintenance = maintenance;
    await restoreOn(host, asked);
    host.remove();
    const first = host.log.findIndex((line) => / sh begin( |$)/.test(line));
    return host.log.flatMap((line, index) => (index < first || asks.test(line) ? [] : [index + 1]));
  }

  it.each([
    ['it was cut off', request, ''],
    ['it was cut off while somebody else has maintenance on', request, moved],
    ['it was cut off on its way to the newest moment', newest, ''],
  ])(
    'is gone on with by the same command, wherever %s',
    async (_, asked, maintenance) => {
      const all = await moments(asked, maintenance);
      expect(all.length).toBeGreaterThan(20);
      for (const life of all) {
        on('before').maintenance = maintenance;
        host.life = life;
        await restoreOn(host, asked).catch(() => undefined);
        expect(Object.values(host.disk())).toContain('before');
        host.life = Infinity;
        const again = { ...asked, at: new Date('2026-11-21T12:45:00Z') };
        // Where all of it runs again it is over, and what is asked for then is another one.
        const over = host.running.size === 3 && host.disk()[`before-${id}`] !== undefined;
        const kept = await restoreOn(host, again);
        expect(host.disk()).toEqual({
          _data: 'restored',
          ...(over
            ? { [`before-${id}`]: 'before', [`before-${kept}`]: 'restored' }
            : { [`before-${kept}`]: 'before' }),
        });
        expect([...host.running].sort()).toEqual(['app-a', 'backup', 'postgres']);
        expect(host.maintenance).toBe(maintenance);
        host.remove();
      }
    },
    120_000,
  );

  it('is taken back, wherever it was cut off', async () => {
    for (const life of await moments()) {
      on('before').life = life;
      await restoreOn(host).catch(() => undefined);
      host.life = Infinity;
      await undoOn(host, id);
      const { _data, restored, ...kept } = host.disk();
      expect([_data, restored]).toEqual(['before', undefined]);
      expect([{}, { [`undone-${id}`]: 'restored' }]).toContainEqual(kept);
      expect([...host.running].sort()).toEqual(['app-a', 'backup', 'postgres']);
      expect(host.maintenance).toBe('');
      host.remove();
    }
  }, 120_000);

  it('makes a copy anew, and keeps the data once more, where the last step of the one before was lost and its data have served since', async () => {
    on('before').fails = 'sh clean';
    await restoreOn(host);
    expect(host.disk()).toHaveProperty('restored');
    host.fails = 'nothing at all';
    mkdirSync(host.at('_data', 'global'));
    writeFileSync(host.at('_data', 'global', 'pg_control'), 'in production');
    const soon = new Date(Date.now() + 60_000);
    utimesSync(host.at('_data', 'global', 'pg_control'), soon, soon);
    const later = await restoreOn(host, { ...request, at: new Date('2026-12-10T00:00:00Z') });
    expect(host.log.filter((line) => line.includes('copy.sh restore'))).toHaveLength(2);
    expect(host.disk()).toEqual({
      _data: 'restored',
      [`before-${id}`]: 'before',
      [`before-${later}`]: 'restored',
    });
  });

  it('takes no copy for one that is ready which a loss of power has left half removed', async () => {
    on('before').fails = 'run incr';
    await expect(restoreOn(host)).rejects.toThrow('back up the present state');
    host.fails = 'nothing at all';
    const system = 'PATH=/usr/bin:/bin';
    host.program(
      'rm',
      `${system}\n[ "$*" != '-rf restored' ] || { rm -rf restored/data/*; exit 1; }\nexec rm "$@"`,
    );
    await expect(restoreOn(host, newest)).rejects.toThrow('make room for a copy');
    host.program('rm', `${system} exec rm "$@"`);
    await restoreOn(host);
    expect(host.disk()).toEqual({ _data: 'restored', [`before-${id}`]: 'before' });
  });

  it('is looked at while the server takes pieces of its log away, and not where its files cannot be read', async () => {
    on('before').fails = 'run incr';
    await expect(restoreOn(host)).rejects.toThrow('back up the present state');
    host.fails = 'nothing at all';
    // As find does, with whatever has gone since its folder was read.
    host.program(
      'find',
      `case "$*" in *' -ignore_readdir_race '*) ;; *) echo 'No such file or directory' >&2; exit 1 ;; esac`,
    );
    expect(await undoOn(host, id)).toBe(true);
    host.remove();
    on('before').fails = 'run incr';
    await expect(restoreOn(host)).rejects.toThrow('back up the present state');
    host.program('find', `echo 'Permission denied' >&2; exit 1`);
    await expect(undoOn(host, id)).rejects.toThrow('does not say what its disk holds');
  });

  it('goes on with a copy of the newest moment for a host without data', async () => {
    on(undefined).fails = 'switch 20261121';
    await expect(restoreOn(host, newest)).rejects.toThrow('put the copy in the place');
    host.fails = 'nothing at all';
    await restoreOn(host, newest);
    expect(host.log.filter((line) => line.includes('copy.sh restore'))).toHaveLength(1);
    expect(host.disk()).toEqual({ _data: 'restored' });
  });

  it('makes another copy of the newest moment when the database has served meanwhile, and none when it could not', async () => {
    on('before').fails = 'run incr';
    await expect(restoreOn(host, newest)).rejects.toThrow('back up the present state');
    host.fails = 'nothing at all';
    const copies = (): number => host.log.filter((line) => line.includes('copy.sh restore')).length;
    await restoreOn(host, newest);
    expect(copies()).toBe(2);
  });

  describe('to the newest moment, cut off when its copy was ready', () => {
    const unsaved = { ...newest, withoutBackup: 'preview-cogni' };
    const copies = (): number => host.log.filter((line) => line.includes('copy.sh restore')).length;
    /** What a server does that commits: to a time far enough from now, since files are compared by it. */
    const writes = (after: number): void => {
      mkdirSync(host.at('_data', 'pg_wal'), { recursive: true });
      const segment = host.at('_data', 'pg_wal', '000000010000000000000004');
      writeFileSync(segment, 'commits');
      utimesSync(segment, new Date(Date.now() + after), new Date(Date.now() + after));
    };
    /** Cut off behind a command; what ran is gone without having been stopped. */
    const cutBehind = async (command: string): Promise<void> => {
      on('before');
      await restoreOn(host, unsaved);
      const life = host.log.findIndex((line) => line.includes(command)) + 1;
      host.remove();
      on('before').life = life;
      await restoreOn(host, unsaved).catch(() => undefined);
      host.life = Infinity;
    };

    it('makes another one when the database has written since, also where it serves no more, and nothing is left of its container', async () => {
      await cutBehind('sh ready');
      writes(60_000);
      host.running.clear();
      await restoreOn(host, unsaved);
      expect(copies()).toBe(2);
    });

    /** Cut off when the present state was backed up, and the database has been stopped after that. */
    const cutWhenSaved = async (): Promise<void> => {
      on('before');
      await restoreOn(host, newest);
      const life = host.log.findIndex((line) => line.endsWith(' stop postgres')) + 1;
      host.remove();
      on('before').life = life;
      await restoreOn(host, newest).catch(() => undefined);
      expect(host.log.filter((line) => line.endsWith(' run incr'))).toHaveLength(1);
      host.log.length = 0;
      host.life = Infinity;
    };

    it('asks for no other backup of the present state where it is cut off a second time, wherever that is before its copy is in place', async () => {
      await cutWhenSaved();
      await restoreOn(host, newest);
      const placed = host.log.findIndex((line) => line.includes(' sh switch '));
      const all = host.log.flatMap((line, index) => (index > placed || asks.test(line) ? [] : [index + 1]));
      expect(all.length).toBeGreaterThan(10);
      // Another copy is made: the end of the server has written to the data.
      expect(copies()).toBe(1);
      for (const life of all) {
        host.remove();
        await cutWhenSaved();
        host.life = life;
        await restoreOn(host, newest).catch(() => undefined);
        host.life = Infinity;
        await restoreOn(host, newest);
        expect(Object.values(host.disk()).sort()).toEqual(['before', 'restored']);
        expect(host.disk()).toMatchObject({ _data: 'restored' });
        expect(host.log.some((line) => line.endsWith(' run incr'))).toBe(false);
      }
    }, 60_000);

    it('asks for none where its next copy cannot be made, but where the database has served again since', async () => {
      const failsNext = async (): Promise<void> => {
        await cutWhenSaved();
        host.fails = 'copy.sh restore';
        await expect(restoreOn(host, newest)).rejects.toThrow('was taken back');
        host.fails = 'nothing at all';
      };
      await failsNext();
      await restoreOn(host, newest);
      expect(host.disk()).toMatchObject({ _data: 'restored' });
      host.remove();
      await failsNext();
      // Nothing is left of its containers.
      writes(60_000);
      host.running.clear();
      host.ended.clear();
      await expect(restoreOn(host, newest)).rejects.toThrow('--without-backup preview-cogni');
    });

    it('goes on with it where the database has not written since', async () => {
      await cutBehind('sh ready');
      writes(-60_000);
      host.running.clear();
      await restoreOn(host, unsaved);
      expect(copies()).toBe(1);
    });

    it('goes on with it where the database was stopped for it, and has written its end before; not where it was started again', async () => {
      await cutBehind('sh stopped');
      writes(-60_000);
      utimesSync(host.at('restored', 'ready'), new Date(0), new Date(0));
      await restoreOn(host, unsaved);
      expect(copies()).toBe(1);
      host.remove();
      await cutBehind('sh stopped');
      writes(60_000);
      await restoreOn(host, unsaved);
      expect(copies()).toBe(2);
    });
  });
});
