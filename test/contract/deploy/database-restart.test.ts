import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sameMajorVersion } from '../../../deploy/rolling/database-restart';
import { run } from '../../../foundation/process';

describe('whether an image can read the data of the database that runs, asked by a shell', () => {
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cogni-major-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A host with a server of one version, or none, and an image with another's environment. */
  const asked = (data: string | undefined, ...environment: readonly string[]) => {
    const docker = `#!/bin/sh
case "$1" in
  exec) ${data === undefined ? 'echo "no such container" >&2; exit 1' : `echo ${data}`} ;;
  image) printf '%s\\n' ${environment.map((one) => `'${one}'`).join(' ')} ;;
esac
`;
    writeFileSync(join(folder, 'docker'), docker);
    chmodSync(join(folder, 'docker'), 0o755);
    const { argv } = sameMajorVersion('hub.cogni.test/postgres@sha256:00');
    return run({ argv, env: { PATH: `${folder}:/usr/bin:/bin` }, deadline: 10_000 });
  };

  it('lets the same major version pass', async () => {
    expect(await asked('15', 'PATH=/usr/bin', 'PG_MAJOR=15', 'PG_VERSION=15.9')).toMatchObject({ code: 0 });
  });

  it('refuses another one while the server still runs, and says what to do', async () => {
    const { code, stderr } = await asked('15', 'PG_MAJOR=16');
    expect(code).toBe(1);
    expect(stderr).toMatch(/data are of PostgreSQL 15, .* image is PostgreSQL 16, .* dump them/);
  });

  it('refuses an image that does not say what it is', async () => {
    const { code, stderr } = await asked('15', 'PATH=/usr/bin');
    expect(code).toBe(1);
    expect(stderr).toContain('PostgreSQL of no stated version');
  });

  it('keeps nobody from starting a server that does not run', async () => {
    expect(await asked(undefined, 'PG_MAJOR=16')).toMatchObject({ code: 0 });
  });
});
