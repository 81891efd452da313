import { z } from 'zod';
import { UnreadablePlan } from './unreadable';

/** A line of `terraform plan -json` of type `diagnostic`: the only place where a plan's warnings are machine-readable. */
const messageShape = z.looseObject({ type: z.string() });
const diagnosticShape = z.looseObject({
  severity: z.string(),
  summary: z.string(),
  detail: z.string().optional(),
  address: z.string().optional(),
});

/** A warning or an error that Terraform gave while it planned. */
export interface Diagnostic {
  /** `warning` or `error`. */
  readonly severity: string;
  readonly summary: string;
  readonly detail: string;
  /** Address of the resource that it is about; absent where it is about none. */
  readonly address?: string;
}

const next = 'make it with: terraform plan -json -out=<planfile> > messages.jsonl';

/**
 * Reads the diagnostics out of the messages of `terraform plan -json`.
 *
 * @param text JSON lines; other messages than diagnostics are left out
 * @throws UnreadablePlan when a line is not such a message: a warning could be among what cannot be read
 */
export function readDiagnostics(text: string): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const faults: string[] = [];
  let messages = 0;
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (line.trim() === '') continue;
    const message = messageShape.safeParse(tryParse(line));
    if (!message.success) {
      faults.push(`line ${index + 1} is no message of Terraform`);
      continue;
    }
    messages += 1;
    if (message.data.type !== 'diagnostic') continue;
    const diagnostic = diagnosticShape.safeParse(message.data['diagnostic']);
    if (!diagnostic.success) {
      faults.push(`line ${index + 1} is a diagnostic without severity or summary`);
      continue;
    }
    const { severity, summary, detail, address } = diagnostic.data;
    found.push({ severity, summary, detail: detail ?? '', ...(address === undefined ? {} : { address }) });
  }
  if (faults.length > 0)
    throw new UnreadablePlan('the diagnostics cannot be read', next, [
      ...faults.slice(0, 10),
      ...(faults.length > 10 ? [`and ${faults.length - 10} lines more`] : []),
    ]);
  if (messages === 0) throw new UnreadablePlan('the file of diagnostics holds no message at all', next);
  return found;
}

function tryParse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
