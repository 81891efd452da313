import type { Output } from '../foundation/process';
import { reveal } from '../foundation/secret';
import type { Held, RemoteCommand } from './transport';

/** What the program says when it is in place, and the shell around it when it has ended. */
const present = 'cogni-runner';
const gone = 'cogni-runner-ended';

/**
 * Runs each command that it is asked for, at once and beside the others, and answers with how it ended. A request is a
 * line of JSON (`id`, `argv`, `stdin`), an answer too (`id`, `code`, `stdout`, `stderr`). Streams are Latin-1, which is bytes.
 * Fixed. The first line is given back as it came. It ends with its input; what runs then goes on until its deadline, as
 * the command of any SSH session does.
 */
const program = `
import json, subprocess, sys, threading

writing = threading.Lock()

def say(text):
    with writing:
        try:
            sys.stdout.write(text + '\\n')
            sys.stdout.flush()
        except OSError:
            pass

def carry_out(asked):
    try:
        argv = [word.encode() for word in asked['argv']]
        given = asked['stdin'].encode('latin-1')
        ended = subprocess.run(argv, input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        how = {'code': ended.returncode, 'stdout': ended.stdout.decode('latin-1'), 'stderr': ended.stderr.decode('latin-1')}
    except OSError as error:
        how = {'code': 126, 'stdout': '', 'stderr': '%s: %s' % (asked['argv'][0], error.strerror)}
    say(json.dumps({'id': asked['id'], **how}))

say('${present}')
sys.stdout.write(sys.stdin.buffer.readline().decode())
sys.stdout.flush()
for line in iter(sys.stdin.buffer.readline, b''):
    threading.Thread(target=carry_out, args=(json.loads(line),), daemon=True).start()
`;

/** Fixed; `$1` is the program. Where it cannot run, or has ended, the connection is held all the same. */
const around = `command -v python3 > /dev/null && python3 -I -S -c "$1"
echo ${gone}
exec cat`;

/**
 * What holds a connection: it gives its first line back, stays until its input ends, and runs commands where the host
 * has Python 3 (every host that cloud-init has set up).
 */
export const runnerArgv: RemoteCommand['argv'] = ['sh', '-c', around, 'sh', program];

interface Answer {
  readonly id: number;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs commands by the program that holds the connection. A session of their own costs each of them several processes
 * here and on the host, more than most of them do themselves.
 */
export class SshRunner {
  /** It is in place. */
  private ready = false;
  private held: Pick<Held, 'send'> | undefined;
  private next = 1;
  private rest = '';
  private readonly waiting = new Map<number, (output: Output) => void>();

  /** Hands over what the program prints. */
  take(chunk: string): void {
    const lines = (this.rest + chunk).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === present) this.ready = true;
      else if (line === gone) this.ended();
      else if (this.ready && line.startsWith('{')) this.answered(JSON.parse(line) as Answer);
    }
  }

  /** From now on commands can be sent, where the program is there. */
  over(held: Pick<Held, 'send' | 'ended'>): void {
    this.held = held;
    void held.ended.then(() => this.ended());
  }

  get available(): boolean {
    return this.ready && this.held !== undefined;
  }

  /**
   * @param stdin its whole input: in no argument, and in no file
   * @param deadline milliseconds until this side gives the command up; the command itself keeps its own on the host
   * @param signal aborted: this side does not wait any longer
   * @returns how it ended; without an exit code where that is not known
   */
  run({ argv, stdin = '', deadline }: RemoteCommand, signal?: AbortSignal): Promise<Output> {
    return new Promise((resolve) => {
      const id = this.next++;
      const asked = performance.now();
      const give = (how: Partial<Output>): void => settle({ ...unknown, ...how });
      const cancel = (): void => give({ signal: 'SIGTERM' });
      const timer = setTimeout(() => give({ timedOut: true }), deadline);
      const settle = (output: Output): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
        this.waiting.delete(id);
        resolve({ ...output, milliseconds: performance.now() - asked });
      };
      this.waiting.set(id, settle);
      signal?.addEventListener('abort', cancel, { once: true });
      if (signal?.aborted) cancel();
      else this.held?.send(`${JSON.stringify({ id, argv, stdin: latin1(reveal(stdin)) })}\n`);
    });
  }

  private answered({ id, code, stdout, stderr }: Answer): void {
    this.waiting.get(id)?.({
      ...unknown,
      code,
      stdout: utf8(stdout),
      stderr: utf8(stderr),
    });
  }

  private ended(): void {
    this.ready = false;
    for (const settle of [...this.waiting.values()]) {
      settle({ ...unknown, stderr: 'the program that ran it on the host has ended' });
    }
  }
}

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');
const utf8 = (bytes: string): string => Buffer.from(bytes, 'latin1').toString();

/** A command of which nobody knows how it ended. */
const unknown: Output = {
  code: null,
  signal: null,
  stdout: '',
  stderr: '',
  timedOut: false,
  milliseconds: 0,
};
