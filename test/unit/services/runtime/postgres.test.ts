import fc from 'fast-check';
import { Bytes } from '../../../../compose';
import { hostBasedAccess, startScript, userNames } from '../../../../services/runtime/postgres-access';
import { memoryOnHost, memorySettings, postgresConf } from '../../../../services/runtime/postgres-settings';

const mebibyte = 1024 ** 2;
const gibibyte = 1024 ** 3;

describe("the database server's memory", () => {
  it.each([
    [0, 512],
    [1, 512],
    [2, 512],
    [4, 1024],
    [8, 2048],
    [64, 16_384],
  ])('on a machine of %d GiB is %d MiB', (host, limit) => {
    expect(memoryOnHost(host * gibibyte)).toBe(limit * mebibyte);
  });

  it.each([
    [
      512,
      {
        shared_buffers: '128MB',
        effective_cache_size: '384MB',
        maintenance_work_mem: '32MB',
        work_mem: '1MB',
      },
    ],
    [
      2048,
      {
        shared_buffers: '512MB',
        effective_cache_size: '1536MB',
        maintenance_work_mem: '128MB',
        work_mem: '2MB',
      },
    ],
    [
      32_768,
      {
        shared_buffers: '8192MB',
        effective_cache_size: '24576MB',
        maintenance_work_mem: '1024MB',
        work_mem: '40MB',
      },
    ],
  ])('of %d MiB gives these settings', (memory, settings) => {
    expect(memorySettings(memory * mebibyte)).toEqual(settings);
  });

  it('is enough for its own cache and two sorts of every connection, whatever there is', () => {
    const megabytes = (text = ''): number => Number(/^(\d+)MB$/.exec(text)?.[1]);
    fc.assert(
      fc.property(fc.integer({ min: 256 * mebibyte, max: 512 * gibibyte }), (memory) => {
        const settings = memorySettings(memory);
        const used = megabytes(settings['shared_buffers']) + 2 * 100 * megabytes(settings['work_mem']);
        expect(used * mebibyte).toBeLessThanOrEqual(Math.max(memory, 512 * mebibyte));
        expect(megabytes(settings['effective_cache_size']) * mebibyte).toBeLessThan(memory);
      }),
    );
  });

  it.each([0, 1, 63 * mebibyte, -1, Number.NaN])('of %d bytes is refused', (memory) => {
    expect(() => memorySettings(memory)).toThrow(RangeError);
  });
});

describe("the database server's files", () => {
  const rules = hostBasedAccess('cogni_root')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(/ +/));

  it('let the administrator in through the socket only', () => {
    const administrator = rules.filter(([, , user]) => user === '"cogni_root"');
    expect(administrator).toEqual([
      ['local', 'all', '"cogni_root"', 'peer', 'map=administrator'],
      ['host', 'all', '"cogni_root"', 'all', 'reject'],
    ]);
    expect(rules.findIndex(([, , , , method]) => method === 'reject')).toBeLessThan(
      rules.findIndex(([type, , user]) => type === 'host' && user === 'all'),
    );
    expect(userNames('cogni_root')).toBe(
      'administrator  postgres  "cogni_root"\nadministrator  root  "cogni_root"\n',
    );
  });

  it('let everybody else in with a password, from networks of the server’s own, and never without', () => {
    expect(rules.filter(([, , user]) => user === 'all')).toEqual([
      ['local', 'all', 'all', 'scram-sha-256'],
      ['host', 'all', 'all', 'samenet', 'scram-sha-256'],
    ]);
    expect(rules.flat()).not.toContain('trust');
    expect(rules.flat()).not.toContain('replication');
  });

  it('are written by the shell for the administrator of the settings', () => {
    expect(startScript({})).toContain(hostBasedAccess('$POSTGRES_USER'));
    expect(startScript({})).toContain('exec docker-entrypoint.sh postgres');
  });

  it('name each setting once, in quotes', () => {
    const lines = postgresConf(Bytes.gibibytes(1)).trim().split('\n').slice(1);
    for (const line of lines) expect(line).toMatch(/^[a-z_]+ = '[^'\\]*'$/);
    expect(new Set(lines.map((line) => line.split(' ')[0])).size).toBe(lines.length);
    expect(lines).toContain("password_encryption = 'scram-sha-256'");
    expect(lines).toContain("log_parameter_max_length = '0'");
  });
});
