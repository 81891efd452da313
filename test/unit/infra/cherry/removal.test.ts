import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removal } from '../../../../infra/cherry/standing';
import { verdicts } from '../../../../recovery/identity/verdicts';
import { afterwards, rebuildReport } from '../../../../recovery/rebuild/report';
import { begun } from '../../recovery/rebuild/sample';

describe('the command by which a person removes a server', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-removal-'));
    const curl = join(folder, 'curl');
    writeFileSync(curl, '#!/bin/sh\nprintf "called with %s\\n" "$@"\ncat\n');
    chmodSync(curl, 0o755);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('hands the token in on standard input, and calls no program with it', () => {
    const { stdout, status } = spawnSync('sh', ['-c', removal({ id: 7 })], {
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, CHERRY_AUTH_TOKEN: 'example-token' },
    });
    expect(status).toBe(0);
    const lines = stdout.split('\n');
    expect(lines.filter((line) => line.startsWith('called with')).join()).not.toContain('example-token');
    expect(lines).toContain('called with @-');
    expect(lines).toContain('called with https://api.cherryservers.com/v1/servers/7');
    expect(lines.at(-1)).toBe('Authorization: Bearer example-token');
  });

  it('is the one that verdicts and reports name', () => {
    expect(verdicts.find(({ id }) => id === 'twin')?.next).toContain(removal({ id: '<other>' }));
    const at = '2026-11-21T12:30:00Z';
    const lines = [
      { v: 1 as const, at, ...begun },
      { v: 1 as const, at, kind: 'ended' as const, address: '' },
    ];
    expect(afterwards(rebuildReport({ begun, lines, ended: true }))).toContainEqual(
      expect.stringContaining(removal({ id: 811287 })),
    );
  });
});
