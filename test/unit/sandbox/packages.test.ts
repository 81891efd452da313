import type { Command, Output } from '../../../foundation/process';
import { progressTo, type ProgressEvent } from '../../../foundation/progress';
import { ensurePackages, tryFindProgram, type PackageSystem } from '../../../sandbox/packages';

const ended = (code: number, stdout = '', stderr = ''): Output => ({
  code,
  signal: null,
  stdout,
  stderr,
  timedOut: false,
  milliseconds: 1,
});

/** A machine on which apt-get install brings the programs that `brings` names. */
function machine(options: {
  has: readonly string[];
  isRoot?: boolean;
  brings?: readonly string[];
  answer?: (command: Command, call: number) => Output;
}) {
  const programs = new Set(options.has);
  const commands: Command[] = [];
  const events: ProgressEvent[] = [];
  let now = 0;
  const system: PackageSystem = {
    isRoot: options.isRoot ?? true,
    has: (program) => programs.has(program),
    clock: {
      now: () => new Date(now),
      monotonic: () => now,
      sleep: (milliseconds) => {
        now += milliseconds;
        return Promise.resolve();
      },
    },
    run: (command) => {
      commands.push(command);
      const answer = options.answer?.(command, commands.length) ?? ended(0);
      if (answer.code === 0 && command.argv[1] === 'install')
        options.brings?.forEach((name) => programs.add(name));
      return Promise.resolve(answer);
    },
  };
  const lines = () => commands.map((command) => command.argv.join(' '));
  return { system, commands, events, lines, progress: progressTo((event) => events.push(event)) };
}

const docker = { program: 'dockerd', package: 'docker.io', why: 'the parts of the sandbox are containers' };
const mmdebstrap = { program: 'mmdebstrap', package: 'mmdebstrap', why: 'it makes the hosts' };

describe('packages of the distribution', () => {
  it('are left alone when every program is there', async () => {
    const { system, commands, progress } = machine({ has: ['dockerd'] });
    await ensurePackages([docker], progress, system);
    expect(commands).toEqual([]);
  });

  it('are installed without questions and without recommended packages when root runs this', async () => {
    const { system, lines, commands, progress } = machine({
      has: ['apt-get'],
      brings: ['dockerd', 'mmdebstrap'],
    });
    await ensurePackages([docker, mmdebstrap], progress, system);
    expect(lines()).toEqual([
      'apt-get update -q',
      'apt-get install -y -q --no-install-recommends -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold docker.io mmdebstrap',
    ]);
    expect(commands[1]?.env).toMatchObject({ DEBIAN_FRONTEND: 'noninteractive' });
    expect(commands.every((command) => command.deadline > 0)).toBe(true);
  });

  it('are announced, each with the program that is missing and why it is needed', async () => {
    const { system, events, progress } = machine({ has: ['apt-get'], brings: ['dockerd'] });
    await ensurePackages([docker], progress, system);
    expect(events).toContainEqual({
      kind: 'note',
      text: 'dockerd is missing: the parts of the sandbox are containers',
    });
    expect(events).toContainEqual({ kind: 'step', name: 'apt-get install docker.io', why: docker.why });
  });

  it('that only root may install are one failure with all of them and the exact line', async () => {
    const { system, commands, progress } = machine({ has: ['apt-get'], isRoot: false });
    await expect(ensurePackages([docker, mmdebstrap], progress, system)).rejects.toMatchObject({
      faults: [
        'dockerd (package docker.io): the parts of the sandbox are containers',
        'mmdebstrap (package mmdebstrap): it makes the hosts',
      ],
      next: 'sudo apt-get update && sudo apt-get install -y --no-install-recommends docker.io mmdebstrap, then run this again',
    });
    expect(commands).toEqual([]);
  });

  it('cannot be installed where there is no apt-get, and the failure says so', async () => {
    const { system, progress } = machine({ has: [] });
    await expect(ensurePackages([docker], progress, system)).rejects.toThrow(
      /no apt-get[\s\S]*dockerd \(package docker\.io\)/,
    );
  });

  it('wait for another package manager to release its lock', async () => {
    const { system, lines, events, progress } = machine({
      has: ['apt-get'],
      brings: ['dockerd'],
      answer: (_command, call) =>
        call < 3
          ? ended(100, '', 'E: Could not get lock /var/lib/apt/lists/lock. It is held by process 7')
          : ended(0),
    });
    await ensurePackages([docker], progress, system);
    expect(lines().filter((line) => line.startsWith('apt-get update'))).toHaveLength(3);
    expect(events.filter((event) => event.kind === 'note' && event.text.startsWith('waiting'))).toHaveLength(
      1,
    );
  });

  it('stop waiting for the lock after ten minutes and show what apt-get said', async () => {
    const { system, progress } = machine({
      has: ['apt-get'],
      answer: () => ended(100, '', 'E: Could not get lock /var/lib/dpkg/lock-frontend'),
    });
    await expect(ensurePackages([docker], progress, system)).rejects.toThrow(
      /installing docker\.io[\s\S]*Could not get lock/,
    );
    expect(system.clock.monotonic()).toBeGreaterThanOrEqual(2 * 600_000);
  });

  it('are taken by the name that this distribution has for them', async () => {
    const { system, lines, progress } = machine({
      has: ['apt-get'],
      brings: ['docker'],
      answer: (command) =>
        ended(
          0,
          command.argv[2] === 'docker-cli' ? 'docker-cli:\n  Candidate: (none)\n' : '  Candidate: 20.10\n',
        ),
    });
    await ensurePackages(
      [{ ...docker, program: 'docker', package: 'docker-cli | docker.io' }],
      progress,
      system,
    );
    expect(lines().at(-1)).toMatch(/ docker\.io$/);
  });

  it('that were installed without bringing the program are a failure that names it', async () => {
    const { system, progress } = machine({ has: ['apt-get'] });
    await expect(ensurePackages([docker], progress, system)).rejects.toThrow(
      /still not everything[\s\S]*dockerd/,
    );
  });
});

describe('a program', () => {
  it('is found on PATH', () => {
    expect(tryFindProgram('sh')).toMatch(/^\/.*\/sh$/);
  });

  it('may be a file named by its absolute path', () => {
    expect(tryFindProgram(__filename)).toBe(__filename);
    expect(tryFindProgram(`${__filename}.none`)).toBeUndefined();
  });

  it('that is nowhere is undefined', () => {
    expect(tryFindProgram('no-such-program-anywhere')).toBeUndefined();
  });
});
