import { execFileSync } from 'node:child_process';
import { writeCommands } from '../../../deploy/archive';
import { reveal } from '../../../foundation/secret';
import type { RemoteCommand } from '../../../deploy/transport';
import { stepOf, update } from '../../unit/deploy/rolling/plan-reading';

/**
 * Runs commands over a disk of some kilobytes that nobody else sees: a mount of its own over /opt. Each item of standard input is a list that
 * ends with the first command that fails, as a step does, or that goes on, as what takes it back does.
 */
const program = `
const { spawnSync } = require('node:child_process');
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { size, files, looked, work } = JSON.parse(readFileSync(0, 'utf8'));
const run = (argv, input) => spawnSync(argv[0], argv.slice(1), { input: Buffer.from(input ?? '', 'latin1') });
const mounted = run(['mount', '-t', 'tmpfs', '-o', 'size=' + size, 'small', '/opt']);
if (mounted.status !== 0) throw new Error(String(mounted.stderr));
for (const [path, content] of Object.entries(files)) {
  mkdirSync(path.replace(/\\/[^/]*$/, ''), { recursive: true });
  writeFileSync(path, content);
}
const failed = [];
for (const { commands, fill, goesOn } of work) {
  if (fill) run(['dd', 'if=/dev/zero', 'of=/opt/filled', 'bs=4096']);
  for (const { argv, stdin } of commands) {
    const { status, stderr } = run(argv, stdin);
    if (status !== 0) failed.push(argv[0] + ': ' + String(stderr).trim());
    if (status !== 0 && !goesOn) break;
  }
}
const now = Object.fromEntries(looked.map((path) => [path, readFileSync(path, 'utf8')]));
process.stdout.write(JSON.stringify({ failed, now }));
`;

interface Work {
  readonly commands: readonly RemoteCommand[];
  /** The disk is full from here on. */
  readonly fill?: boolean;
  readonly goesOn?: boolean;
}

const upstream = '/opt/cogni/edge/caddy/upstream/active';
const runtime = '/opt/cogni/runtime';
const before = {
  [upstream]: 'cogni-app-a\n',
  [`${runtime}/compose.yaml`]: 'what serves\n',
  [`${runtime}/.env`]: 'A=what serves\n',
};
const staged = {
  [`${runtime}/.next/compose.yaml`]: 'what comes\n',
  [`${runtime}/.next/.env`]: 'A=what comes\n',
};

const on = (
  work: readonly Work[],
  files: Readonly<Record<string, string>>,
): { failed: readonly string[]; now: Readonly<Record<string, string>> } => {
  const input = JSON.stringify({
    size: '64k',
    files,
    looked: Object.keys(before),
    work: work.map(({ commands, ...rest }) => ({
      ...rest,
      commands: commands.map(({ argv, stdin = '' }) => ({
        argv,
        stdin: Buffer.from(reveal(stdin)).toString('latin1'),
      })),
    })),
  });
  const argv = ['--user', '--map-root-user', '--mount', process.execPath, '-e', program];
  return JSON.parse(execFileSync('unshare', argv, { input, encoding: 'utf8' })) as ReturnType<typeof on>;
};

/** What the actions of a step run, of those that touch nothing but files. */
const actionsOf = (id: string): readonly RemoteCommand[] =>
  stepOf(update, id)
    .actions.flatMap((action) =>
      action.do === 'write' ? writeCommands(action) : 'command' in action ? [action.command] : [],
    )
    .filter(({ argv }) => argv[0] !== 'docker');
const undoOf = (id: string): Work => ({ commands: stepOf(update, id).undo ?? [], goesOn: true });

describe('a disk of a host that is full', () => {
  /** `stage` makes the copy that going back needs; its files are there. */
  const copied: Work = { commands: actionsOf('stage').filter(({ argv }) => argv[0] === 'cp') };

  it('when requests are to be sent to the new version, leaves them with the old one', () => {
    const { failed, now } = on(
      [copied, { commands: actionsOf('switch'), fill: true }, undoOf('switch')],
      before,
    );
    expect(failed).toEqual([expect.stringMatching(/^tar: [^]*No space left on device/)]);
    expect(now).toEqual(before);
  });

  it('when the release is to be recorded, keeps nothing from being taken back', () => {
    const { failed, now } = on(
      [
        copied,
        ...['switch', 'keep', 'promote'].map((id): Work => ({ commands: actionsOf(id) })),
        { commands: [], fill: true },
        undoOf('promote'),
        undoOf('switch'),
      ],
      { ...before, ...staged },
    );
    expect({ failed, now }).toEqual({ failed: [], now: before });
  });
});
