import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryReadFile } from '../../../../foundation/files';
import { run } from '../../../../foundation/process';
import { renderRuntime } from '../../../../services';
import { backlogCheck, spareRoom } from '../../../../services/archive/backlog';
import { archive } from './archive';

describe('what makes backups, of log that waits for the archive', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-backlog-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** With MiB of log that wait, and MiB that the disk of the database has free; a backlog of 8 GiB. */
  const complaintOf = async (waiting: number, free: number): Promise<string | undefined> => {
    const script = `set -eu
ask() { cat >/dev/null; echo ${waiting}; }
df() { printf 'Avail\\n%6s\\n' ${free}; }
complain() { printf '%s' "$2" >"$1"; }
${backlogCheck(archive, '/tmp/unwell').replaceAll('/tmp/', `${folder}/`)}
check_backlog`;
    const { code, stderr } = await run({ argv: ['sh', '-c', script], deadline: 20_000 });
    expect(stderr).toBe('');
    const said = tryReadFile(join(folder, 'unwell'));
    expect(code).toBe(said === undefined ? 0 : 1);
    return said;
  };

  it('says nothing while little waits, and the disk has room for all that may', async () => {
    expect(await complaintOf(0, 8192 + spareRoom)).toBeUndefined();
    // What waits has its room already.
    expect(await complaintOf(4000, 8192 + spareRoom - 4000)).toBeUndefined();
  });

  it('complains when half of what may wait does', async () => {
    expect(await complaintOf(4096, 100_000)).toBe(
      '4096 MiB of log wait for the archive; from 8192 MiB on it is dropped, and the backups have a gap',
    );
  });

  it('complains, though nothing waits yet, when the disk would be full before any is dropped, and says what to do', async () => {
    expect(await complaintOf(0, 8192 + spareRoom - 1)).toMatch(
      /^the disk of the database has 9215 MiB free, .* may take 8192 MiB more, the server 1024 MiB: .* make room, or lower the archive's backlog \(8192 MiB\)$/,
    );
    expect(await complaintOf(4000, 8192 + spareRoom - 4001)).toContain('may take 4192 MiB more');
  });

  it('says both where both are so, and needs no room for more than the backlog', async () => {
    const said = await complaintOf(9000, 10);
    expect(said).toMatch(
      /^9000 MiB of log wait .*; the disk of the database has 10 MiB free, .* may take 0 MiB more/,
    );
    expect(await complaintOf(9000, spareRoom)).not.toContain('the disk');
  });

  it('leaves the server what it keeps of its log for itself', () => {
    const image = `pg.test/postgres@sha256:${'b'.repeat(64)}` as const;
    const configuration = renderRuntime({ images: { postgres: image }, archive }).find(({ path }) =>
      path.endsWith('postgresql.conf'),
    );
    expect(configuration?.content).toContain(`max_wal_size = '${spareRoom / 1024}GB'`);
  });
});
