import type { Output } from '../foundation/process';
import { reveal } from '../foundation/secret';
import type { Held, RemoteCommand } from './transport';

/** What the program says when it is in place, and the shell around it when it has ended. */
const present = 'cogni-runner';
const gone = 'cogni-runner-ended';

/**
 * Runs each command that it is asked for, at once and beside the others, and answers with how it ended. A request is a
 * line of JSON (`id`, `argv`, `stdin`), an answer too (`id`, `code`, `stdout`, `stderr`). Streams are Latin-1, which is bytes.
 * Fixed. The first line is given back as it came.
 *
 * It ends with its input. What runs then goes on to its end, or to its deadline: it has all of its input, and nobody is needed to take
 * what it prints, since both are files in memory (memfd_create(2), Python 3.8; an older one runs nothing). With pipes it would die of
 * the next line that it prints: a container that is being replaced could stay between the old one and the new.
 */
const program = `
import json, os, subprocess, sys, threading

writing = threading.Lock()

def say(text):
    with writing:
        try:
            sys.stdout.write(text + '\\n')
            sys.stdout.flush()
        except OSError:
            pass

def carry_out(asked):
    files = []
    def in_memory(content=b''):
        files.append(os.fdopen(os.memfd_create('cogni'), 'w+b'))
        files[-1].write(content)
        files[-1].seek(0)
        return files[-1]
    def read(file):
        file.seek(0)
        return file.read().decode('latin-1')
    try:
        argv = [word.encode() for word in asked['argv']]
        given, out, err = in_memory(asked['stdin'].encode('latin-1')), in_memory(), in_memory()
        ended = subprocess.run(argv, stdin=given, stdout=out, stderr=err)
        how = {'code': ended.returncode, 'stdout': read(out), 'stderr': read(err)}
    except OSError as error:
        how = {'code': 126, 'stdout': '', 'stderr': '%s: %s' % (asked['argv'][0], error.strerror)}
    finally:
        for file in files:
            file.close()
    say(json.dumps({'id': asked['id'], **how}))

os.memfd_create
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
   * @param stdin its whole input: in no argument, and in no file of a disk
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
