import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { localTransport } from '../../../../deploy/local';
import { planText } from '../../../../deploy/plan-text';
import { holdTheSame, type FilesOnHost } from '../../../../deploy/rolling/files-on-host';
import { reveal } from '../../../../foundation/secret';
import { first, stepOf, update } from './plan-reading';
import { servingHost } from './sample';

const hashOf = (content: string): string => createHash('sha256').update(content).digest('hex');

describe('the files that a plan was made from', () => {
  const contents = {
    'compose.yaml': 'services: {}\n',
    '.env': 'KEY=1\n',
    'litellm/01ab/config.yaml': '{}\n',
  };
  const seen: FilesOnHost = Object.fromEntries(
    Object.entries(contents).map(([path, content]) => [path, { hash: hashOf(content), mode: 0o644 }]),
  );
  let folder: string;
  const put = (path: string, content: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  };
  /** What the host's own program says of them, with the runtime's folder somewhere else. */
  const checked = async (): Promise<{ code: number | null; said: string }> => {
    const [{ command } = { command: undefined }] = holdTheSame(seen);
    if (command === undefined) throw new Error('nothing is checked');
    const stdin = reveal(command.stdin ?? '').replaceAll('/opt/cogni/runtime', folder);
    const { code, stdout } = await localTransport({ env: { LC_ALL: 'C' } }).run({ ...command, stdin });
    return { code, said: stdout.replaceAll(`${folder}/`, '') };
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cogni-files-'));
    for (const [path, content] of Object.entries(contents)) put(path, content);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('pass while they are what they were, whatever has come beside them', async () => {
    put('alloy/01ab/config.alloy', 'new\n');
    expect(await checked()).toEqual({ code: 0, said: '' });
  });

  test('do not pass once another deploy was taken back: what it had put there is gone, what it had replaced is another', async () => {
    rmSync(join(folder, 'litellm/01ab/config.yaml'));
    put('.env', 'KEY=0\n');
    expect(await checked()).toEqual({
      code: 1,
      said: '.env: FAILED\nlitellm/01ab/config.yaml: FAILED open or read\n',
    });
  });

  test('are looked at when the lock is held, before any step works on them', () => {
    const { actions } = stepOf(update, 'lock');
    expect(actions[0]).toMatchObject({ do: 'hold' });
    expect(actions.slice(3)).toEqual(holdTheSame(servingHost().files));
    expect(actions.slice(3)).toHaveLength(1);
  });

  test('are none on a first deploy', () => {
    expect(stepOf(first, 'lock').actions).toHaveLength(3);
  });

  test('are shown by their hashes, but for the settings, whose values could be guessed from it', () => {
    const { files } = servingHost();
    const shown = planText(update);
    expect(shown).toContain(`| ${files['compose.yaml']!.hash}  /opt/cogni/runtime/compose.yaml`);
    expect(shown).toContain('| [secret hash of .env]  /opt/cogni/runtime/.env');
    expect(shown).not.toContain(files['.env']!.hash);
  });
});
