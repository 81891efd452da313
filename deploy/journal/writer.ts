import type { Clock } from '../../foundation/clock';
import { isHeld, type RemoteCommand, type Transport } from '../transport';
import { renderLine, type RunEvent } from './event';

/** Milliseconds until the journal must have taken its first line. */
const openDeadline = 20_000;

/** How far a journal grows, and how many older files are kept beside it. A deploy writes about 5 KiB. */
export const journalLimits = { bytes: 512 * 1024, keep: 3 } as const;

/**
 * Appends each line of its input to a file, and answers each: `written` once it is on the disk (`conv=fsync`), or `lost`
 * with the reason, after which it goes on. Fixed; `$1` is the file, `$2` the size in bytes from which it is rotated when
 * this begins, `$3` how many older files are kept.
 *
 * Runs that write at the same time do not cut each other's lines: each is one write to a file opened for appending. A
 * line that was cut off (full disk) is ended before the next one. Rotation is done by one at a time, which holds the folder.
 */
const appendLines = `
umask 022
exec 9<"\${1%/*}" && flock --timeout 10 9
size=$(stat --format=%s -- "$1" 2>/dev/null || echo 0)
if [ "$size" -ge "$2" ]; then
  to=$3
  while [ "$to" -gt 1 ]; do
    from=$((to - 1))
    [ ! -e "$1.$from" ] || mv --force -- "$1.$from" "$1.$to"
    to=$from
  done
  mv --force -- "$1" "$1.1"
fi
exec 9<&-
while IFS= read -r line; do
  start=
  [ -z "$(tail --bytes=1 -- "$1" 2>/dev/null)" ] || start='\\n'
  if why=$(printf "$start%s\\n" "$line" |
    dd bs=64K iflag=fullblock oflag=append conv=notrunc,fsync status=none of="$1" 2>&1); then
    echo written
  else
    printf 'lost %s\\n' "$(printf '%s' "$why" | head --lines=1)"
  fi
done
`;

/** The command that keeps a journal: its input is the lines. */
export const journalCommand = (
  file: string,
  limits: { readonly bytes: number; readonly keep: number } = journalLimits,
): Omit<RemoteCommand, 'stdin'> => ({
  argv: ['sh', '-c', appendLines, 'cogni-journal', file, String(limits.bytes), String(limits.keep)],
  deadline: openDeadline,
});

/** A run's hand on the journal of its host. */
export interface Journal {
  /**
   * The first line is on the disk, or it is known why not.
   *
   * @throws ConnectionLost
   */
  readonly opened: Promise<void>;
  /** Appends a line, without waiting: it goes over a session that is open anyway. */
  add(event: RunEvent): void;
  /**
   * Waits until everything is on the disk, or is known not to be.
   *
   * @returns why the journal lacks something; undefined when it has all of it
   */
  close(): Promise<string | undefined>;
}

/**
 * Opens the journal with its first line, and does not wait for it: that takes a session, which can be opened while
 * something else is done ({@link Journal.opened}). Later lines cost no round trip. They have the time at which they were
 * added, and are written in order by a process that is held on the connection, and fsync'ed one by one.
 *
 * A journal that cannot be written makes no run fail, because the release is worth more than the note of it: what is
 * lost is told once to `onProblem` when it happens, and again by {@link Journal.close}.
 */
export function openJournal(
  props: { readonly file: string; readonly run: string; readonly first: RunEvent },
  adapters: {
    readonly transport: Transport;
    readonly clock: Clock;
    readonly onProblem: (why: string) => void;
  },
): Journal {
  const { transport, clock } = adapters;
  const line = (event: RunEvent): string =>
    renderLine({ run: props.run, at: clock.now().toISOString(), event });
  const answers = new Answers(adapters.onProblem);
  const opening = transport.hold(
    { ...journalCommand(props.file), stdin: line(props.first) },
    {
      onOutput: (chunk, stream) => {
        if (stream === 'stdout') answers.take(chunk);
      },
    },
  );
  answers.sent = 1;
  const writer = opening.then((held) => {
    if (isHeld(held)) return held;
    answers.lost(held.stderr.trim().split('\n', 1)[0] || `its writer ended with ${held.code ?? 'a signal'}`);
    return undefined;
  });
  const opened = writer.then(() => undefined);
  // Whoever waits for it hears of a lost connection; where nobody does, so does the next command.
  opened.catch(() => undefined);
  return {
    opened,
    add: (event) => {
      const text = line(event);
      answers.sent += 1;
      writer.then(
        (held) => held?.send(text),
        () => undefined,
      );
    },
    close: async () => {
      const held = await writer.catch(() => undefined);
      await held?.release();
      if (answers.written < answers.sent) answers.lost('its writer was cut off');
      return answers.problem;
    },
  };
}

/** What the writer says of the lines that it was given. */
class Answers {
  sent = 0;
  written = 0;
  /** The first thing that went wrong. */
  problem: string | undefined;
  private rest = '';

  constructor(private readonly onProblem: (why: string) => void) {}

  take(chunk: string): void {
    const lines = (this.rest + chunk).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === 'written') this.written += 1;
      else this.lost(line.replace(/^lost /, ''));
    }
  }

  lost(why: string): void {
    if (this.problem !== undefined) return;
    this.problem = why;
    this.onProblem(why);
  }
}
