import { z } from 'zod';
import { whileInputIsOpen, type AttachedCommand } from './attach';

/**
 * Runs the programs that are its arguments (argv arrays, as JSON) at once, and prints a line of JSON for each line of theirs
 * (`program`, its number; `stream`; `text`), and one at the end of each (`program`, `code`). Fixed.
 *
 * Asked to end, it ends all of them: they are of its own process group, so that none is missed that was just started.
 */
const program = `
import json, os, signal, subprocess, sys, threading

def end(*_):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    os._exit(143)

os.setpgid(0, 0)
signal.signal(signal.SIGTERM, end)
writing = threading.Lock()

def say(**what):
    line = (json.dumps(what) + '\\n').encode()
    with writing:
        try:
            while line:
                line = line[os.write(1, line):]
        except OSError:
            os.kill(os.getpid(), signal.SIGTERM)

def begin(number, argv):
    try:
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except OSError as error:
        say(program=number, stream='stderr', text='%s: %s' % (argv[0], error.strerror))
        say(program=number, code=127)

def pass_on(number, stream, pipe):
    for line in pipe:
        say(program=number, stream=stream, text=line.decode('utf-8', 'replace').rstrip('\\n'))

started = [begin(number, json.loads(argv)) for number, argv in enumerate(sys.argv[1:])]

def follow(number, child):
    errors = threading.Thread(target=pass_on, args=(number, 'stderr', child.stderr), daemon=True)
    errors.start()
    pass_on(number, 'stdout', child.stdout)
    errors.join()
    code = child.wait()
    say(program=number, code=code if code >= 0 else 128 - code)

threads = [threading.Thread(target=follow, args=one, daemon=True) for one in enumerate(started) if one[1]]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
`;

/**
 * One command that runs several programs at once, until its standard input ends: sshd allows ten sessions on a connection
 * (sshd_config(5), MaxSessions), and a host may have more containers. What it prints is for {@link readSideBySide}.
 *
 * @param programs their argv arrays; they get no standard input
 */
export const sideBySide = (programs: readonly AttachedCommand['argv'][]): AttachedCommand['argv'] =>
  whileInputIsOpen(
    ...(['python3', '-I', '-S', '-c', program] as const),
    ...programs.map((argv) => JSON.stringify(argv)),
  );

/** A line that one of several programs has printed. */
export interface ProgramLine {
  /** Its place among them, from 0. */
  readonly program: number;
  readonly stream: 'stdout' | 'stderr';
  /** Without its line break. */
  readonly text: string;
}

const saidSchema = z.union([
  z.object({ program: z.number(), stream: z.enum(['stdout', 'stderr']), text: z.string() }),
  z.object({ program: z.number(), code: z.number() }),
]);

/** Reads what {@link sideBySide} prints, chunk by chunk. */
export function readSideBySide(onLine: (line: ProgramLine) => void): {
  readonly take: (chunk: string) => void;
  /** Exit codes of the programs that have ended, by number. */
  readonly codes: ReadonlyMap<number, number>;
} {
  const codes = new Map<number, number>();
  let rest = '';
  return {
    codes,
    take: (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        // What the login shell says of itself.
        if (!line.startsWith('{')) continue;
        const said = saidSchema.parse(JSON.parse(line));
        if ('code' in said) codes.set(said.program, said.code);
        else onLine(said);
      }
    },
  };
}
