import { z } from 'zod';
import { tryReadFile, writeAtomically } from '../../foundation/files';
import { conditionIds } from './conditions';
import type { Memory } from './memory';
import type { Message } from './messages';

/** All that a watch keeps: what it remembers of each environment, and what it has not told anybody yet. */
export interface Kept {
  readonly environments: Readonly<Record<string, Memory>>;
  readonly queue: readonly Message[];
}

const track = z.object({
  wrong: z.object({ since: z.number(), looks: z.number() }).optional(),
  right: z.number().optional(),
  open: z.number().optional(),
  counted: z.number().optional(),
});
const keptSchema = z.object({
  v: z.literal(1),
  environments: z.record(
    z.string(),
    z.object({
      at: z.number().optional(),
      tracks: z.partialRecord(z.enum(conditionIds), track),
      marked: z.boolean().optional(),
      excused: z.partialRecord(z.enum(['deploy', 'maintenance']), z.number()),
    }),
  ),
  queue: z.array(z.looseObject({ v: z.literal(1), key: z.string(), status: z.string() })),
});

/** @returns undefined where there is no such file, or it is not one that this program knows: a watch then begins anew */
export function readKept(path: string): Kept | undefined {
  try {
    const read = keptSchema.safeParse(JSON.parse(tryReadFile(path) ?? ''));
    return read.success ? (read.data as unknown as Kept) : undefined;
  } catch {
    return undefined;
  }
}

/** The file is the old one or the new one, whenever this process ends. */
export const writeKept = (path: string, kept: Kept): void =>
  writeAtomically(path, `${JSON.stringify({ v: 1, ...kept })}\n`, 0o600);
