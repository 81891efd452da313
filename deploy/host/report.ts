import { z } from 'zod';
import { hostLayout, phases, type Phase } from '../../bootstrap';
import type { RemoteCommand } from '../transport';

/** Lines of its own log that a host sends. */
const logLines = 60;

/** Between the sections: ASCII's record separator, which no log line and no JSON holds. */
const separator = '\x1e';

/**
 * Asks a host how far its bootstrap is. One shell that only reads; every word of it is fixed. It must work for the
 * deploy user before it may use sudo, and with a full disk. The markers are read after what says that the script is over,
 * so that one which ends meanwhile is never taken for one that left none.
 */
export const reportScript = `
section() { printf '${separator}%s\\n' "$1"; }
section running; pid=$(cat ${hostLayout.memory}/pid 2>/dev/null) && tr '\\0' ' ' 2>/dev/null <"/proc/$pid/cmdline"
section cloud-init; cat /run/cloud-init/result.json 2>/dev/null
section cloud-init-unit; systemctl show --property=ActiveState --value cloud-final.service 2>/dev/null
section ok; cat ${hostLayout.ok} 2>/dev/null
section fail; cat ${hostLayout.memory}/bootstrap.fail ${hostLayout.fail} 2>/dev/null
section log
for log in ${hostLayout.memory}/bootstrap.log ${hostLayout.log} /var/log/cloud-init-output.log; do
  if [ -s "$log" ]; then tail -n ${logLines} "$log"; break; fi
done
`;

/** {@link reportScript} as a command. */
export const reportCommand: RemoteCommand = { argv: ['sh', '-s'], stdin: reportScript, deadline: 20_000 };

const successSchema = z.object({
  /** UTC, ISO 8601. */
  time: z.string(),
  /** SHA-256 of what it was brought to: `revisionOf` its needs. */
  document: z.string(),
  /** Files of the running edge that are otherwise than that; from a bootstrap that did not note them, none. */
  edgeDiffers: z.array(z.string()).default([]),
  versions: z.record(z.string(), z.string()),
  /** What each phase took. */
  milliseconds: z.record(z.string(), z.number()),
});

/** What the host says when all is done (`bootstrap.ok`). */
export type Success = z.infer<typeof successSchema>;

const phaseFailureSchema = z.object({
  time: z.string(),
  document: z.string(),
  phase: z.string(),
  exitCode: z.number(),
  /** The command that failed, or what it found. */
  command: z.string(),
});

/** What the host says when a phase failed (`bootstrap.fail`). */
export type PhaseFailure = z.infer<typeof phaseFailureSchema>;

/** What cloud-init writes when it has ended (`/run/cloud-init/result.json`). */
const cloudInitSchema = z.object({ v1: z.object({ errors: z.array(z.string()) }) });

export interface HostReport {
  readonly ok: Success | undefined;
  readonly fail: PhaseFailure | undefined;
  /** The script is at work now. */
  readonly running: boolean;
  /** cloud-init has ended, however. */
  readonly cloudInitEnded: boolean;
  readonly cloudInitErrors: readonly string[];
  /** The phase that its log names last. */
  readonly phase: Phase | undefined;
  /** End of the host's own log. */
  readonly log: string;
}

/** The parts of what a question with sections printed, by name. */
export const sectionsOf = (stdout: string): ReadonlyMap<string, string> =>
  new Map(
    stdout.split(separator).map((section) => {
      const end = section.indexOf('\n');
      return [section.slice(0, end), section.slice(end + 1)] as const;
    }),
  );

/** Reads what {@link reportCommand} printed. A marker that is not whole (just being written) counts as none. */
export function parseReport(stdout: string): HostReport {
  const sections = sectionsOf(stdout);
  const cloudInit = sections.get('cloud-init') ?? '';
  const log = (sections.get('log') ?? '').trimEnd();
  return {
    ok: tryMarker(successSchema, sections.get('ok')),
    fail: tryMarker(phaseFailureSchema, sections.get('fail')),
    running: (sections.get('running') ?? '').includes(hostLayout.script),
    // With a full disk cloud-init cannot write its result; systemd still knows that its last stage is over.
    cloudInitEnded:
      cloudInit.trim() !== '' ||
      ['active', 'failed'].includes((sections.get('cloud-init-unit') ?? '').trim()),
    cloudInitErrors: tryParse(cloudInitSchema, cloudInit)?.v1.errors ?? [],
    phase: lastPhase(log),
    log,
  };
}

/** A marker is one line; the failure marker may come twice. One that is not whole is none. */
const tryMarker = <T>(schema: z.ZodType<T>, text: string | undefined): T | undefined =>
  tryParse(schema, (text ?? '').split('\n', 1)[0] ?? '');

function tryParse<T>(schema: z.ZodType<T>, text: string): T | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function lastPhase(log: string): Phase | undefined {
  const named = [...log.matchAll(/^\S+ phase (\S+) (?:begins|done|failed)/gm)].at(-1)?.[1];
  return phases.find((phase) => phase === named);
}
