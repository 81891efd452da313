import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryReadPins, writePins } from '../../../../deploy/host/pins';
import { ecdsa, ed25519 } from './keys';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'pins-'))));
afterEach(() => rmSync(folder, { recursive: true }));
const path = (): string => join(folder, 'preview', 'known_hosts');
const now = new Date('2026-11-21T08:00:00Z');

describe('the pins of a host', () => {
  test('are read as they were written, by us and by what ssh reads', () => {
    writePins(path(), 'cogni-preview', { keys: [ecdsa, ed25519], machine: '811000' }, now);
    expect(tryReadPins(path(), 'cogni-preview')).toEqual({ keys: [ecdsa, ed25519], machine: '811000' });
  });

  test('are readable by their owner alone', () => {
    writePins(path(), 'cogni-preview', { keys: [ed25519], machine: undefined }, now);
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(tryReadPins(path(), 'cogni-preview')?.machine).toBeUndefined();
  });

  test('are none without a file, for another name, and in an empty file', () => {
    expect(tryReadPins(path(), 'cogni-preview')).toBeUndefined();
    writePins(path(), 'cogni-preview', { keys: [ed25519], machine: '1' }, now);
    expect(tryReadPins(path(), 'cogni-production')).toBeUndefined();
    writeFileSync(path(), '');
    expect(tryReadPins(path(), 'cogni-preview')).toBeUndefined();
  });
});
